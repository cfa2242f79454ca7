"""The account of numbers: every number taken from a series, the documents that carry them, and any gap by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import InvoiceStatus
from chalicelib.domain.numbering import counter_key, find_gaps
from chalicelib.domain.operator import OperatorSettings
from chalicelib.services.chunk_commit import list_numbered_ids
from chalicelib.services.deps import Deps
from chalicelib.services.pinned import find_pinned_at
from chalicelib.store.invoice_batches import load_numbered
from chalicelib.store.numbering import Block, find_last, list_blocks
from chalicelib.store.objects import is_chunk_key
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingReport:
    """Numbers `first`..`last` of a series (None: none taken); issued + void + numbers in gaps = last − first + 1."""

    series: str
    first: int | None
    last: int | None
    issued: int
    void: int
    gaps: tuple[tuple[int, int], ...]


def build_numbering(deps: Deps, series: str | None) -> NumberingReport:
    """Account for every number of a series, by name ("invoices", or "invoices:2026" where it restarts yearly).

    Default: the invoices' series. A number without a document is a gap, also while its billing run is still writing.
    """
    counter = _find_counter(deps, get_settings(), series)
    blocks = list_blocks(counter)
    sources = dict(entry for block in blocks for entry in list_documents(block))
    states = load_numbered(list(sources.values()))
    accounted = {number: states[invoice_id] for number, invoice_id in sources.items() if invoice_id in states}
    last = find_last(counter)
    first = min((block.first for block in blocks), default=None)
    void = sum(state is InvoiceStatus.VOID for state in accounted.values())
    return NumberingReport(
        series=counter,
        first=first,
        last=last[0] if last else None,
        issued=len(accounted) - void,
        void=void,
        gaps=_gaps(accounted, first, last[0] if last else None),
    )


def _find_counter(deps: Deps, settings: OperatorSettings, name: str | None) -> str:
    """The counter of a name: a series of the settings as it counts today, or any counter that was ever used."""
    wanted = name or settings.invoice_series.name
    today = deps.clock().date()
    known = {series.name: counter_key(series, today) for series in (settings.invoice_series, settings.credit_note_series)}
    if wanted in known:
        return known[wanted]
    if find_last(wanted) is None:
        raise Invalid.of(Issue("series", "invalid_value", "No number was ever taken from a series of this name."))
    return wanted


def list_documents(block: Block) -> Iterator[tuple[int, str]]:
    """(number, invoice id) of a block: one invoice, or those of a pinned chunk in the order of their numbers."""
    if not is_chunk_key(block.source):
        yield block.first, block.source
        return
    pinned = find_pinned_at(block.source)
    ids = list_numbered_ids(pinned, block.counter) if pinned else []
    yield from zip(range(block.first, block.last + 1), ids, strict=False)


def _gaps(accounted: dict[int, InvoiceStatus], first: int | None, last: int | None) -> tuple[tuple[int, int], ...]:
    if first is None or last is None:
        return ()
    end = (last + 1, last + 1)  # what follows the last number, so that a gap before it is seen
    return tuple(find_gaps([*((number, number) for number in accounted), end], first))
