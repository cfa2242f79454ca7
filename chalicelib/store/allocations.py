"""Allocations and their reversals: each one transaction over the payment, the invoices and the rows that connect them.

Rows are never deleted; a reversal sets its instant once. The amounts written are absolute and hold only on the state they were
planned on; otherwise OvertakenError, and nothing has happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pynamodb.transactions import TransactWrite

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import to_minor, total
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.domain.payment_rules import give_back
from chalicelib.store import codec, keys
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.invoice_amounts import add_paid
from chalicelib.store.payments import to_item, unchanged
from chalicelib.store.retry import retried
from chalicelib.store.tables import AllocationItem, BillingItem
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import AllocatedItem

REMEMBERED = timedelta(days=100)
"""Longer than any Idempotency-Key lives, and than any job that allocates in steps is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationWork:
    """The payment and the invoices as they were read, the rows to add, and which request asks for them."""

    payment: Payment
    invoices: Mapping[str, Invoice]
    rows: tuple[Allocation, ...]
    request: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JointWork:
    """The invoice and the payments as they were read, the rows to add, one of each payment, and which request asks for them."""

    invoice: Invoice
    payments: Mapping[str, Payment]
    rows: tuple[Allocation, ...]
    request: str
    at: datetime


def allocate(work: AllocationWork, shards: int) -> Payment:
    """Carry it out; returns the payment as written. OvertakenError when anything changed, or the request did its work before."""
    after = _next(work.payment, total(row.amount for row in work.rows), work.at)

    def fill(transaction: TransactWrite) -> None:
        add_mark(transaction, work.request, work.rows, work.at)
        transaction.save(to_item(after, shards), condition=unchanged(work.payment))
        for row in work.rows:
            add_row(transaction, row)
            add_paid(transaction, work.invoices[row.invoice_id], row.amount, shards)

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise OvertakenError from error
    return after


def allocate_jointly(work: JointWork, shards: int) -> None:
    """Pay one invoice from several payments; OvertakenError when anything changed, or the request did its work before."""

    def fill(transaction: TransactWrite) -> None:
        add_mark(transaction, work.request, work.rows, work.at)
        add_paid(transaction, work.invoice, total(row.amount for row in work.rows), shards)
        for row in work.rows:
            payment = work.payments[row.payment_id]
            transaction.save(to_item(_next(payment, row.amount, work.at), shards), condition=unchanged(payment))
            add_row(transaction, row)

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise OvertakenError from error


def reverse(taken_back: Allocation, payment: Payment, invoice: Invoice, shards: int) -> None:
    """Give the amount back to payment and invoice, and mark the row; OvertakenError when one of them changed since."""
    customer_id, sk = keys.parse_allocation_id(taken_back.invoice_id, taken_back.id)
    at = taken_back.reversed_at
    if at is None:
        raise ValueError("a reversal has an instant")
    after = replace(give_back(payment, taken_back), version=payment.version + 1, updated_at=at)

    def fill(transaction: TransactWrite) -> None:
        transaction.update(
            AllocationItem(keys.customer_pk(customer_id), sk),
            actions=[AllocationItem.reversed_at.set(keys.instant(at)), AllocationItem.doc.set(codec.plain(taken_back))],
            condition=AllocationItem.pk.exists() & AllocationItem.reversed_at.does_not_exist(),
        )
        transaction.save(to_item(after, shards), condition=unchanged(payment))
        add_paid(transaction, invoice, -taken_back.amount, shards)

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise OvertakenError from error


def close_request(request: str, at: datetime) -> tuple[Allocation, ...]:
    """See to it that the request makes nothing from now on; the rows that it made before."""
    with suppress(ConditionFailedError):
        _put_mark_once(_mark(request, (), at))
    return find_allocated(request) or ()


@retried
def find_allocated(request: str) -> tuple[Allocation, ...] | None:
    """The rows that a request made, or None when it made none."""
    try:
        item = AllocatedItem.get(keys.allocated_pk(request), keys.HEAD, consistent_read=True)
    except AllocatedItem.DoesNotExist:
        return None
    return codec.restore(tuple[Allocation, ...], item.doc)


@retried
def find_allocation(invoice_id: str, allocation_id: str) -> Allocation | None:
    """The allocation, taken back or not, or None; NotFound for what cannot be an id."""
    customer_id, sk = keys.parse_allocation_id(invoice_id, allocation_id)
    try:
        item = AllocationItem.get(keys.customer_pk(customer_id), sk, consistent_read=True)
    except AllocationItem.DoesNotExist:
        return None
    return codec.restore(Allocation, item.doc)


def load_allocations(customer_id: str) -> list[Allocation]:
    """All allocations of a customer, those taken back too, read consistently."""
    return _query(customer_id, "A#")


def load_invoice_allocations(invoice_id: str) -> list[Allocation]:
    """All allocations to an invoice, those taken back too, in the order they were made."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    return sorted(_query(customer_id, f"A#{suffix}#"), key=lambda row: (row.created_at, row.id))


@retried
def load_payment_allocations(payment_id: str) -> list[Allocation]:
    """All allocations of a payment, those taken back too, in the order they were made."""
    pk = keys.customer_pk(keys.parse_payment_id(payment_id)[0])
    span, ours = AllocationItem.sk.startswith("A#"), AllocationItem.payment == payment_id
    rows = AllocationItem.query(pk, span, filter_condition=ours, consistent_read=True)
    return sorted((codec.restore(Allocation, item.doc) for item in rows), key=lambda row: (row.created_at, row.id))


def add_mark(transaction: TransactWrite, request: str, rows: Sequence[Allocation], at: datetime) -> None:
    """Put within a transaction what a request did; fails when it did something before."""
    transaction.save(_mark(request, rows, at), condition=AllocatedItem.pk.does_not_exist())


def add_row(transaction: TransactWrite, row: Allocation) -> None:
    """Put a new allocation within a transaction."""
    customer_id, sk = keys.parse_allocation_id(row.invoice_id, row.id)
    item = AllocationItem(keys.customer_pk(customer_id), sk, payment=row.payment_id, cur=row.currency, doc=codec.plain(row))
    item.amount = to_minor(row.amount, row.currency)
    transaction.save(item, condition=BillingItem.pk.does_not_exist())


def _mark(request: str, rows: Sequence[Allocation], at: datetime) -> AllocatedItem:
    item = AllocatedItem(keys.allocated_pk(request), keys.HEAD, doc=[codec.plain(row) for row in rows])
    item.ttl = int((at + REMEMBERED).timestamp())
    return item


@retried
def _put_mark_once(item: AllocatedItem) -> None:
    item.save(condition=AllocatedItem.pk.does_not_exist())


def _next(payment: Payment, amount: Decimal, at: datetime) -> Payment:
    """The payment with that much more allocated."""
    return replace(payment, allocated=payment.allocated + amount, version=payment.version + 1, updated_at=at)


@retried
def _query(customer_id: str, prefix: str) -> list[Allocation]:
    rows = AllocationItem.query(keys.customer_pk(customer_id), AllocationItem.sk.startswith(prefix), consistent_read=True)
    return [codec.restore(Allocation, item.doc) for item in rows]
