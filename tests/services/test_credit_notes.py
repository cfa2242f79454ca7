"""Credit notes on request: what they take from the invoice, what they give the customer, two clerks at once, repetitions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.credit_requests import CreditRequest, LineCredit
from chalicelib.domain.drafting import InvoiceChanges
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.history import calculate_position
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.operator import DateOrder
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.services.accounts import get_balance, get_statement
from chalicelib.services.ageing import ALL_DAYS
from chalicelib.services.credit_notes import CreditInvoice, check_request, credit_invoice, list_credit_notes
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.payments import change_payment
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store import objects
from chalicelib.store.history import load_history
from chalicelib.store.invoices import get_invoice
from chalicelib.store.payments import load_money
from tests.support.aws_calls import meanwhile
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, due_on, left_of, repeatable

STAFF = Actor(subject="staff")


def credit(clerk: Clerk, invoice: Invoice, amount: str | None = None, version: int | None = None, **asked: Any) -> Invoice:
    """Credit an amount, or all that is left."""
    request = CreditRequest(**{"reason": "Wrong", "amount": None if amount is None else Decimal(amount), **asked})
    return credit_invoice(clerk.world.deps, CreditInvoice(invoice_id=invoice.id, request=request, version=version))


def credit_of(note: Invoice) -> Payment:
    """What the credit note gave the customer."""
    [payment] = [one for one in load_money("acme")[0] if one.credit_note_id == note.id]
    return payment


def check_account(clerk: Clerk, unallocated: str, balance: str) -> None:
    """Balance, ageing and statement tell the same."""
    deps = clerk.world.deps
    shown, position = get_balance(deps, "acme"), calculate_position(load_history("acme"), ALL_DAYS)
    _, statement = get_statement(deps, "acme", first=None, last=None, known_at=None)
    assert (str(shown.unallocated), str(shown.balance)) == (unallocated, balance)
    assert (position.unallocated, statement.closing) == (shown.unallocated, shown.balance)


def test_a_credit_note_lowers_what_is_due(clerk: Clerk) -> None:
    """It is issued at once with a number of its own series, frozen on paper, and named by its invoice; nobody gets money."""
    invoice = clerk.invoice()
    note = credit(clerk, invoice, "4.00")
    assert (note.number, note.kind, note.status, note.total) == (
        "CN-1001",
        InvoiceKind.CREDIT_NOTE,
        InvoiceStatus.ISSUED,
        Decimal(4),
    )
    assert note == get_invoice(note.id)
    assert objects.has_object(objects.document_key(note.id, 0))
    after = get_invoice(invoice.id)
    assert (after.amount_credited, after.amount_due, after.credit_note_ids) == (Decimal(4), Decimal(6), (note.id,))
    assert after.version == invoice.version + 1
    assert load_money("acme") == ([], [])
    check_account(clerk, "0.00", "6.00")


def test_what_exceeds_the_amount_due_is_the_customers(clerk: Clerk) -> None:
    """8.00 of 10.00 are paid: of 7.00 credited 2.00 lower what is due, 5.00 are credit that names the note."""
    invoice = clerk.invoice()
    clerk.allocate(clerk.payment("8.00"), (invoice, "8.00"))
    note = credit(clerk, invoice, "7.00")
    after = get_invoice(invoice.id)
    assert (after.amount_credited, after.amount_refunded, after.amount_due) == (Decimal(7), Decimal(5), Decimal(0))
    given = credit_of(note)
    assert (given.amount, given.method, given.reference, given.date) == (Decimal(5), "credit_note", "CN-1001", note.invoice_date)
    check_account(clerk, "5.00", "-5.00")
    check_books("acme", [invoice.id])


def test_the_customers_credit_pays_other_invoices_and_goes_back_as_money(clerk: Clerk) -> None:
    """It is allocated by strategy and refunded like a payment, but never cancelled."""
    invoice = clerk.invoice()
    clerk.allocate(clerk.payment("10.00"), (invoice, "10.00"))
    given = credit_of(credit(clerk, invoice))
    other = clerk.invoice("6.00")
    clerk.allocate_by(given, AllocationStrategy.OLDEST_FIRST)
    assert (due_on(other), left_of(given)) == ("0.00", "4.00")
    with pytest.raises(Conflict, match="stands as long as the credit note"):
        change_payment(clerk.world.deps, given.id, PaymentChanges(status=PaymentState.CANCELLED), None)
    refund_payment(clerk.world.deps, RefundPayment(payment_id=given.id, amount=Decimal("1.50")))
    check_account(clerk, "2.50", "-2.50")
    check_books("acme", [invoice.id, other.id])


def test_the_account_is_stable_at_past_days_and_instants(clerk: Clerk) -> None:
    """The note counts from its date, and is known from its issue."""
    invoice = clerk.invoice()
    clerk.allocate(clerk.payment("10.00"), (invoice, "10.00"))
    before = clerk.world.now
    clerk.world.pass_time(days=3)
    credit(clerk, invoice, invoice_date=date(2026, 12, 2))
    history = load_history("acme")
    assert calculate_position(history, date(2026, 12, 1)).unallocated == 0
    assert calculate_position(history, date(2026, 12, 2)).unallocated == 10
    _, known = get_statement(clerk.world.deps, "acme", first=None, last=None, known_at=before)
    assert known.closing == 0


def test_two_clerks_credit_one_invoice_and_the_slower_one_gets_what_is_left(clerk: Clerk) -> None:
    """Right before the first commits the second does: the first plans again, numbers stay gap-free, the cap holds."""
    invoice = clerk.invoice()
    with meanwhile("TransactWriteItems", 1, lambda: credit(clerk, invoice, "6.00")):
        note = credit(clerk, invoice)
    assert (note.number, str(note.total), due_on(invoice)) == ("CN-1002", "4.00", "0.00")
    assert [str(one.total) for one in list_credit_notes(STAFF, invoice.id, 50, None)[0]] == ["6.00", "4.00"]
    other = clerk.invoice()
    with (
        meanwhile("TransactWriteItems", 1, lambda: credit(clerk, other, "6.00")),
        pytest.raises(Conflict, match=r"Only 4\.00 EUR"),
    ):
        credit(clerk, other, "6.00")
    check_books("acme", [invoice.id, other.id])


def test_a_payment_that_comes_between_makes_the_credit_the_customers(clerk: Clerk) -> None:
    """The invoice was open when the credit was asked for, and paid when it was made."""
    invoice, payment = clerk.invoice(), clerk.payment("10.00")
    with meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(payment, (invoice, "10.00"))):
        note = credit(clerk, invoice, "3.00")
    assert (due_on(invoice), left_of(credit_of(note))) == ("0.00", "3.00")
    check_account(clerk, "3.00", "-3.00")


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_credit_killed_anywhere_happens_once(clerk: Clerk, side: Side) -> None:
    """The repetition of the request, with its ids, completes it; its document is there."""
    call, died, numbers = 1, True, []
    while died:
        invoice = clerk.invoice()
        clerk.allocate(clerk.payment("10.00"), (invoice, "10.00"))
        deps = repeatable(clerk.world.deps, first=1000 * call)
        command = CreditInvoice(invoice_id=invoice.id, request=CreditRequest(reason="Wrong"))
        try:
            with killed_at(call, side):
                note = credit_invoice(deps, command)
            died = False
        except Killed:
            note = credit_invoice(repeatable(clerk.world.deps, first=1000 * call), command)
            call += 1
        numbers.append(note.sequence)
        assert get_invoice(invoice.id).credit_note_ids == (note.id,)
        assert (due_on(invoice), left_of(credit_of(note))) == ("0.00", "10.00")
        assert objects.has_object(objects.document_key(note.id, 0))
    assert call > 2
    assert numbers == list(range(1001, 1001 + len(numbers)))


def test_only_an_issued_invoice_with_something_left_is_credited(clerk: Clerk) -> None:
    """Not a credit note, not one that is credited in full, not as it was at another version; nothing happens."""
    invoice = clerk.invoice()
    with pytest.raises(Conflict, match="stale_version"):
        credit(clerk, invoice, version=7)
    note = credit(clerk, invoice, version=1)
    with pytest.raises(Conflict, match="over_credited"):
        credit(clerk, invoice)
    with pytest.raises(Conflict, match="A credit note that is issued does not allow: credit"):
        credit(clerk, note)
    with pytest.raises(NotFound):
        credit(clerk, replace(invoice, id="acme.20261201.A.77777777"))
    with pytest.raises(Invalid, match="decimal digits"):
        check_request(clerk.world.deps, clerk.invoice().id, CreditRequest(reason="Wrong", amount=Decimal("0.001")))
    assert get_balance(clerk.world.deps, "acme").due == 10


def test_a_credited_invoice_is_not_voided_and_revised_only_above_its_credits(clerk: Clerk) -> None:
    """The total may not fall below what was credited, nor a credited line below its own credit."""
    invoice = clerk.invoice()
    credit(clerk, invoice, lines=(LineCredit(line_id="1", net=Decimal("4.00")),))
    with pytest.raises(Conflict, match="has_payments"):
        void_invoice(clerk.world.deps, invoice.id)
    moved = LineInput(given={"description": "Other work", "unit_price": Decimal("10.00")})
    lower = LineInput(id="1", given={"unit_price": Decimal("3.00")})
    for lines in ((moved,), (lower,), (lower, moved)):
        with pytest.raises(Conflict, match="total_below_paid"):
            revise(clerk, invoice, *lines)
    assert revise(clerk, invoice, LineInput(id="1", given={"unit_price": Decimal("4.00")}), moved).total == Decimal("16.00")
    assert due_on(invoice) == "12.00"


def revise(clerk: Clerk, invoice: Invoice, *lines: LineInput) -> Invoice:
    """Change the lines of the issued invoice."""
    command = ChangeInvoice(invoice_id=invoice.id, version=None, changes=InvoiceChanges(lines=lines))
    return change_invoice(clerk.world.deps, command)


def test_date_order_of_the_series_holds(clerk: Clerk) -> None:
    """Where it is strict, a credit note is not dated before the last one."""
    clerk.world.settings(date_order=DateOrder.STRICT)
    first, second = clerk.invoice(), clerk.invoice()
    credit(clerk, first, invoice_date=date(2026, 12, 5))
    with pytest.raises(Conflict, match="date_order"):
        credit(clerk, second)
    assert get_invoice(second.id).credit_note_ids == ()


def test_the_credit_notes_of_an_invoice_come_in_pages(clerk: Clerk) -> None:
    """First to last; a customer sees its own."""
    invoice = clerk.invoice()
    made = [credit(clerk, invoice, "1.00") for _ in range(3)]
    first, cursor = list_credit_notes(STAFF, invoice.id, 2, None)
    rest, end = list_credit_notes(Actor(subject="acme", customer_id="acme"), invoice.id, 2, cursor)
    assert ([*first, *rest], end) == (made, None)
