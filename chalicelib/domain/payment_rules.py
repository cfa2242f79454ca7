"""What a payment may be and become: amounts, texts, states, refunds.

Refuses; it moves no money and knows no invoice (see `allocation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.date_rules import validate_ahead
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.line_rules import MAX_TOTAL, validate_text
from chalicelib.domain.money import exponent, quantise
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund, Use

TEXT_LIMITS = {"method": 40, "reference": 140, "description": 1000}

TRANSITIONS: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.PENDING: frozenset({PaymentState.COMPLETED, PaymentState.CANCELLED}),
    PaymentState.COMPLETED: frozenset({PaymentState.CANCELLED}),
    PaymentState.CANCELLED: frozenset(),
}
"""Where a payment may go from each state; staying is always possible and changes nothing."""


def validate_payment(payment: Payment, customer_currency: str) -> list[Issue]:
    """Every issue of a payment as entered: amount, currency (the customer's), date, lengths of texts."""
    issues = validate_amount(payment.amount, customer_currency, "amount")
    if payment.currency != customer_currency:
        issues.append(Issue("currency", "currency_mismatch", f"The customer is billed in {customer_currency}."))
    issues.extend(validate_ahead(payment.date, payment.updated_at, "date"))
    for name, limit in TEXT_LIMITS.items():
        issues.extend(validate_text(getattr(payment, name), limit, name))
    return issues


def validate_amount(amount: Decimal, currency: str, path: str) -> list[Issue]:
    """The issues of money that moves: above zero, bounded, no finer than the currency.

    >>> [issue.message for issue in validate_amount(Decimal("0.005"), "EUR", "amount")]
    ['EUR has 2 decimal digits.']
    """
    if not amount.is_finite() or not 0 < amount < MAX_TOTAL:
        return [Issue(path, "invalid_amount", "The amount must be above zero and below a million million million.")]
    if amount != quantise(amount, currency):
        return [Issue(path, "invalid_amount", f"{currency} has {exponent(currency)} decimal digits.")]
    return []


def plan_transition(payment: Payment, status: PaymentState) -> Payment:
    """The payment in its new state; the same state is no change.

    Raises Conflict wrong_state (also for what a credit note gave), or payment_allocated when allocations must be taken back
    before it is cancelled.
    """
    if status is payment.status:
        return payment
    if status not in TRANSITIONS[payment.status]:
        raise Conflict("wrong_state", f"A payment that is {payment.status} cannot become {status}.")
    if payment.credit_note_id:
        raise Conflict("wrong_state", "What a credit note gave stands as long as the credit note; refund it instead.")
    if payment.allocated:
        raise Conflict("payment_allocated")
    if payment.refunded:
        raise Conflict("wrong_state", "A refunded payment cannot be cancelled; take the refund back, or refund the rest.")
    return replace(payment, status=status)


def plan_refund(payment: Payment, amount: Decimal) -> Payment:
    """The payment after giving back part of what is not allocated.

    Raises Invalid invalid_amount, or Conflict wrong_state (not completed) or over_refunded.
    """
    if issues := validate_amount(amount, payment.currency, "amount"):
        raise Invalid.of(*issues)
    if payment.status is not PaymentState.COMPLETED:
        raise Conflict("wrong_state", f"A payment that is {payment.status} cannot be refunded.")
    if amount > payment.unallocated:
        raise Conflict("over_refunded", f"Only {payment.unallocated} {payment.currency} of the payment is unallocated.")
    return replace(payment, refunded=payment.refunded + amount)


def validate_date(payment: Payment, asked: date | None, now: datetime) -> list[Issue]:
    """The issue of a business date on which the payment's money was not free yet, or that is too far ahead."""
    if asked is None or payment.free_from <= asked:
        return validate_ahead(asked, now, "date")
    return [Issue("date", "invalid_date", f"The money of {payment.id} is free from {payment.free_from}, not earlier.")]


def default_date(payment: Payment, today: date) -> date:
    """The business date of an allocation or a refund that names none: today, or the day from which the money is free."""
    return max(today, payment.free_from)


def give_back(payment: Payment, taken_back: Allocation) -> Payment:
    """The payment after an allocation was taken back."""
    return replace(payment, allocated=payment.allocated - taken_back.amount, freed_on=_freed_on(payment, taken_back))


def undo_refund(payment: Payment, taken_back: Refund) -> Payment:
    """The payment after a refund was taken back."""
    return replace(payment, refunded=payment.refunded - taken_back.amount, freed_on=_freed_on(payment, taken_back))


def _freed_on(payment: Payment, taken_back: Use) -> date | None:
    """What was taken back on its own date never counted and leaves no trace."""
    ends = [] if taken_back.reversed_date == taken_back.date else [taken_back.reversed_date]
    return max((on for on in (payment.freed_on, *ends) if on is not None), default=None)
