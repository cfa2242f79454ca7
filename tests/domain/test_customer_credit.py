"""What a credit note does to the account: what its invoice owes, and what becomes the customer's credit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.customer_credit import apply_credit, build_credit, calculate_excess, is_credit_alone
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PaymentStatus
from tests.support.builders import NOW, TODAY, a_line, an_invoice, tax


def a_note(amount: str, **fields: object) -> Invoice:
    """An issued credit note of that total."""
    lines = (a_line("1", amount, tax=tax(0)),)
    note = an_invoice(id="acme.20261115.N.1", kind=InvoiceKind.CREDIT_NOTE, status=InvoiceStatus.ISSUED, lines=lines)
    return replace(note, number="CN-1001", **fields)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    "paid, credited, excess, due",
    [("0", "5.00", "0", "7.00"), ("0", "12.00", "0", "0"), ("8.00", "6.00", "2.00", "0"), ("12.00", "12.00", "12.00", "0")],
)
def test_a_credit_lowers_what_is_due_and_gives_the_rest(paid: str, credited: str, excess: str, due: str) -> None:
    """Of 12.00, nothing, part or all of which is paid; the amount due never falls below nothing."""
    invoice = an_invoice(status=InvoiceStatus.ISSUED, amount_paid=Decimal(paid))
    note = a_note(credited)
    after = apply_credit(invoice, note)
    assert (calculate_excess(invoice, note), after.amount_due) == (Decimal(excess), Decimal(due))
    assert (after.amount_credited, after.amount_refunded) == (Decimal(credited), Decimal(excess))
    assert after.credit_note_ids == (note.id,)
    assert (after.payment_status is PaymentStatus.PAID) == (after.amount_due == 0)


def test_credits_add_up_on_the_invoice() -> None:
    """Amounts and ids of a second note come after those of the first."""
    paid = an_invoice(status=InvoiceStatus.ISSUED, amount_paid=Decimal("10.00"))
    after = apply_credit(apply_credit(paid, a_note("5.00")), a_note("1.00", id="acme.20261115.N.2"))
    assert (after.amount_credited, after.amount_refunded, after.amount_due) == (Decimal(6), Decimal(4), Decimal(0))
    assert after.credit_note_ids == ("acme.20261115.N.1", "acme.20261115.N.2")


def test_the_credit_is_a_payment_that_names_its_note() -> None:
    """Of the note's date and number, completed at the note's issue."""
    credit = build_credit(a_note("5.00"), Decimal("3.00"), "acme.20261115.cn1")
    assert (credit.amount, credit.unallocated, credit.currency) == (Decimal("3.00"), Decimal("3.00"), "EUR")
    assert (credit.date, credit.method, credit.reference) == (TODAY, "credit_note", "CN-1001")
    assert (credit.created_at, credit.completed_at, credit.credit_note_id) == (NOW, NOW, "acme.20261115.N.1")


def test_only_issued_notes_without_an_invoice_stand_alone() -> None:
    """Not drafts, not invoices, not notes of an invoice."""
    assert is_credit_alone(a_note("5.00"))
    assert not is_credit_alone(a_note("5.00", original_invoice_id="acme.20261101.R"))
    assert not is_credit_alone(a_note("5.00", status=InvoiceStatus.DRAFT))
    assert not is_credit_alone(an_invoice(status=InvoiceStatus.ISSUED))
