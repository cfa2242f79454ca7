"""Refunds as items that follow their payments: each is written, and taken back, in one transaction with its payment.

Rows are never deleted; a reversal sets its instant once. Moves no money by itself: the payment's amounts are those that the
caller planned on the version it read.
"""

from __future__ import annotations

from dataclasses import replace

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.payment import Payment, Refund
from chalicelib.store import codec, keys
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.payments import to_item, unchanged
from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem, RefundItem
from chalicelib.store.transaction import commit


def find_refund(payment_id: str, refund_id: str) -> Refund | None:
    """The refund, taken back or not, or None; NotFound for what cannot be an id."""
    customer_id, sk = keys.parse_refund_id(payment_id, refund_id)
    item = _find(customer_id, sk)
    return None if item is None else codec.restore(Refund, item.doc)


@retried
def load_refunds(payment_id: str) -> list[Refund]:
    """The refunds of a payment, those taken back too, in the order they were made."""
    customer_id, sk = keys.parse_payment_id(payment_id)
    found = RefundItem.query(keys.customer_pk(customer_id), RefundItem.sk.startswith(f"{sk}#R#"), consistent_read=True)
    return sorted((codec.restore(Refund, item.doc) for item in found), key=lambda refund: (refund.created_at, refund.id))


def put_refund(before: Payment, after: Payment, refund: Refund, shards: int) -> Payment:
    """Write the payment with its refund, both or nothing; OvertakenError when the payment changed or the refund is there."""
    return _write(before, after, refund, BillingItem.pk.does_not_exist(), shards)


def reverse_refund(before: Payment, after: Payment, taken_back: Refund, shards: int) -> None:
    """Write the payment and mark the refund, both or nothing; OvertakenError when one of them changed since."""
    _write(before, after, taken_back, RefundItem.pk.exists() & RefundItem.reversed_at.does_not_exist(), shards)


def _write(before: Payment, after: Payment, refund: Refund, condition: Condition, shards: int) -> Payment:
    bumped = replace(after, version=before.version + 1)
    payment_item, refund_item = to_item(bumped, shards), _to_item(refund)

    def fill(transaction: TransactWrite) -> None:
        transaction.save(payment_item, condition=unchanged(before))
        transaction.save(refund_item, condition=condition)

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise OvertakenError from error
    return bumped


def _to_item(refund: Refund) -> RefundItem:
    customer_id, sk = keys.parse_refund_id(refund.payment_id, refund.id)
    item = RefundItem(keys.customer_pk(customer_id), sk, doc=codec.plain(refund))
    item.reversed_at = None if refund.reversed_at is None else keys.instant(refund.reversed_at)
    return item


@retried
def _find(customer_id: str, sk: str) -> RefundItem | None:
    try:
        return RefundItem.get(keys.customer_pk(customer_id), sk, consistent_read=True)
    except RefundItem.DoesNotExist:
        return None
