"""What a credit note does to the account: it lowers what its invoice owes, and what exceeds that is the customer's credit.

Such credit is kept as a payment that names its credit note, so it can be allocated, refunded and counted like money that came in.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.money import ZERO
from chalicelib.domain.payment import Payment, PaymentState

METHOD = "credit_note"
"""The method of a payment that a credit note gave."""


def apply_credit(invoice: Invoice, note: Invoice) -> Invoice:
    """The invoice after the credit note; what was paid too much by now is refunded to the customer's credit."""
    excess = calculate_excess(invoice, note)
    return replace(
        invoice,
        amount_credited=invoice.amount_credited + note.total,
        amount_refunded=invoice.amount_refunded + excess,
        credit_note_ids=(*invoice.credit_note_ids, note.id),
    )


def calculate_excess(invoice: Invoice, note: Invoice) -> Decimal:
    """What the credit note takes back beyond what its invoice owes."""
    return max(ZERO, note.total - invoice.amount_due)


def build_credit(note: Invoice, amount: Decimal, payment_id: str) -> Payment:
    """The customer's credit of an issued credit note, known from the instant of its issue."""
    at = note.issued_at or note.created_at
    return Payment(
        id=payment_id,
        customer_id=note.customer_id,
        amount=amount,
        currency=note.currency,
        date=note.invoice_date,
        method=METHOD,
        reference=note.number or "",
        status=PaymentState.COMPLETED,
        created_at=at,
        updated_at=at,
        completed_at=at,
        credit_note_id=note.id,
    )


def is_credit_alone(document: Invoice) -> bool:
    """Whether the document is an issued credit note that has no invoice, as runs make where a total is negative."""
    is_issued_note = document.kind is InvoiceKind.CREDIT_NOTE and document.status is InvoiceStatus.ISSUED
    return is_issued_note and document.original_invoice_id is None
