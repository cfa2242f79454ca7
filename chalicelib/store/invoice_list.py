"""Lists of invoices, newest invoice date first: the global one from its index, one customer's from the customer's own items.

The index sorts by state, then date; so months are walked from the latest, and in each the states and shards are merged. A page
ends at a position (date, customer, suffix) that does not name the state: an invoice that is paid between two pages is neither
lost nor doubled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import islice

from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus, PrintedPeriod
from chalicelib.domain.invoice_search import OWING, InvoiceSearch, InvoiceSummary
from chalicelib.domain.money import from_minor
from chalicelib.store import index_keys, keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.list_months import load_months
from chalicelib.store.list_walk import END, Effort, bounds_of, months_within, walk
from chalicelib.store.retry import retried
from chalicelib.store.shards import LISTS, shards_to_read
from chalicelib.store.tables import LISTED, InvoiceItem

MAX_QUERIES = 500
"""Queries for one page. A search that matches too little ends its page early, with a cursor to go on."""


@dataclass(frozen=True, slots=True)
class _Row:
    """An item at its place; `item` is None where a month ends."""

    position: str
    item: InvoiceItem | None = None


def list_invoices(
    search: InvoiceSearch, *, shards: int, limit: int, cursor: str | None = None, named: Sequence[str] | None = None
) -> tuple[list[InvoiceSummary], str | None]:
    """A page of what matches, newest first, and the cursor to go on with (None at the end). Invalid for a cursor we did not give.

    `named`: look at these ids only. A page may be shorter than `limit` though there is more. A customer's list is read
    consistently, the global one eventually.
    """
    before = decode_cursor(cursor) or END
    effort = Effort()
    rows = _rows(search, before, shards, effort) if named is None else _sorted(_named_items(named), before)
    found: list[InvoiceSummary] = []
    last = before
    for row in rows:
        summary = to_summary(row.item) if row.item and row.position != last else None
        if summary and search.matches(summary):
            if len(found) == limit:
                return found, encode_cursor(last)
            found.append(summary)
        last = row.position
        if effort.queries >= MAX_QUERIES:
            return found, encode_cursor(last)
    return found, None


def list_owing(shards: int, most: int) -> tuple[list[InvoiceSummary], bool]:
    """Issued invoices that owe something, latest month first, and whether those are all; `most` are read. Lags by moments."""
    effort = Effort()
    found: list[InvoiceSummary] = []
    for month in load_months():
        for state in OWING:
            for shard in shards_to_read(LISTS, shards):
                items = walk(InvoiceItem, index_keys.list_partition(month, shard), (f"{state}#", f"{state}#{END}"), effort)
                found += [to_summary(item) for item in islice(items, most - len(found))]
                if len(found) >= most:
                    return found, False
    return found, True


def to_summary(item: InvoiceItem) -> InvoiceSummary:
    """The row of an item, or of its copy in the index."""
    customer_id, suffix = item.pk.removeprefix("C#"), item.sk.removeprefix("I#")
    total, paid, credited, refunded, due = (
        from_minor(int(n), item.cur) for n in (item.tot, item.paid, item.cred, item.ref, item.due)
    )
    return InvoiceSummary(
        id=keys.invoice_id(customer_id, suffix),
        kind=InvoiceKind(item.kind),
        number=item.num,
        status=InvoiceStatus(item.st),
        state=(item.g1s or "").partition("#")[0],
        revision=int(item.rev),
        customer_id=customer_id,
        customer_name=item.cname,
        timezone=item.tz,
        currency=item.cur,
        invoice_date=date.fromisoformat(item.idate),
        due_date=date.fromisoformat(item.ddate),
        period=_period(item.per),
        total=total,
        amount_paid=paid,
        amount_credited=credited,
        amount_refunded=refunded,
        amount_due=due,
    )


def _period(text: str | None) -> PrintedPeriod | None:
    if text is None:
        return None
    start, _, end = text.partition("/")
    return PrintedPeriod(start_date=date.fromisoformat(start), end_date=date.fromisoformat(end))


def _position(item: InvoiceItem) -> str:
    """(date, customer, suffix) as sortable text: what the index sorts by, without the state."""
    return f"{item.idate.replace('-', '')}#{item.pk.removeprefix('C#')}#{item.sk.removeprefix('I#')}"


def _rows(search: InvoiceSearch, before: str, shards: int, effort: Effort) -> Iterator[_Row]:
    """Where to look: in the customer's own items, or in the index of all."""
    if search.customer_id is not None:
        return _sorted(_customer_items(search.customer_id), before)
    return _all_rows(search, before, shards, effort)


def _sorted(items: list[InvoiceItem], before: str) -> Iterator[_Row]:
    """A few items, newest first: those of one customer are never so many that they need an index of their own."""
    rows = [_Row(_position(item), item) for item in items]
    return iter(sorted((row for row in rows if row.position < before), key=lambda row: row.position, reverse=True))


def _all_rows(search: InvoiceSearch, before: str, shards: int, effort: Effort) -> Iterator[_Row]:
    for month in months_within(load_months(), search.first, search.last, before):
        streams = [
            _stream(index_keys.list_partition(month, shard), _bounds(state, search, before), effort)
            for state in search.states
            for shard in shards_to_read(LISTS, shards)
        ]
        yield from merge(*streams, key=lambda row: row.position, reverse=True)
        yield _Row(f"{month.replace('-', '')}01")


def _bounds(state: str, search: InvoiceSearch, before: str) -> tuple[str, str]:
    """Lowest and highest sort key of a state within the dates looked for."""
    low, high = bounds_of(search.first, search.last, before)
    return f"{state}#{low}", f"{state}#{high}"


def _stream(partition: str, bounds: tuple[str, str], effort: Effort) -> Iterator[_Row]:
    """One state in one shard of a month, newest first."""
    return (_Row(_position(item), item) for item in walk(InvoiceItem, partition, bounds, effort))


@retried
def _named_items(invoice_ids: Sequence[str]) -> list[InvoiceItem]:
    """The documents of these ids that are there."""
    parsed = [keys.parse_invoice_id(invoice_id) for invoice_id in invoice_ids]
    wanted = [(keys.customer_pk(customer_id), keys.invoice_sk(suffix)) for customer_id, suffix in parsed]
    return list(InvoiceItem.batch_get(wanted, consistent_read=True))


@retried
def _customer_items(customer_id: str) -> list[InvoiceItem]:
    wanted = [*LISTED, "PK", "SK", "t", "g1s"]
    page = InvoiceItem.query(
        keys.customer_pk(customer_id), InvoiceItem.sk.startswith("I#"), consistent_read=True, attributes_to_get=wanted
    )
    return list(page)
