"""The lines of a document as CSV (RFC 4180), closed by a totals row that ties to the document.

Figures are the stored ones with decimal points, dates ISO 8601. Text that a spreadsheet would run as a formula is neutralised;
numbers never are. Described in docs/lines-csv.md; internal ids are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.money import quantise
from chalicelib.domain.spreadsheet import BOM, neutralise
from chalicelib.render.printable import printable

SCHEMA_VERSION = 1
HEADER = (
    *("schema_version", "record", "document_number", "document_kind", "document_date", "currency", "line", "line_kind"),
    *("description", "start_date", "end_date", "quantity", "unit", "unit_price", "discount_percent", "tax_category"),
    *("tax_percent", "tax_name", "calls", "attempts", "duration_seconds", "billed_seconds", "destination"),
    *("original_number", "net", "tax", "total"),
)
"""Columns of version 1. New ones go to the end under a new version; none is renamed or moved."""


def render_lines_csv(invoice: Invoice, *, with_bom: bool = False) -> bytes:
    """The CSV in UTF-8 with CRLF line ends; `with_bom` for spreadsheets that take UTF-8 for something else without it."""
    drawn = io.StringIO()
    if with_bom:
        drawn.write(BOM)
    writer = csv.writer(drawn, lineterminator="\r\n")
    writer.writerow(HEADER)
    for position, line in enumerate(invoice.lines, 1):
        writer.writerow(_cells({**_document(invoice), **_line(position, line)}))
    writer.writerow(_cells({**_document(invoice), **_totals(invoice)}))
    return drawn.getvalue().encode()


def text_cell(text: str) -> str:
    """Text as a cell: made printable, and neutralised."""
    return neutralise(str(printable(text)))


def _document(invoice: Invoice) -> dict[str, str]:
    return {
        "schema_version": str(SCHEMA_VERSION),
        "document_number": text_cell(invoice.number or ""),
        "document_kind": invoice.kind.value,
        "document_date": invoice.invoice_date.isoformat(),
        "currency": invoice.currency,
    }


def _line(position: int, line: Line) -> dict[str, str]:
    return {
        "record": "line",
        "line": str(position),
        "line_kind": line.kind.value,
        "description": text_cell(line.description),
        "start_date": _iso(line.start_date),
        "end_date": _iso(line.end_date),
        "quantity": _plain(line.quantity),
        "unit": text_cell(line.unit),
        "unit_price": _plain(line.unit_price),
        "discount_percent": _plain(line.discount_percent),
        "tax_category": line.tax.category.value,
        "tax_percent": _plain(line.tax.percent),
        "tax_name": text_cell(line.tax.name),
        "original_number": text_cell(line.original_invoice_number or ""),
        "net": _plain(line.net),
        **_usage(line),
    }


def _usage(line: Line) -> dict[str, str]:
    if line.usage is None:
        return {}
    counts = {key: str(getattr(line.usage, key)) for key in ("calls", "attempts", "duration_seconds", "billed_seconds")}
    return {**counts, "destination": text_cell(line.usage.destination)}


def _totals(invoice: Invoice) -> dict[str, str]:
    stored = {"net": invoice.subtotal, "tax": invoice.tax_total, "total": invoice.total}
    figures = {key: _plain(quantise(amount, invoice.currency)) for key, amount in stored.items()}
    return {"record": "total", "original_number": text_cell(invoice.original_invoice_number or ""), **figures}


def _cells(row: dict[str, str]) -> Iterable[str]:
    return [row.get(column, "") for column in HEADER]


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
