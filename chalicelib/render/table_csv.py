"""A table of values as CSV (RFC 4180), piece by piece: decimal points, ISO dates, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from chalicelib.domain.spreadsheet import BOM
from chalicelib.render.csv_export import text_cell
from chalicelib.render.table import Cell, Row


class TableCsv:
    """Collects rows until they are taken."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Begin with nothing drawn, not even the header."""
        self._columns = columns
        self._drawn = io.StringIO(newline="")
        self._writer = csv.writer(self._drawn, lineterminator="\r\n")

    @property
    def size(self) -> int:
        """About how many bytes were drawn."""
        return self._drawn.tell()

    def write_header(self, *, with_bom: bool = False) -> None:
        """The names of the columns; `with_bom` for spreadsheets that take UTF-8 for something else without it."""
        self._drawn.write(BOM if with_bom else "")
        self._writer.writerow(self._columns)

    def write(self, rows: Iterable[Row]) -> None:
        """Some rows; columns that a row lacks stay empty."""
        self._writer.writerows([_text(row.get(column)) for column in self._columns] for row in rows)

    def take(self) -> bytes:
        """What was drawn, in UTF-8."""
        return self._drawn.getvalue().encode()


def _text(cell: Cell) -> str:
    """Numbers and dates as they are; text neutralised."""
    if isinstance(cell, str):
        return text_cell(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
