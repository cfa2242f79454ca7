"""Customers: one item each, saved together with its billing clock, and the list of all by name.

The list comes from an index and lags by moments; everything else is read consistently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import merge
from itertools import islice

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.store import codec, index_keys, keys
from chalicelib.store.clock import Clock, add_clock
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.shards import LISTS, shards_to_read
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import AssignmentItem, BillingItem, ClockItem, CustomerItem
from chalicelib.store.template_uses import Choice, add_choice, customer_user
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import WorkItem

FIRST = " "
"""Sorts before every name; index keys cannot be empty."""
BATCH = 100
LAST = "\U0010ffff"
"""Sorts after every text."""


def find_customer(customer_id: str) -> Customer | None:
    """The customer, or None."""
    item = _find(customer_id)
    return None if item is None else codec.restore(Customer, item.doc)


def get_customer(customer_id: str) -> Customer:
    """The customer; NotFound for an unknown id."""
    customer = find_customer(customer_id)
    if customer is None:
        raise NotFound("customer", customer_id)
    return customer


def put_customer(customer: Customer, clock: Clock, list_shards: int, due_shards: int) -> None:
    """Keep a new customer with its clock; Conflict `already_exists` for a taken id, unless it is the same, met again."""
    item, choice = _item(customer, list_shards), _choice(customer, None)

    def fill(transaction: TransactWrite) -> None:
        _write(transaction, item, CustomerItem.pk.does_not_exist(), clock, due_shards)
        add_choice(transaction, choice)

    try:
        commit(fill)
    except ConditionFailedError as error:
        found = find_customer(customer.id)
        if found is None:
            raise Conflict("stale_version", f"The template {customer.template_id!r} was just deleted.") from error
        if found != customer:
            raise Conflict("already_exists", f"There is a customer {customer.id!r} already.") from error


def save_customer(
    customer: Customer, clock: Clock | None, list_shards: int, due_shards: int, *, template_before: str | None = None
) -> Customer:
    """Save a changed customer that still carries the version it was read with, and its clock if that changes with it.

    Returns it with its new version; Conflict `stale_version` when somebody changed it, or deleted its template, in between.
    """
    saved = replace(customer, version=customer.version + 1)
    item, choice = _item(saved, list_shards), _choice(saved, template_before)

    def fill(transaction: TransactWrite) -> None:
        _write(transaction, item, CustomerItem.ver == customer.version, clock, due_shards)
        add_choice(transaction, choice)

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error
    return saved


def delete_customer(customer: Customer, assignment_ids: tuple[str, ...]) -> None:
    """Delete a customer with its clock and assignments; Conflict `stale_version` when it changed since it was read."""
    pk = keys.customer_pk(customer.id)
    profile = CustomerItem(pk, keys.PROFILE)
    assignments = [AssignmentItem(pk, keys.assignment_sk(each)) for each in assignment_ids]
    for item in (profile, *assignments):
        sign_off(item)

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(profile, condition=CustomerItem.ver == customer.version)
        for item in (ClockItem(pk, keys.CLOCK), *assignments):
            transaction.delete(item)
        add_choice(transaction, replace(_choice(customer, customer.template_id), after=None))

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def has_documents(customer_id: str) -> bool:
    """Whether anything but profile, assignments and clock is kept of the customer: documents, payments, billed days, usage."""
    pk = keys.customer_pk(customer_id)
    around = (BillingItem.sk < keys.PROFILE, BillingItem.sk > keys.CLOCK)
    return any(_exists(pk, condition) for condition in around) or _has_usage(keys.usage_pk(customer_id))


def list_customers(prefix: str, limit: int, cursor: str | None, shards: int) -> tuple[list[Customer], str | None]:
    """A page of the customers whose name begins so (whatever its case), by name, and the cursor to go on with."""
    return list_of_shards(shards_to_read(LISTS, shards), prefix, limit, cursor)


def list_of_shards(shards: Iterable[int], prefix: str, limit: int, cursor: str | None) -> tuple[list[Customer], str | None]:
    """The same of those customers only that lie in some shards of the list."""
    low, high = index_keys.folded(prefix) or FIRST, index_keys.folded(prefix) + LAST
    after = decode_cursor(cursor) or ""
    streams = [_positions(index_keys.customer_list_partition(shard), max(low, after), high, limit + 2) for shard in shards]
    found = list(islice((position for position in merge(*streams) if position[0] != after), limit + 1))
    following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
    customers = _read([pk for _position, pk in found[:limit]])
    return [customers[pk] for _position, pk in found[:limit] if pk in customers], following


def load_customers(customer_ids: Sequence[str]) -> list[Customer]:
    """The customers that exist of these; lags by moments."""
    batches = (customer_ids[start : start + BATCH] for start in range(0, len(customer_ids), BATCH))
    return [customer for ids in batches for customer in _read([keys.customer_pk(one) for one in ids]).values()]


def _choice(customer: Customer, before: str | None) -> Choice:
    user = customer_user(customer.id)
    return Choice(user=user, before=before, after=customer.template_id, mark=f"{user}@{customer.version}")


def _item(customer: Customer, shards: int) -> CustomerItem:
    return CustomerItem(
        keys.customer_pk(customer.id),
        keys.PROFILE,
        ver=customer.version,
        doc=codec.plain(customer),
        g1p=index_keys.customer_list_partition(index_keys.shard_of(customer.id, shards)),
        g1s=index_keys.customer_list_sort(customer.name, customer.id),
    )


def _write(transaction: TransactWrite, item: CustomerItem, condition: Condition, clock: Clock | None, due_shards: int) -> None:
    transaction.save(item, condition=condition)
    if clock is not None:
        add_clock(transaction, clock, due_shards)


@retried
def _find(customer_id: str) -> CustomerItem | None:
    try:
        return CustomerItem.get(keys.customer_pk(customer_id), keys.PROFILE, consistent_read=True)
    except CustomerItem.DoesNotExist:
        return None


@retried
def _exists(pk: str, condition: Condition) -> bool:
    return any(True for _item in BillingItem.query(pk, condition, consistent_read=True, limit=1))


@retried
def _has_usage(pk: str) -> bool:
    return any(True for _item in WorkItem.query(pk, consistent_read=True, limit=1))


@retried
def _positions(partition: str, low: str, high: str, limit: int) -> list[tuple[str, str]]:
    found: Iterator[BillingItem] = BillingItem.by_list.query(partition, BillingItem.g1s.between(low, high), limit=limit)
    return [(item.g1s, item.pk) for item in found]


@retried
def _read(pks: list[str]) -> dict[str, Customer]:
    found = CustomerItem.batch_get([(pk, keys.PROFILE) for pk in pks])
    return {item.pk: codec.restore(Customer, item.doc) for item in found}
