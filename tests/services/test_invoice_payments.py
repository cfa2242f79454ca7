"""The payments of one invoice: paid from its own page, listed, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.payment import Allocation
from chalicelib.services.ageing import AgeingQuestion, build_ageing
from chalicelib.services.invoice_payments import PayInvoice, list_invoice_payments, pay_invoice, reverse_allocation
from chalicelib.services.joint_payments import PayInvoiceJointly, pay_invoice_jointly
from chalicelib.services.refunds import RefundPayment, refund_payment
from tests.support.aws_calls import meanwhile
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, due_on, left_of, repeatable

STAFF = Actor(subject="staff")


def test_taking_back_returns_the_amount_and_keeps_the_row(clerk: Clerk) -> None:
    """Payment and invoice are as before; the history says when it was; again changes nothing."""
    invoice, payment = clerk.invoice(), clerk.payment()
    [row] = clerk.allocate(payment, (invoice, "10.00")).rows
    clerk.world.pass_time(days=2)

    reverse_allocation(clerk.world.deps, invoice.id, row.id)
    clerk.world.pass_time(days=2)
    reverse_allocation(clerk.world.deps, invoice.id, row.id)

    assert (due_on(invoice), left_of(payment)) == ("10.00", "10.00")
    [kept], end = list_invoice_payments(STAFF, invoice.id, 50, None)
    assert (kept.amount, kept.reversed_date, end) == (Decimal("10.00"), date(2026, 12, 3), None)
    check_books("acme", [invoice.id])


def test_only_an_allocation_of_this_invoice_can_be_taken_back(clerk: Clerk) -> None:
    """Unknown ids, malformed ids and those of another invoice are not found; an old version is refused."""
    invoice, other, payment = clerk.invoice(), clerk.invoice(), clerk.payment()
    [row] = clerk.allocate(payment, (invoice, "1.00")).rows
    for wrong in ("1.1", "nonsense", "A#1"):
        with pytest.raises(NotFound):
            reverse_allocation(clerk.world.deps, invoice.id, wrong)
    with pytest.raises(NotFound):
        reverse_allocation(clerk.world.deps, other.id, row.id)
    with pytest.raises(Conflict, match="stale_version"):
        reverse_allocation(clerk.world.deps, invoice.id, row.id, expected=1)


def test_money_taken_back_is_not_used_for_days_on_which_it_was_elsewhere(clerk: Clerk) -> None:
    """Neither by an allocation nor by a refund: the issue names the day it is free; without a date it is that day."""
    first, second, payment = clerk.invoice(), clerk.invoice(), clerk.payment()
    [row] = clerk.allocate(payment, (first, "10.00")).rows
    clerk.world.pass_time(days=5)
    reverse_allocation(clerk.world.deps, first.id, row.id)

    early = date(2026, 12, 5)
    with pytest.raises(Invalid, match="free from 2026-12-06"):
        clerk.allocate(payment, (second, "1.00"), date=early)
    with pytest.raises(Invalid, match="free from 2026-12-06"):
        refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal("1.00"), date=early))
    parts = PayInvoiceJointly(invoice_id=second.id, parts=[(payment.id, Decimal("1.00"))], date=early)
    with pytest.raises(Invalid, match="free from 2026-12-06"):
        pay_invoice_jointly(clerk.world.deps, parts)
    assert clerk.allocate(payment, (second, "10.00")).rows[0].date == date(2026, 12, 6)
    for day in range(1, 8):
        asked = AgeingQuestion(as_of=date(2026, 12, day))
        assert build_ageing(clerk.world.deps, asked).ageing.total.unallocated == 0


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_reversal_killed_anywhere_happens_once(clerk: Clerk, side: Side) -> None:
    """The repetition completes it."""
    invoice, payment = clerk.invoice(), clerk.payment()
    call, died = 1, True
    while died:
        [row] = clerk.allocate(payment, (invoice, "3.00")).rows
        try:
            with killed_at(call, side):
                reverse_allocation(clerk.world.deps, invoice.id, row.id)
            died = False
        except Killed:
            reverse_allocation(clerk.world.deps, invoice.id, row.id)
            call += 1
        assert left_of(payment) == "10.00"
    assert call > 1
    check_books("acme", [invoice.id])


def test_two_clerks_take_one_allocation_back_and_it_returns_once(clerk: Clerk) -> None:
    """The slower one finds it done."""
    invoice, payment = clerk.invoice(), clerk.payment()
    [row] = clerk.allocate(payment, (invoice, "3.00")).rows
    with meanwhile("TransactWriteItems", 1, lambda: reverse_allocation(clerk.world.deps, invoice.id, row.id)):
        reverse_allocation(clerk.world.deps, invoice.id, row.id)
    assert left_of(payment) == "10.00"
    check_books("acme", [invoice.id])


def test_an_invoice_is_paid_from_its_own_page(clerk: Clerk) -> None:
    """Issues speak of the fields of that page."""
    clerk.world.customer("bolt")
    invoice, payment, foreign = clerk.invoice(), clerk.payment(), clerk.payment(customer_id="bolt")
    row = pay_invoice(clerk.world.deps, PayInvoice(invoice_id=invoice.id, payment_id=payment.id, amount=Decimal(4)))
    assert (row.invoice_id, due_on(invoice)) == (invoice.id, "6.00")
    for payment_id, code in ((foreign.id, "customer_mismatch"), ("acme.20260101.1", "unknown_payment"), ("x", "unknown_payment")):
        with pytest.raises(Invalid) as refusal:
            pay_invoice(clerk.world.deps, PayInvoice(invoice_id=invoice.id, payment_id=payment_id, amount=Decimal(1)))
        assert [(issue.path, issue.code) for issue in refusal.value.issues] == [("payment_id", code)]


def test_a_repetition_meets_what_it_paid_whatever_version_it_named(clerk: Clerk) -> None:
    """The version went up by the request itself; another request that names it is refused."""
    invoice, payment = clerk.invoice(), clerk.payment()
    command = PayInvoice(invoice_id=invoice.id, payment_id=payment.id, amount=Decimal(4), version=invoice.version)
    first = pay_invoice(repeatable(clerk.world.deps), command)
    assert pay_invoice(repeatable(clerk.world.deps), command) == first
    with pytest.raises(Conflict, match="stale_version"):
        pay_invoice(clerk.world.deps, command)
    assert due_on(invoice) == "6.00"


@pytest.mark.parametrize("before", ["GetItem", "BatchGetItem", "TransactWriteItems"])
def test_a_version_holds_until_the_money_moves(clerk: Clerk, before: str) -> None:
    """Whenever another clerk pays part of the invoice meanwhile, the one who saw it before that is refused."""
    invoice, payment, other = clerk.invoice(), clerk.payment(), clerk.payment()
    command = PayInvoice(invoice_id=invoice.id, payment_id=payment.id, amount=Decimal(5), version=invoice.version)
    rival = meanwhile(before, 1, lambda: clerk.allocate(other, (invoice, "4.00")))
    with rival, pytest.raises(Conflict, match="stale_version"):
        pay_invoice(clerk.world.deps, command)
    assert due_on(invoice) == "6.00"


def test_the_payments_of_an_invoice_come_in_pages(clerk: Clerk) -> None:
    """In the order they were made."""
    invoice, payment = clerk.invoice(), clerk.payment()
    made: list[Allocation] = []
    for _ in range(3):
        made += clerk.allocate(payment, (invoice, "1.00")).rows
        clerk.world.pass_time(minutes=1)
    first, cursor = list_invoice_payments(STAFF, invoice.id, 2, None)
    rest, end = list_invoice_payments(STAFF, invoice.id, 2, cursor)
    assert ([*first, *rest], end) == (made, None)
