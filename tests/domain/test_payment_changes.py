"""Changing a payment: what may change in which state, and what the books remember of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.payment_changes import PaymentChanges, complete_at_once, plan_change
from chalicelib.domain.payment_search import PaymentSearch
from tests.support.builders import NOW, TODAY, a_payment

LATER = datetime.fromisoformat("2026-11-20T10:00:00+00:00")


def test_nothing_different_is_no_change() -> None:
    """Fields left out, and fields given as they are, leave the payment as it was."""
    payment = a_payment()
    same = PaymentChanges(amount=payment.amount, status=PaymentState.COMPLETED, reference="")
    assert plan_change(payment, same, LATER) == payment


def test_texts_change_in_every_state() -> None:
    """Method, reference and description are notes; who changed them last is remembered."""
    changed = plan_change(a_payment(), PaymentChanges(method="card", reference="R", description="d"), LATER)
    assert (changed.method, changed.reference, changed.description, changed.updated_at) == ("card", "R", "d", LATER)


@pytest.mark.parametrize("fields", [{"amount": Decimal("1.00")}, {"date": date(2026, 1, 1)}, {"currency": "USD"}])
def test_money_changes_only_while_pending(fields: dict[str, Any]) -> None:
    """Once completed, amount, currency and date are history."""
    with pytest.raises(Conflict, match="wrong_state"):
        plan_change(a_payment(), PaymentChanges(**fields), LATER)


def test_a_pending_payment_is_corrected_and_completed_at_once() -> None:
    """The instant of completion is the one from which it counts."""
    pending = a_payment(status=PaymentState.PENDING)
    done = plan_change(pending, PaymentChanges(amount=Decimal("9.00"), status=PaymentState.COMPLETED), LATER)
    assert (done.amount, done.status, done.completed_at, done.cancelled_at) == (
        Decimal("9.00"),
        PaymentState.COMPLETED,
        LATER,
        None,
    )


def test_cancelling_remembers_when() -> None:
    """Before that instant the money was known to be there."""
    cancelled = plan_change(a_payment(), PaymentChanges(status=PaymentState.CANCELLED), LATER)
    assert (cancelled.status, cancelled.cancelled_at) == (PaymentState.CANCELLED, LATER)


def test_what_is_changed_must_be_valid() -> None:
    """All issues at once; the currency stays the customer's."""
    pending = a_payment(status=PaymentState.PENDING)
    changes = PaymentChanges(amount=Decimal("0.001"), currency="USD", method="x" * 41)
    with pytest.raises(Invalid) as refusal:
        plan_change(pending, changes, LATER)
    assert {issue.path for issue in refusal.value.issues} == {"amount", "currency", "method"}


def test_a_payment_recorded_as_completed_counts_from_its_entry() -> None:
    """A pending one does not."""
    assert complete_at_once(a_payment()).completed_at == NOW
    assert complete_at_once(a_payment(status=PaymentState.PENDING)).completed_at is None


def test_a_search_matches_all_that_is_given() -> None:
    """Customer, state, and inclusive dates."""
    payment = a_payment()
    assert PaymentSearch().matches(payment)
    assert PaymentSearch(customer_id="acme", status=PaymentState.COMPLETED, first=TODAY, last=TODAY).matches(payment)
    assert not PaymentSearch(customer_id="bolt").matches(payment)
    assert not PaymentSearch(status=PaymentState.PENDING).matches(payment)
    assert PaymentSearch(unallocated=True, method="", reference="").matches(payment)
    assert not PaymentSearch(unallocated=False).matches(payment)
    assert not PaymentSearch(method="card").matches(payment)
    assert not PaymentSearch(reference="R-1").matches(payment)
    assert not PaymentSearch(first=date(2026, 11, 16)).matches(payment)
    assert not PaymentSearch(last=date(2026, 11, 14)).matches(payment)
