"""Refunds: money given back from what a payment has not allocated, and taking one back. Each is a row that stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.line_rules import validate_text
from chalicelib.domain.payment import Payment, Refund
from chalicelib.domain.payment_rules import TEXT_LIMITS, default_date, plan_refund, undo_refund, validate_date
from chalicelib.domain.periods import local_date
from chalicelib.services.deps import Deps
from chalicelib.services.versions import check_version
from chalicelib.store import refunds as store
from chalicelib.store.contention import replanned
from chalicelib.store.customers import get_customer
from chalicelib.store.payments import get_payment


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """Give back part of a payment as it was at `version` (None: as it is); without date today, or when it is free."""

    payment_id: str
    amount: Decimal
    date: dt.date | None = None
    reference: str = ""
    version: int | None = None


def refund_payment(deps: Deps, command: RefundPayment) -> Payment:
    """The payment after the refund. Raises NotFound, Invalid, Conflict: stale_version, wrong_state, over_refunded."""
    refund_id = deps.new_id()
    return replanned(lambda: _refund(deps, command, refund_id))


def reverse_refund(deps: Deps, payment_id: str, refund_id: str, expected: int | None = None) -> None:
    """Take a refund back: the payment has the amount unallocated again; once it is, again changes nothing.

    `expected` is the payment's version. Raises NotFound, Conflict(stale_version).
    """
    replanned(lambda: _reverse(deps, payment_id, refund_id, expected))


def _refund(deps: Deps, command: RefundPayment, refund_id: str) -> Payment:
    before = get_payment(command.payment_id)
    if store.find_refund(command.payment_id, refund_id):  # made by an earlier try of this request
        return get_payment(command.payment_id)
    check_version(before.version, command.version)
    refund = _build_refund(deps, command, before, refund_id)
    after = replace(plan_refund(before, command.amount), updated_at=refund.created_at)
    return store.put_refund(before, after, refund, deps.settings.list_shards)


def _reverse(deps: Deps, payment_id: str, refund_id: str, expected: int | None) -> None:
    refund = store.find_refund(payment_id, refund_id)
    if refund is None:
        raise NotFound("refund", refund_id)
    if refund.reversed_at is not None:
        return
    before = get_payment(payment_id)
    check_version(before.version, expected)
    now = deps.entry_instant()
    taken_back = refund.taken_back(now, local_date(now, get_customer(refund.customer_id).timezone))
    after = replace(undo_refund(before, taken_back), updated_at=now)
    store.reverse_refund(before, after, taken_back, deps.settings.list_shards)


def _build_refund(deps: Deps, command: RefundPayment, payment: Payment, refund_id: str) -> Refund:
    now = deps.entry_instant()
    issues = validate_text(command.reference, TEXT_LIMITS["reference"], "reference")
    if issues := issues + validate_date(payment, command.date, now):
        raise Invalid.of(*issues)
    today = local_date(now, get_customer(payment.customer_id).timezone)
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        customer_id=payment.customer_id,
        amount=command.amount,
        currency=payment.currency,
        date=command.date or default_date(payment, today),
        reference=command.reference,
        created_at=now,
    )
