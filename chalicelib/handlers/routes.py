"""Every resource the API has: add a module's `api` here, and it is routed, documented and covered by the access tests."""

from __future__ import annotations

from chalicelib.handlers import (
    accounts,
    allocations,
    api_keys,
    assignments,
    audit,
    bank_statements,
    billing_runs,
    credit_notes,
    customer_billing,
    customers,
    health,
    invoice_documents,
    invoice_emails,
    invoice_lists,
    invoices,
    packages,
    payments,
    reconciliation,
    reports,
    settings,
    usage,
    webhook_deliveries,
    webhooks,
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
    credit_notes.api,
    invoice_emails.api,
    invoice_lists.api,
    payments.api,
    allocations.api,
    bank_statements.api,
    accounts.api,
    reports.api,
    reconciliation.api,
    audit.api,
    usage.api,
    webhooks.api,
    webhook_deliveries.api,
)

BLUEPRINTS = (*RESOURCES, document(RESOURCES))
