"""Payments as items. Every write bumps the version and is conditioned on the one read.

Moves no money by itself: amounts are absolute values that the caller planned on the version it read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pynamodb.expressions.condition import Condition

from chalicelib.domain.errors import NotFound
from chalicelib.domain.money import from_minor, to_minor
from chalicelib.domain.payment import Payment, PaymentState, Refund
from chalicelib.store import codec, index_keys, keys
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.list_months import PAYMENTS, record_month
from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem, PaymentItem, RefundItem


def find_payment(payment_id: str) -> Payment | None:
    """The payment as last committed, or None; NotFound for what cannot be an id."""
    item = _find(payment_id)
    return None if item is None else from_item(item)


def get_payment(payment_id: str) -> Payment:
    """The payment as last committed, or NotFound."""
    payment = find_payment(payment_id)
    if payment is None:
        raise NotFound("payment", payment_id)
    return payment


def load_payments(payment_ids: Collection[str]) -> dict[str, Payment]:
    """The payments that exist of these (at most 100), by id, read consistently; what cannot be an id is nobody's."""
    found = (from_item(item) for item in _get_all([key for key in map(_key, payment_ids) if key is not None]))
    return {payment.id: payment for payment in found}


def put_payment_once(payment: Payment, shards: int) -> bool:
    """Put a new payment under its key; False when it was there already."""
    item = to_item(payment, shards)
    try:
        _put_once(item)
    except ConditionFailedError:
        return False
    return True


def save_payment(before: Payment, after: Payment, shards: int) -> Payment:
    """Write a changed payment over the version it was read at; OvertakenError when it changed since."""
    bumped = replace(after, version=before.version + 1)
    try:
        _replace(to_item(bumped, shards), unchanged(before))
    except ConditionFailedError as error:
        raise OvertakenError from error
    return bumped


@retried
def load_money(customer_id: str) -> tuple[list[Payment], list[Refund]]:
    """All payments and refunds of a customer, read consistently."""
    found = list(BillingItem.query(keys.customer_pk(customer_id), BillingItem.sk.startswith("P#"), consistent_read=True))
    payments = [from_item(item) for item in found if isinstance(item, PaymentItem)]
    return payments, [codec.restore(Refund, item.doc) for item in found if isinstance(item, RefundItem)]


def to_item(payment: Payment, shards: int) -> PaymentItem:
    """The item of a payment; its month is in the list's set before it is written. `shards` spreads the global list."""
    customer_id, sk = keys.parse_payment_id(payment.id)
    month = keys.month_of(payment.date)
    record_month(month, PAYMENTS)
    item = PaymentItem(keys.customer_pk(customer_id), sk, cur=payment.currency, st=payment.status.value)
    item.amount = to_minor(payment.amount, payment.currency)
    item.refunded = to_minor(payment.refunded, payment.currency)
    item.left = to_minor(payment.amount - payment.allocated - payment.refunded, payment.currency)
    item.method, item.reference = payment.method, payment.reference
    item.ver, item.doc = payment.version, codec.plain(payment)
    item.g1p = index_keys.payment_list_partition(month, index_keys.shard_of(customer_id, shards))
    item.g1s = index_keys.payment_list_sort(payment.date, payment.id)
    return item


def from_item(item: PaymentItem) -> Payment:
    """The payment of an item; its amounts and state are those that conditions look at."""
    amount, left, refunded = (from_minor(int(n), item.cur) for n in (item.amount, item.left, item.refunded))
    return replace(
        codec.restore(Payment, item.doc),
        status=PaymentState(item.st),
        amount=amount,
        allocated=amount - left - refunded,
        refunded=refunded,
        version=int(item.ver),
    )


def unchanged(before: Payment) -> Condition:
    """Holds while the payment is as it was read: version, state and what is left of it."""
    left = to_minor(before.amount - before.allocated - before.refunded, before.currency)
    same_state = (PaymentItem.ver == before.version) & (PaymentItem.st == before.status.value)
    condition: Condition = same_state & (PaymentItem.left == left)
    return condition


@retried
def _find(payment_id: str) -> PaymentItem | None:
    customer_id, sk = keys.parse_payment_id(payment_id)
    try:
        return PaymentItem.get(keys.customer_pk(customer_id), sk, consistent_read=True)
    except PaymentItem.DoesNotExist:
        return None


def _key(payment_id: str) -> tuple[str, str] | None:
    try:
        customer_id, sk = keys.parse_payment_id(payment_id)
    except NotFound:
        return None
    return keys.customer_pk(customer_id), sk


@retried
def _get_all(wanted: list[tuple[str, str]]) -> list[PaymentItem]:
    return list(PaymentItem.batch_get(sorted(set(wanted)), consistent_read=True))


@retried
def _put_once(item: PaymentItem) -> None:
    item.save(PaymentItem.pk.does_not_exist())


@retried
def _replace(item: PaymentItem, condition: Condition) -> None:
    item.save(condition)
