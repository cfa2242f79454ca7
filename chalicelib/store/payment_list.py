"""Lists of payments, newest business date first: the global one by its index, one customer's from the customer's own items.

The index says where to look and in which order; what is shown is read consistently. A page ends at a position (date, customer,
payment), so what is recorded between two pages shifts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_search import PaymentSearch
from chalicelib.store import index_keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.list_months import PAYMENTS, load_months
from chalicelib.store.list_walk import END, Effort, bounds_of, months_within, walk
from chalicelib.store.payments import from_item, load_money
from chalicelib.store.retry import retried
from chalicelib.store.shards import LISTS, shards_to_read
from chalicelib.store.tables import PaymentItem

MAX_QUERIES = 200
"""Queries for one page. A search that matches too little ends its page early, with a cursor to go on."""
BATCH = 100
"""Items read by one call."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A payment at its place; `key` is None for one that is not looked for."""

    position: str
    key: tuple[str, str] | None


def list_payments(
    search: PaymentSearch, *, shards: int, limit: int, cursor: str | None = None
) -> tuple[list[Payment], str | None]:
    """A page of what matches, and the cursor to go on with (None at the end). Invalid for a cursor we did not give.

    A page of the global list may be shorter than `limit` though there is more, and that list lags by moments.
    """
    before = decode_cursor(cursor) or END
    if search.customer_id is not None:
        return _customer_page(search, before, limit)
    return _global_page(search, before, shards, limit)


def _customer_page(search: PaymentSearch, before: str, limit: int) -> tuple[list[Payment], str | None]:
    payments, _refunds = load_money(str(search.customer_id))
    placed = ((index_keys.payment_list_sort(one.date, one.id), one) for one in payments if search.matches(one))
    found = sorted(((place, one) for place, one in placed if place < before), key=lambda pair: pair[0], reverse=True)
    following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
    return [one for _place, one in found[:limit]], following


def _global_page(search: PaymentSearch, before: str, shards: int, limit: int) -> tuple[list[Payment], str | None]:
    effort = Effort()
    wanted: list[tuple[str, str]] = []
    last = before
    following = None
    for row in _rows(search, before, shards, effort):
        if len(wanted) == limit or effort.queries > MAX_QUERIES:
            following = encode_cursor(last)
            break
        if row.key is not None:
            wanted.append(row.key)
        last = row.position
    return [payment for payment in _read(wanted) if search.matches(payment)], following


def _rows(search: PaymentSearch, before: str, shards: int, effort: Effort) -> Iterator[_Row]:
    for month in months_within(load_months(PAYMENTS), search.first, search.last, before):
        streams = [
            _stream(index_keys.payment_list_partition(month, shard), search, before, effort)
            for shard in shards_to_read(LISTS, shards)
        ]
        yield from merge(*streams, key=lambda row: row.position, reverse=True)


def _stream(partition: str, search: PaymentSearch, before: str, effort: Effort) -> Iterator[_Row]:
    """One shard of a month, newest first; `before` itself is left out."""
    items = walk(PaymentItem, partition, bounds_of(search.first, search.last, before), effort)
    return (_row(item, search) for item in items if item.g1s != before)


def _row(item: PaymentItem, search: PaymentSearch) -> _Row:
    return _Row(str(item.g1s), (item.pk, item.sk) if _may_match(item, search) else None)


def _may_match(item: PaymentItem, search: PaymentSearch) -> bool:
    """Whether the index speaks for the payment; what the item lacks may be anything."""
    has_left = item.st == PaymentState.COMPLETED.value and item.left > 0
    return (
        (search.status is None or item.st == search.status.value)
        and search.unallocated in {None, has_left}
        and (search.method is None or item.method in {None, search.method})
        and (search.reference is None or item.reference in {None, search.reference})
    )


def _read(wanted: list[tuple[str, str]]) -> list[Payment]:
    found: dict[tuple[str, str], Payment] = {}
    for start in range(0, len(wanted), BATCH):
        found |= _get(wanted[start : start + BATCH])
    return [found[key] for key in wanted if key in found]


@retried
def _get(wanted: list[tuple[str, str]]) -> dict[tuple[str, str], Payment]:
    return {(item.pk, item.sk): from_item(item) for item in PaymentItem.batch_get(wanted, consistent_read=True)}
