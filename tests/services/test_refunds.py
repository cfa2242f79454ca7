"""Taking a refund back: once, whatever happens in between, and with the money free from that day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.payment import Payment, PaymentState, Refund
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.services.payments import change_payment
from chalicelib.services.reconcile_money import check_money
from chalicelib.services.refunds import RefundPayment, refund_payment, reverse_refund
from chalicelib.store.books import load_books
from chalicelib.store.contention import OvertakenError
from chalicelib.store.payments import get_payment
from chalicelib.store.refunds import load_refunds
from chalicelib.store.refunds import reverse_refund as keep_reversal
from tests.support.aws_calls import meanwhile
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, left_of


def refunded(clerk: Clerk, amount: str = "4.00", on: date | None = None) -> tuple[Payment, Refund]:
    """A payment of 10.00 of November, and what of it went back."""
    payment = clerk.payment("10.00", date=date(2026, 11, 20))
    refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal(amount), date=on))
    [refund] = load_refunds(payment.id)
    return payment, refund


def test_a_refund_is_taken_back_and_stays_in_the_history(clerk: Clerk) -> None:
    """The amount is unallocated again; the row has instant and day, and the books stand up to their check."""
    payment, refund = refunded(clerk)
    clerk.world.pass_time(days=2)

    reverse_refund(clerk.world.deps, payment.id, refund.id)

    assert left_of(payment) == "10.00"
    assert load_refunds(payment.id) == [refund.taken_back(clerk.world.now, date(2026, 12, 3))]
    assert list(check_money(load_books("acme"))) == []


def test_what_was_taken_back_is_free_from_that_day(clerk: Clerk) -> None:
    """Not earlier: on the days between the money was away, and a past ageing would change."""
    payment, refund = refunded(clerk, on=date(2026, 11, 21))
    reverse_refund(clerk.world.deps, payment.id, refund.id)
    command = RefundPayment(payment_id=payment.id, amount=Decimal(1), date=date(2026, 11, 30))
    with pytest.raises(Invalid, match="free from 2026-12-01"):
        refund_payment(clerk.world.deps, command)


def test_a_payment_is_cancelled_once_its_refunds_are_taken_back(clerk: Clerk) -> None:
    """Before that it is refused."""
    payment, refund = refunded(clerk)
    cancel = PaymentChanges(status=PaymentState.CANCELLED)
    with pytest.raises(Conflict, match="take the refund back"):
        change_payment(clerk.world.deps, payment.id, cancel, None)
    reverse_refund(clerk.world.deps, payment.id, refund.id)
    assert change_payment(clerk.world.deps, payment.id, cancel, None).status is PaymentState.CANCELLED


def test_only_what_is_there_and_was_looked_at_is_taken_back(clerk: Clerk) -> None:
    """Unknown refunds, impossible ids, and a payment that has changed since."""
    payment, refund = refunded(clerk)
    for unknown in ("r1", "R#1"):
        with pytest.raises(NotFound):
            reverse_refund(clerk.world.deps, payment.id, unknown)
    with pytest.raises(Conflict, match="stale_version"):
        reverse_refund(clerk.world.deps, payment.id, refund.id, payment.version)
    assert left_of(payment) == "6.00"


@pytest.mark.parametrize("side", ["before", "after"])
def test_taken_back_once_whatever_call_dies(clerk: Clerk, side: Side) -> None:
    """A repetition completes it, or finds it done."""
    call, died = 1, True
    while died:
        payment, refund = refunded(clerk, "10.00")
        try:
            with killed_at(call, side):
                reverse_refund(clerk.world.deps, payment.id, refund.id)
            died = False
        except Killed:
            reverse_refund(clerk.world.deps, payment.id, refund.id)
            call += 1
        assert left_of(payment) == "10.00"
    assert call > 1
    check_books("acme", [])


def test_two_clerks_at_once_take_it_back_once(clerk: Clerk) -> None:
    """The slower one finds it done; an allocation in between does not keep it from being done."""
    payment, refund = refunded(clerk)
    invoice = clerk.invoice("1.00")
    with meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(payment, (invoice, "1.00"))):
        reverse_refund(clerk.world.deps, payment.id, refund.id)
    again, other = refunded(clerk)
    with meanwhile("TransactWriteItems", 1, lambda: reverse_refund(clerk.world.deps, again.id, other.id)):
        reverse_refund(clerk.world.deps, again.id, other.id)
    assert [left_of(payment), left_of(again)] == ["9.00", "10.00"]
    check_books("acme", [invoice.id])


def test_a_refund_that_is_taken_back_already_is_not_written_over(clerk: Clerk) -> None:
    """Even where the payment is as it was read: the row holds its own condition."""
    payment, refund = refunded(clerk)
    reverse_refund(clerk.world.deps, payment.id, refund.id)
    now = get_payment(payment.id)
    taken_back = refund.taken_back(clerk.world.now, date(2026, 12, 1))
    with pytest.raises(OvertakenError):
        keep_reversal(now, now, taken_back, shards=1)
