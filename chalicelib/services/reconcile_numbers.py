"""Checks numbers: every number of every series was taken once, for one document, and that document carries it.

Walks each counter block by block, so that a series of millions needs the memory of one block.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import DateOrder
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store import numbering, objects
from chalicelib.store.books import Books, StoredInvoice
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.numbering import Block

log = logging.getLogger(__name__)

BLOCKS = 50
"""Blocks looked at in one go: of a chunk each, so up to 5,000 documents."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a check of all counters is: in which counter, the last number looked at, and the latest date up to there."""

    counter: str
    last: int | None = None
    last_date: date = date.min


def find_first_place() -> Place | None:
    """Where a check of all counters begins; None when no number was ever taken."""
    return _place_behind("")


def check_part(order: DateOrder, place: Place) -> tuple[list[Finding], Place | None]:
    """Findings about some blocks from a place on, and the place to go on from; None when every counter was looked at."""
    blocks = numbering.list_blocks(place.counter, place.last, BLOCKS)
    found: list[Finding] = []
    for block in blocks:
        documents, unreadable = _read(block)
        found += [*_check_order(block, place), *(unreadable or _check_block(block, documents))]
        if order is DateOrder.STRICT:
            found += _check_dates(documents, place.last_date)
        place = Place(block.counter, block.last, max([place.last_date, *(one.invoice_date for one in documents)]))
    if len(blocks) == BLOCKS:
        return found, place
    return [*found, *_check_counter(place)], _place_behind(place.counter)


def check_numbers(books: Books) -> Iterator[Finding]:
    """Findings about the numbers on a customer's documents."""
    for invoice in books.invoices:
        if (invoice.status == "draft") != (invoice.number is None):
            yield Finding("number_state", invoice.id, f"{invoice.status} with number {invoice.number}")
        elif invoice.number is not None and not _is_taken_for(invoice):
            yield Finding("number_unaccounted", invoice.id, str(invoice.number))


def _place_behind(counter: str) -> Place | None:
    following = [one for one in sorted(numbering.list_counters()) if one > counter]
    return Place(following[0]) if following else None


def _read(block: Block) -> tuple[list[Invoice], list[Finding]]:
    """The documents of a block; when nobody can read them that is a finding, and does not hide what other blocks have."""
    try:
        return _documents(block), []
    except Unavailable:
        raise
    except Exception as error:
        log.exception("documents of %s cannot be read", block.source)
        return [], [Finding("unreadable", block.source, type(error).__name__)]


def _check_order(block: Block, place: Place) -> Iterator[Finding]:
    if place.last is not None and block.first != place.last + 1:
        yield Finding("blocks_broken", place.counter, f"a block begins at {block.first} instead of {place.last + 1}")


def _check_dates(documents: Sequence[Invoice], last_date: date) -> Iterator[Finding]:
    for document in documents:
        if document.invoice_date < last_date:
            yield Finding("number_order", document.id, f"{document.number} of {document.invoice_date} follows {last_date}")
        last_date = max(last_date, document.invoice_date)


def _check_counter(place: Place) -> Iterator[Finding]:
    last = numbering.find_last(place.counter)
    if (last[0] if last else None) != place.last:
        yield Finding("blocks_broken", place.counter, f"the counter stands at {last}, its blocks end with {place.last}")


def _check_block(block: Block, documents: Sequence[Invoice]) -> Iterator[Finding]:
    carried: dict[int, str] = {}
    for document in documents:
        number = document.sequence or 0
        if number in carried:
            yield Finding("number_twice", block.counter, f"{number} on {carried[number]} and {document.id}")
        carried[number] = document.id
    missing = [number for number in range(block.first, block.last + 1) if number not in carried]
    if missing:
        yield Finding("number_missing", block.counter, f"{missing[0]} … {missing[-1]} ({len(missing)}) of {block.source}")


def _documents(block: Block) -> list[Invoice]:
    """The documents that the block was taken for and that are numbered by its counter, in order of their numbers."""
    found = load_invoices(_names(block.source)).values()
    mine = [one for one in found if one.series == block.counter and one.number is not None]
    return sorted(mine, key=lambda one: one.sequence or 0)


def _names(source: str) -> list[str]:
    """The ids of the documents that a block was taken for: one, or all of a pinned chunk."""
    if not objects.is_chunk_key(source):
        return [source]
    pinned = objects.find_object(source)
    return [one["id"] for one in json.loads(pinned)["plan"]["invoices"]] if pinned else []


def _is_taken_for(invoice: StoredInvoice) -> bool:
    body = invoice.body
    if body.series is None or body.sequence is None or body.number != invoice.number:
        return False
    block = numbering.find_block(body.series, body.sequence)
    return block is not None and invoice.id in _names(block.source)
