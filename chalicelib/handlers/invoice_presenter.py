"""Invoices as clients see them: the whole document, and the row of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice import (
    CustomerSnapshot,
    Invoice,
    InvoiceKind,
    InvoiceSource,
    InvoiceStatus,
    Line,
    PaymentStatus,
    PdfStatus,
    PrintedPeriod,
)
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.money import quantise
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.periods import local_date
from chalicelib.domain.tax import TaxGroup, TaxRounding
from chalicelib.services.e_invoice_gaps import list_gaps
from chalicelib.services.reminding import Reminder

Due = Annotated[
    Decimal,
    Field(
        description="total − paid − credited, whatever the document is. It is owed of issued invoices only: "
        "nothing is owed of drafts, void documents and credit notes (what these take back lowers their invoice)."
    ),
]


class InvoiceRow(BaseModel):
    """An invoice or credit note in a list. `payment_status` is null unless it is an issued invoice."""

    id: str
    kind: InvoiceKind
    number: str | None
    status: InvoiceStatus
    payment_status: PaymentStatus | None
    overdue: bool
    revision: int
    customer_id: str
    customer_name: str
    currency: str
    invoice_date: date
    due_date: date
    period: PrintedPeriod | None
    total: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    amount_refunded: Decimal
    amount_due: Due


class InvoiceAnswer(BaseModel):
    """An invoice or credit note. `actions` names what may be done to it now; `reminders` are those of its due date.

    `e_invoice_gaps`: what keeps it from being the e-invoice that its customer asked for; of a draft, what issuing now would find.
    """

    id: str
    kind: InvoiceKind
    number: str | None
    status: InvoiceStatus
    payment_status: PaymentStatus | None
    overdue: bool
    revision: int
    customer_id: str
    customer: CustomerSnapshot
    operator: OperatorSnapshot
    currency: str
    invoice_date: date
    due_date: date
    period: PrintedPeriod | None
    line_grouping: LineGrouping | None
    tax_rounding: TaxRounding
    prices_include_tax: bool
    lines: list[Line]
    taxes: list[TaxGroup]
    subtotal: Decimal
    tax_total: Decimal
    total: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    amount_refunded: Decimal
    amount_due: Due
    notes: str
    buyer_reference: str
    reason: str
    original_invoice_id: str | None
    original_invoice_number: str | None
    original_invoice_date: date | None
    credit_note_ids: list[str]
    template: str
    source: InvoiceSource
    pdf_status: PdfStatus
    pdf_error: str
    reminders: list[Reminder]
    e_invoice_gaps: list[Issue]
    actions: list[str]
    version: int
    created_at: datetime
    issued_at: datetime | None
    revised_at: datetime | None
    voided_at: datetime | None


AMOUNTS = ("subtotal", "tax_total", "total", "amount_paid", "amount_credited", "amount_refunded", "amount_due")
DERIVED = frozenset({"payment_status", "overdue", "amount_due", "actions", "reminders", "e_invoice_gaps"})
"""Fields of the answer that the invoice does not store."""


def present_invoice(
    invoice: Invoice,
    as_of: datetime,
    actions: Sequence[str] = (),
    reminders: Sequence[Reminder] = (),
    gaps: Sequence[Issue] | None = None,
) -> dict[str, Any]:
    """The whole document, amounts with the currency's digits; whether it is overdue counts by the day in the customer's zone.

    `gaps` are those of what is frozen, or was just made, unless given.
    """
    stored = {name: getattr(invoice, name) for name in InvoiceAnswer.model_fields if name not in DERIVED}
    payable = invoice.status is InvoiceStatus.ISSUED and invoice.kind is InvoiceKind.INVOICE
    return {
        **stored,
        "payment_status": invoice.payment_status if payable else None,
        "overdue": invoice.is_overdue(local_date(as_of, invoice.customer.timezone)),
        **{name: quantise(getattr(invoice, name), invoice.currency) for name in AMOUNTS},
        "actions": list(actions),
        "reminders": list(reminders),
        "e_invoice_gaps": list_gaps(invoice) if gaps is None else list(gaps),
    }


def present_row(row: InvoiceSummary, as_of: datetime) -> dict[str, Any]:
    """The row of a list."""
    shown = {name: getattr(row, name) for name in InvoiceRow.model_fields if name != "overdue"}
    return {**shown, "overdue": row.is_overdue(as_of)}
