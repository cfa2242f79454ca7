"""A file made of many documents: what was asked for, and how far it got. Values only; `services/export_steps` makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.date_rules import validate_span
from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice_search import InvoiceSearch, ListedStatus


class ExportKind(StrEnum):
    """What is made of the documents."""

    INVOICES_CSV = "invoices_csv"
    INVOICES_XLSX = "invoices_xlsx"
    PDF_ZIP = "pdf_zip"
    ACCOUNTING_CSV = "accounting_csv"


MOST: dict[ExportKind, int] = {
    ExportKind.INVOICES_CSV: 1_000_000,
    ExportKind.INVOICES_XLSX: 150_000,
    ExportKind.PDF_ZIP: 100_000,
    ExportKind.ACCOUNTING_CSV: 1_000_000,
}
"""Documents that a file may hold: a sheet has a million rows and is written in one go, an archive's contents lie in memory."""
WITHOUT_DRAFTS = frozenset({ExportKind.PDF_ZIP, ExportKind.ACCOUNTING_CSV})
"""Drafts have no paper and book nothing."""
CSVS = frozenset({ExportKind.INVOICES_CSV, ExportKind.ACCOUNTING_CSV})
KEPT = timedelta(days=2)
"""How long a file and its job are kept."""


class ExportStatus(StrEnum):
    """queued → running → done or failed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFailure:
    """Why there will be no file."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """`search.as_of` decides what is overdue. The documents are listed page by page first; then `done` of them are drawn.

    `with_bom`: a CSV begins with a byte order mark. `pages` are the numbers of documents listed, `cursor` is where the list goes
    on. `sizes` are the bytes of the segments drawn; `upload` is the upload that joins them and `tags` are the parts that it has.
    `missing` of the documents drawn are in the file by name only, for their PDF was not there.
    """

    id: str
    kind: ExportKind
    search: InvoiceSearch
    created_at: datetime
    with_bom: bool = False
    pages: tuple[int, ...] = ()
    cursor: str | None = None
    is_listed: bool = False
    sizes: tuple[int, ...] = ()
    done: int = 0
    missing: int = 0
    is_drawn: bool = False
    upload: str = ""
    tags: tuple[str, ...] = ()
    failure: ExportFailure | None = None
    finished_at: datetime | None = None
    version: int = 0

    @property
    def found(self) -> int:
        """How many documents were listed so far."""
        return sum(self.pages)

    @property
    def size(self) -> int:
        """Bytes that are drawn."""
        return sum(self.sizes)

    @property
    def due(self) -> int | None:
        """How many documents the file is made of; None while they are being listed."""
        return self.found if self.is_listed else None

    @property
    def status(self) -> ExportStatus:
        """How far it is."""
        if self.finished_at is not None:
            return ExportStatus.DONE if self.failure is None else ExportStatus.FAILED
        return ExportStatus.RUNNING if self.pages else ExportStatus.QUEUED

    @property
    def is_too_large(self) -> bool:
        """Whether more documents match than the file may hold."""
        return self.found > MOST[self.kind]

    def is_kept(self, at: datetime) -> bool:
        """Whether there is a file that is still kept."""
        return self.status is ExportStatus.DONE and at < self.created_at + KEPT


def validate_export(kind: ExportKind, search: InvoiceSearch, *, with_bom: bool) -> list[Issue]:
    """Everything that is wrong with what is asked for."""
    issues = validate_span(search.first, search.last, "filters.to")
    if kind in WITHOUT_DRAFTS and search.status is ListedStatus.DRAFT:
        issues.append(Issue("filters.status", "invalid_value", "Drafts have no PDF and book nothing."))
    if with_bom and kind not in CSVS:
        issues.append(Issue("bom", "invalid_value", "Only CSV begins with a byte order mark."))
    return issues
