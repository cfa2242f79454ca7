"""What a customer owes and has now."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.domain.balance import calculate_balance
from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.payment import PaymentState
from tests.support.builders import NOW, TODAY, a_payment, a_summary


def a_row(due: str = "12.00", **fields: Any) -> InvoiceSummary:
    """An issued invoice that still owes 12.00 and is due today."""
    return a_summary(**{"amount_due": Decimal(due), "due_date": TODAY, **fields})


def test_issued_invoices_are_owed_and_completed_payments_are_credit() -> None:
    """Drafts, void documents and pending payments are neither."""
    rows = [
        a_row(),
        a_row("3.00", due_date=date(2026, 11, 14)),
        a_row(status=InvoiceStatus.DRAFT, state="draft"),
        a_row(status=InvoiceStatus.VOID, state="void"),
        a_row(kind=InvoiceKind.CREDIT_NOTE, status=InvoiceStatus.DRAFT, state="draft"),
    ]
    payments = [a_payment(allocated=Decimal("2.00"), refunded=Decimal("1.00")), a_payment(status=PaymentState.PENDING)]

    found = calculate_balance("EUR", rows, payments, NOW)

    amounts = (found.due, found.overdue, found.unallocated, found.balance)
    assert amounts == (Decimal("15.00"), Decimal("3.00"), Decimal("9.00"), Decimal("6.00"))


def test_credit_notes_are_credit_by_the_payments_that_they_gave() -> None:
    """A note of no invoice gave all, one that lowered what an invoice owes nothing, one of a paid invoice what was too much."""
    alone = a_row("0.00", kind=InvoiceKind.CREDIT_NOTE, total=Decimal("5.00"))
    taken = a_row("0.00", kind=InvoiceKind.CREDIT_NOTE, total=Decimal("2.00"))
    lowered = a_row("10.00", amount_credited=Decimal("2.00"))
    back = a_row("0.00", kind=InvoiceKind.CREDIT_NOTE, total=Decimal("4.00"))
    paid = a_row("0.00", amount_paid=Decimal("12.00"), amount_credited=Decimal("4.00"), amount_refunded=Decimal("4.00"))
    given = [a_payment(amount=Decimal(amount), credit_note_id="acme.20261101.R") for amount in ("5.00", "4.00")]

    found = calculate_balance("EUR", [alone, taken, lowered, back, paid], given, NOW)

    assert (found.due, found.unallocated, found.balance) == (Decimal("10.00"), Decimal("9.00"), Decimal("1.00"))


def test_nothing_is_zero_in_the_digits_of_the_currency() -> None:
    """An account without movements is worth 0, not nothing."""
    assert str(calculate_balance("KWD", [], [], NOW).balance) == "0.000"
