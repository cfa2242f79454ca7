"""The blank form of an invoice: who bills whom on which terms, as customer and settings are now. Of lines it knows nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chalicelib.domain.customer import Customer
from chalicelib.domain.designs import template_of
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.snapshots import build_customer_snapshot, build_operator_snapshot


def blank_invoice(
    customer: Customer, settings: OperatorSettings, *, invoice_id: str, invoice_date: date, at: datetime
) -> Invoice:
    """A draft without lines, made at an instant; due when the customer's terms say so."""
    return Invoice(
        id=invoice_id,
        customer_id=customer.id,
        customer=build_customer_snapshot(customer),
        operator=build_operator_snapshot(settings),
        currency=customer.currency,
        invoice_date=invoice_date,
        due_date=invoice_date + timedelta(days=customer.invoice_due_days),
        line_grouping=customer.line_grouping or settings.line_grouping,
        tax_rounding=settings.tax_rounding,
        prices_include_tax=settings.prices_include_tax,
        notes=settings.invoice_notes,
        template=template_of(customer, settings),
        created_at=at,
    )
