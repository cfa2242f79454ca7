"""Checks numbers: every number of every series was taken once, for one document, and that document carries it.

Walks each counter block by block, so that a series of millions needs the memory of one block.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import DateOrder
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store import numbering, objects
from chalicelib.store.books import Books, StoredInvoice
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.numbering import Block


def check_series(order: DateOrder) -> Iterator[Finding]:
    """Findings about every counter that a number was ever taken from."""
    for counter in numbering.list_counters():
        yield from _check_counter(counter, is_strict=order is DateOrder.STRICT)


def check_numbers(books: Books) -> Iterator[Finding]:
    """Findings about the numbers on a customer's documents."""
    for invoice in books.invoices:
        if (invoice.status == "draft") != (invoice.number is None):
            yield Finding("number_state", invoice.id, f"{invoice.status} with number {invoice.number}")
        elif invoice.number is not None and not _is_taken_for(invoice):
            yield Finding("number_unaccounted", invoice.id, str(invoice.number))


def _check_counter(counter: str, *, is_strict: bool) -> Iterator[Finding]:
    expected: int | None = None
    last_date = date.min
    for block in numbering.list_blocks(counter):
        if expected is not None and block.first != expected:
            yield Finding("blocks_broken", counter, f"a block begins at {block.first} instead of {expected}")
        expected = block.last + 1
        documents = _documents(block)
        yield from _check_block(block, documents)
        for document in documents if is_strict else ():
            if document.invoice_date < last_date:
                yield Finding("number_order", document.id, f"{document.number} of {document.invoice_date} follows {last_date}")
            last_date = max(last_date, document.invoice_date)
    last = numbering.find_last(counter)
    if (last[0] + 1 if last else None) != expected:
        yield Finding("blocks_broken", counter, f"the counter stands at {last}, its blocks end before {expected}")


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
