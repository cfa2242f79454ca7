"""What a payment may be and become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from chalicelib.domain.errors import BillingError, Conflict, Invalid
from chalicelib.domain.payment import Payment, PaymentState, Refund
from chalicelib.domain.payment_rules import plan_refund, plan_transition, undo_refund, validate_amount, validate_payment
from tests.support.builders import a_payment

PENDING, COMPLETED, CANCELLED = PaymentState.PENDING, PaymentState.COMPLETED, PaymentState.CANCELLED
ALLOWED = {(PENDING, COMPLETED), (PENDING, CANCELLED), (COMPLETED, CANCELLED)}


def refusal(payment: Payment, status: PaymentState) -> str:
    """The code with which a transition is refused, or nothing."""
    try:
        plan_transition(payment, status)
    except Conflict as conflict:
        return conflict.code
    return ""


@pytest.mark.parametrize("here, there", [*product(PaymentState, PaymentState)])
def test_every_transition(here: PaymentState, there: PaymentState) -> None:
    """Pending completes or is cancelled, completed is cancelled, nothing comes back; staying changes nothing."""
    payment = a_payment(status=here)
    if here is there:
        assert plan_transition(payment, there) is payment
    elif (here, there) in ALLOWED:
        assert plan_transition(payment, there) == a_payment(status=there)
    else:
        assert refusal(payment, there) == "wrong_state"


def test_allocated_money_stays_until_it_is_taken_back() -> None:
    """A payment with allocations is not cancelled, nor is one that was refunded in part."""
    assert refusal(a_payment(allocated=Decimal("0.01")), CANCELLED) == "payment_allocated"
    assert refusal(a_payment(refunded=Decimal("0.01")), CANCELLED) == "wrong_state"


def test_what_a_credit_note_gave_is_not_cancelled() -> None:
    """It stands as long as the credit note, which is never taken back."""
    assert refusal(a_payment(credit_note_id="acme.20261101.N.1"), CANCELLED) == "wrong_state"


@pytest.mark.parametrize("amount, fits", [("0.01", True), ("7.00", True), ("7.01", False)])
def test_a_refund_comes_from_the_unallocated_part(amount: str, fits: bool) -> None:
    """12.00 with 4.00 allocated and 1.00 refunded: 7.00 can go back, a cent more cannot."""
    payment = a_payment(allocated=Decimal("4.00"), refunded=Decimal("1.00"))
    if fits:
        refunded = plan_refund(payment, Decimal(amount))
        assert refunded.unallocated == Decimal("7.00") - Decimal(amount)
        return
    with pytest.raises(Conflict, match=r"Only 7\.00 EUR") as caught:
        plan_refund(payment, Decimal(amount))
    assert caught.value.code == "over_refunded"


@pytest.mark.parametrize("status, amount, kind", [(PENDING, "1.00", Conflict), (COMPLETED, "-1.00", Invalid)])
def test_refunds_need_a_completed_payment_and_a_real_amount(status: PaymentState, amount: str, kind: type[BillingError]) -> None:
    """Money that never came is not given back, and a negative refund is no refund."""
    with pytest.raises(kind) as caught:
        plan_refund(a_payment(status=status), Decimal(amount))
    assert caught.value.code in {"wrong_state", "invalid_amount"}


@pytest.mark.parametrize("today, reversed_on, free_from", [(9, 9, 9), (7, 7, 1), (5, 7, 1)])
def test_a_refund_that_is_taken_back_is_unallocated_again(today: int, reversed_on: int, free_from: int) -> None:
    """From that day on; a refund that never counted, taken back by its own date, holds nothing up."""
    payment = a_payment(date=date(2026, 11, 1), refunded=Decimal("5.00"), allocated=Decimal("4.00"))
    at = datetime(2026, 11, today, tzinfo=UTC)
    refund = Refund(
        id="r1",
        payment_id=payment.id,
        customer_id="acme",
        amount=Decimal("3.00"),
        currency="EUR",
        date=date(2026, 11, 7),
        created_at=at,
    )

    taken_back = refund.taken_back(at, date(2026, 11, today))
    after = undo_refund(payment, taken_back)

    assert (taken_back.reversed_at, taken_back.reversed_date) == (at, date(2026, 11, reversed_on))
    assert (after.refunded, after.unallocated) == (Decimal("2.00"), payment.unallocated + 3)
    assert after.free_from == date(2026, 11, free_from)


@pytest.mark.parametrize(
    "amount, currency", [("0.01", "EUR"), ("12.500", "EUR"), ("1", "JPY"), ("0.0001", "CLF"), ("9E+17", "EUR")]
)
def test_real_amounts_pass(amount: str, currency: str) -> None:
    """Anything above zero in the digits of the currency is money."""
    assert validate_amount(Decimal(amount), currency, "amount") == []


@pytest.mark.parametrize(
    "amount, currency",
    [
        ("0", "EUR"),
        ("-1", "EUR"),
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("1E+18", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1E-999999", "EUR"),
    ],
)
def test_other_amounts_are_refused(amount: str, currency: str) -> None:
    """Zero, negative, too fine, too large or no number: one issue, never an exception."""
    assert [issue.code for issue in validate_amount(Decimal(amount), currency, "amount")] == ["invalid_amount"]


@pytest.mark.parametrize(
    "fields, path, code",
    [
        ({"amount": Decimal(0)}, "amount", "invalid_amount"),
        ({"currency": "USD"}, "currency", "currency_mismatch"),
        ({"method": "x" * 41}, "method", "too_long"),
        ({"reference": "x" * 141}, "reference", "too_long"),
        ({"description": "\x00"}, "description", "invalid_value"),
    ],
)
def test_a_payment_is_judged_field_by_field(fields: dict[str, Any], path: str, code: str) -> None:
    """Each broken rule is one issue; a good payment has none."""
    assert validate_payment(a_payment(), "EUR") == []
    assert [(issue.path, issue.code) for issue in validate_payment(a_payment(**fields), "EUR")] == [(path, code)]


def test_only_completed_payments_count() -> None:
    """A pending payment has nothing to allocate, and text after # is kept from the customer."""
    assert a_payment(status=PENDING).unallocated == 0
    assert a_payment(description="Bank transfer # called Ann").public_description == "Bank transfer"
