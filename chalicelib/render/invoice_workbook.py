"""The list of documents as a workbook (XLSX), written row by row to a scratch file.

Amounts are numbers with the currency's digits, dates are dates, and everything else is text that no spreadsheet runs: no cell
is a formula, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.money import exponent
from chalicelib.render.invoice_table import AMOUNTS, COLUMNS, SCHEMA_VERSION, build_row, count_document
from chalicelib.render.printable import printable
from chalicelib.render.table import Cell, Row, Sums

SHEET = "Invoices"
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTH, WIDE = 12, 32
"""Characters of a column at least, and of one that holds names or ids."""
WIDE_COLUMNS = frozenset({"customer_name", "invoice_id", "customer_id"})
MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""What the file says of when it was made: the same documents, the same bytes."""


def write_workbook(file: IO[bytes], documents: Iterable[InvoiceSummary], as_of: datetime) -> None:
    """Write the workbook: a header, a row for each document, an empty one, a row of sums for each currency."""
    from xlsxwriter import Workbook  # noqa: PLC0415  # no other function pays for it

    with Workbook(file, OPTIONS) as workbook:
        workbook.set_properties({"created": MADE.replace(tzinfo=None)})
        sheet = _Sheet(workbook)
        sums = Sums(AMOUNTS)
        for document in documents:
            sheet.write(build_row(document, as_of))
            count_document(sums, document)
        sheet.end_documents()
        for row in sums.rows(SCHEMA_VERSION):
            sheet.write(row, is_sum=True)


class _Sheet:
    """The one sheet, filled from the top."""

    def __init__(self, workbook: Any) -> None:
        """Begin with the header."""
        self._workbook, self._next = workbook, 1
        self._formats: dict[tuple[str, bool], Any] = {}
        self._sheet = workbook.add_worksheet(SHEET)
        for column, name in enumerate(COLUMNS):
            self._sheet.set_column(column, column, WIDE if name in WIDE_COLUMNS else max(WIDTH, len(name) + 1))
        self._sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for column, name in enumerate(COLUMNS):
            self._sheet.write_string(0, column, name, bold)

    def write(self, row: Row, *, is_sum: bool = False) -> None:
        """One row more; sums are bold."""
        currency = str(row["currency"])
        for column, name in enumerate(COLUMNS):
            self._write(column, row.get(name), currency, is_sum=is_sum)
        self._next += 1

    def end_documents(self) -> None:
        """Let what was written be filtered and sorted by its columns; sums come behind an empty row, and stay."""
        self._sheet.autofilter(0, 0, self._next - 1, len(COLUMNS) - 1)
        self._next += 1

    def _write(self, column: int, cell: Cell, currency: str, *, is_sum: bool) -> None:
        """A value with its format; empty cells are left out."""
        if isinstance(cell, str):
            if cell:
                self._sheet.write_string(self._next, column, str(printable(cell)), self._format("@", is_bold=is_sum))
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._next, column, cell, self._format("yyyy-mm-dd", is_bold=is_sum))
        elif isinstance(cell, Decimal):
            self._sheet.write_number(self._next, column, cell, self._format(_pattern(currency), is_bold=is_sum))
        elif cell is not None:
            self._sheet.write_number(self._next, column, cell, self._format("0", is_bold=is_sum))

    def _format(self, pattern: str, *, is_bold: bool) -> Any:
        """Formats are shared: a workbook holds 64,000 at most."""
        if (pattern, is_bold) not in self._formats:
            self._formats[pattern, is_bold] = self._workbook.add_format({"num_format": pattern, "bold": is_bold})
        return self._formats[pattern, is_bold]


def _pattern(currency: str) -> str:
    """How amounts of the currency are shown.

    >>> _pattern("EUR"), _pattern("JPY")
    ('#,##0.00', '#,##0')
    """
    digits = exponent(currency)
    return "#,##0." + "0" * digits if digits else "#,##0"
