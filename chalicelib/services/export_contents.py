"""What each kind of export is made of: documents in, bytes out, in pieces that know of the earlier ones by their notes only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from chalicelib.domain.export_job import ExportJob, ExportKind
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.periods import local_date
from chalicelib.render import accounting_csv, invoice_table
from chalicelib.render.pdf_archive import PdfArchive
from chalicelib.render.table import Sums
from chalicelib.render.table_csv import TableCsv
from chalicelib.store import objects
from chalicelib.store.invoice_batches import read_invoices
from chalicelib.store.pdf_marks import find_pdf_failure

Notes = Sequence[Mapping[str, Any]]
_Layout = tuple[int, tuple[str, ...], tuple[str, ...]]
"""Schema version, names of the amounts, columns."""
NO_PDF = "The PDF is not there; it may still be made."
FAILED_PDF = "The PDF could not be made: {reason}"


class Content(Protocol):
    """A piece of a file while it is drawn. `batch` is how many documents it takes at a time."""

    batch: int

    @property
    def size(self) -> int:
        """About how many bytes were drawn."""

    def add(self, documents: Sequence[InvoiceSummary]) -> None:
        """Draw some documents."""

    def close(self) -> None:
        """Draw what stands at the end of the file."""

    def take(self) -> bytes:
        """What was drawn."""

    def note(self) -> dict[str, Any]:
        """What later pieces must know of this one."""


class _Table:
    """A CSV with sums of its amounts at the end."""

    def __init__(self, layout: _Layout, job: ExportJob, notes: Notes, offset: int) -> None:
        """Begin with the header, or go on behind earlier pieces."""
        self._version, amounts, columns = layout
        self._sums, self._table = Sums(amounts), TableCsv(columns)
        if notes:
            self._sums.restore(notes[-1])
        if not offset:
            self._table.write_header(with_bom=job.with_bom)

    @property
    def size(self) -> int:
        """About how many bytes were drawn."""
        return self._table.size

    def close(self) -> None:
        """The sums."""
        self._table.write(self._sums.rows(self._version))

    def take(self) -> bytes:
        """What was drawn."""
        return self._table.take()

    def note(self) -> dict[str, Any]:
        """The sums so far."""
        return self._sums.note()


class InvoicesCsv(_Table):
    """The list as CSV."""

    batch = 1000

    def __init__(self, job: ExportJob, notes: Notes, offset: int) -> None:
        """Begin, or go on behind earlier pieces."""
        super().__init__((invoice_table.SCHEMA_VERSION, invoice_table.AMOUNTS, invoice_table.COLUMNS), job, notes, offset)
        self._as_of = job.search.as_of

    def add(self, documents: Sequence[InvoiceSummary]) -> None:
        """A row each."""
        for document in documents:
            invoice_table.count_document(self._sums, document)
        self._table.write(invoice_table.build_row(document, self._as_of) for document in documents)


class AccountingCsv(_Table):
    """The postings of the documents as CSV."""

    batch = 100

    def __init__(self, job: ExportJob, notes: Notes, offset: int) -> None:
        """Begin, or go on behind earlier pieces."""
        super().__init__((accounting_csv.SCHEMA_VERSION, accounting_csv.AMOUNTS, accounting_csv.COLUMNS), job, notes, offset)

    def add(self, documents: Sequence[InvoiceSummary]) -> None:
        """Rows for each, as the document is by now: one that was made void since says so."""
        for document in read_invoices([one.id for one in documents]):
            self._table.write(accounting_csv.build_rows(document, self._sums))


class PdfZip:
    """The PDFs of the documents, of the revision that was listed."""

    batch = 1

    def __init__(self, job: ExportJob, notes: Notes, offset: int) -> None:
        """Begin, or go on behind earlier pieces."""
        self._today = local_date(job.created_at, "UTC")
        self._archive = PdfArchive(notes, offset)

    @property
    def size(self) -> int:
        """How many bytes were drawn."""
        return self._archive.size

    def add(self, documents: Sequence[InvoiceSummary]) -> None:
        """The PDF of each, or a note that there is none."""
        for document in documents:
            number = document.number or document.id
            pdf = objects.find_object(objects.pdf_key(document.id, document.revision))
            if pdf is None:
                self._archive.miss(number, _tell_why(document))
            else:
                self._archive.add(number, document.invoice_date, pdf)

    def close(self) -> None:
        """What is missing, and the directory."""
        self._archive.close(self._today)

    def take(self) -> bytes:
        """What was drawn."""
        return self._archive.take()

    def note(self) -> dict[str, Any]:
        """Where the documents of this piece are."""
        return self._archive.note()


def _tell_why(document: InvoiceSummary) -> str:
    """On one line, why a document has no PDF: the reason why it could not be made, unless it may still come."""
    reason = find_pdf_failure(document.id, document.revision)
    return FAILED_PDF.format(reason=" ".join(reason.split())) if reason else NO_PDF


CONTENTS: dict[ExportKind, Callable[[ExportJob, Notes, int], Content]] = {
    ExportKind.INVOICES_CSV: InvoicesCsv,
    ExportKind.ACCOUNTING_CSV: AccountingCsv,
    ExportKind.PDF_ZIP: PdfZip,
}
"""Kinds that are drawn in pieces; a workbook is written in one go."""
