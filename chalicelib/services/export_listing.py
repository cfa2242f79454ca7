"""The documents of an export: listed page by page and pinned, so that every later step sees the same ones in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from chalicelib.domain.export_job import MOST, ExportFailure, ExportJob
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.services.deps import Deps
from chalicelib.services.number_search import find_numbered
from chalicelib.store import codec, export_files
from chalicelib.store.invoice_list import list_invoices

PAGE = 1000
"""Documents of a page."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some documents, and where the list goes on (None at its end)."""

    documents: tuple[InvoiceSummary, ...]
    cursor: str | None


def list_page(deps: Deps, job: ExportJob) -> ExportJob:
    """The job with one page of its documents more; failed when there are too many for one file."""
    search = job.search
    named = None if search.number is None else find_numbered(search.number)
    found, cursor = list_invoices(search, shards=deps.settings.list_shards, limit=PAGE, cursor=job.cursor, named=named)
    listed = codec.pack(ListedPage(tuple(found), cursor))
    page = codec.unpack(ListedPage, export_files.pin(job.id, _name(len(job.pages)), listed))
    after = replace(job, pages=(*job.pages, len(page.documents)), cursor=page.cursor, is_listed=page.cursor is None)
    if not after.is_too_large:
        return after
    message = f"More than {MOST[job.kind]:,} documents match; narrow the filters."
    return replace(after, failure=ExportFailure(code="too_many_items", message=message), finished_at=deps.clock())


def read_documents(job: ExportJob, start: int, batch: int) -> Iterator[Sequence[InvoiceSummary]]:
    """The listed documents from a place on, at most `batch` at a time; one page of them is in memory."""
    for number, end in enumerate(accumulate(job.pages)):
        if end > start:
            documents = codec.unpack(ListedPage, export_files.load_pinned(job.id, _name(number))).documents
            left = documents[max(0, start - end + len(documents)) :]
            yield from (left[at : at + batch] for at in range(0, len(left), batch))


def _name(number: int) -> str:
    return f"pages/{number:05d}"
