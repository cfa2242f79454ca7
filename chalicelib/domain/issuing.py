"""Issuing and voiding: what becomes of the invoice. The store takes the number; whether the state allows it is in `states`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.customer import Customer
from chalicelib.domain.designs import template_of
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.line_rules import validate_total
from chalicelib.domain.operator import OperatorSettings, Series
from chalicelib.domain.snapshots import build_customer_snapshot, build_operator_snapshot


def plan_issue(draft: Invoice, customer: Customer, settings: OperatorSettings, *, at: datetime, change_id: str) -> Invoice:
    """The draft as issued, still without number: customer and operator as they are now, for ever.

    Raises Invalid for a document without lines, or one whose total is negative.
    """
    issues = validate_total(draft.total)
    if not draft.lines:
        issues.append(Issue("lines", "required", "A document without lines cannot be issued."))
    if issues:
        raise Invalid.of(*issues)
    return replace(
        freeze_parties(draft, customer, settings),
        status=InvoiceStatus.ISSUED,
        issued_at=at,
        pdf_status=PdfStatus.RENDERING,
        pdf_error="",
        change_id=change_id,
    )


def freeze_parties(draft: Invoice, customer: Customer, settings: OperatorSettings) -> Invoice:
    """The draft with customer, operator and design as they are now: what issuing it freezes."""
    return replace(
        draft,
        customer=build_customer_snapshot(customer),
        operator=build_operator_snapshot(settings),
        template=template_of(customer, settings),
    )


def plan_void(issued: Invoice, *, at: datetime, change_id: str) -> Invoice:
    """The invoice as void: it keeps its number, and remembers the days that are free again.

    A revision of its own, so that the paper marked void does not take the place of the one the customer got.
    """
    return replace(
        issued,
        status=InvoiceStatus.VOID,
        revision=issued.revision + 1,
        voided_at=at,
        pdf_status=PdfStatus.RENDERING,
        pdf_error="",
        change_id=change_id,
    )


def series_of(invoice: Invoice, settings: OperatorSettings) -> Series:
    """The series that numbers the document."""
    return settings.credit_note_series if invoice.kind is InvoiceKind.CREDIT_NOTE else settings.invoice_series
