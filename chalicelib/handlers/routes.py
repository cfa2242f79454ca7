"""Every resource the API has: add a module's `api` here, and it is routed, documented and covered by the access tests."""

from __future__ import annotations

from chalicelib.handlers import (
    accounts,
    allocations,
    api_keys,
    assignments,
    bank_statements,
    billing_runs,
    customer_billing,
    customers,
    health,
    invoice_documents,
    invoice_lists,
    invoices,
    packages,
    payments,
    reconciliation,
    reports,
    settings,
    usage,
)
from chalicelib.handlers.documentation import document

RESOURCES = (
    health.api,
    api_keys.api,
    settings.api,
    customers.api,
    customer_billing.api,
    billing_runs.api,
    packages.api,
    assignments.api,
    invoices.api,
    invoice_documents.api,
    invoice_lists.api,
    payments.api,
    allocations.api,
    bank_statements.api,
    accounts.api,
    reports.api,
    reconciliation.api,
    usage.api,
)

BLUEPRINTS = (*RESOURCES, document(RESOURCES))
