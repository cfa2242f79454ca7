"""Changing a recorded payment: its texts at any time, its money only while it is pending, its status along the allowed ways."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_rules import plan_transition, validate_payment

PENDING_ONLY = frozenset({"amount", "currency", "date"})
"""What a payment is; once it counts, these are history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChanges:
    """What is to be different; None leaves a field as it is."""

    amount: Decimal | None = None
    currency: str | None = None
    date: date | None = None
    method: str | None = None
    reference: str | None = None
    description: str | None = None
    status: PaymentState | None = None


def plan_change(payment: Payment, changes: PaymentChanges, now: datetime) -> Payment:
    """The payment as changed; equal to the given one when nothing is different.

    Raises Invalid with every issue; Conflict wrong_state (money of a payment that is not pending, or no such way between the
    states) or payment_allocated.
    """
    given = _different(payment, changes)
    status = given.pop("status", payment.status)
    fixed = PENDING_ONLY & given.keys()
    if fixed and payment.status is not PaymentState.PENDING:
        raise Conflict("wrong_state", f"Only a pending payment can change its {', '.join(sorted(fixed))}.")
    changed = replace(payment, **given)
    if issues := validate_payment(replace(changed, updated_at=now), payment.currency):
        raise Invalid.of(*issues)
    moved = _stamped(plan_transition(changed, status), now) if status is not payment.status else changed
    return moved if moved == payment else replace(moved, updated_at=now)


def complete_at_once(payment: Payment) -> Payment:
    """A payment that is recorded as completed: the books know so from the moment it was entered."""
    return replace(payment, completed_at=payment.created_at) if payment.status is PaymentState.COMPLETED else payment


def _different(payment: Payment, changes: PaymentChanges) -> dict[str, Any]:
    given = {field.name: getattr(changes, field.name) for field in fields(changes)}
    return {name: value for name, value in given.items() if value is not None and value != getattr(payment, name)}


def _stamped(payment: Payment, now: datetime) -> Payment:
    if payment.status is PaymentState.COMPLETED:
        return replace(payment, completed_at=now)
    return replace(payment, cancelled_at=now)
