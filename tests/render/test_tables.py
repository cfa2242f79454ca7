"""Lists and postings as CSV and workbook: figures tie, and nothing in them is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zipfile import ZipFile

import openpyxl
import pytest

from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.render import accounting_csv, invoice_table
from chalicelib.render.invoice_workbook import write_workbook
from chalicelib.render.table import Sums
from chalicelib.render.table_csv import TableCsv
from tests.support.builders import NOW, a_customer_snapshot, a_summary, an_invoice

HOSTILE = ("=1+1", '=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\uff1d1", " =1", "\ufeff=1", '"=1"', "a\r\n=1")


ROWS = (
    a_summary(),
    a_summary(number="INV-1002", total=Decimal("20.00"), amount_due=Decimal("20.00")),
    a_summary(number="CN-1", kind=InvoiceKind.CREDIT_NOTE, total=Decimal("2.00"), amount_due=Decimal("2.00")),
    a_summary(number="INV-1003", status=InvoiceStatus.VOID, state="void", total=Decimal("99.00")),
    a_summary(number=None, status=InvoiceStatus.DRAFT, state="draft", currency="JPY", total=Decimal(500)),
    a_summary(number="INV-1004", currency="KWD", total=Decimal("1.005"), amount_due=Decimal("1.005")),
)


def draw(rows: tuple[InvoiceSummary, ...]) -> str:
    """The list as CSV."""
    sums, table = Sums(invoice_table.AMOUNTS), TableCsv(invoice_table.COLUMNS)
    table.write_header()
    for row in rows:
        invoice_table.count_document(sums, row)
    table.write(invoice_table.build_row(row, NOW) for row in rows)
    table.write(sums.rows(invoice_table.SCHEMA_VERSION))
    return table.take().decode()


def test_a_list_closes_with_sums_for_each_currency() -> None:
    """Issued invoices count, credit notes count against them, drafts and void documents do not."""
    rows = list(csv.DictReader(io.StringIO(draw(ROWS))))
    sums = {row["currency"]: row for row in rows if row["record"] == "total"}
    assert {currency: (row["total"], row["documents"]) for currency, row in sums.items()} == {
        "EUR": ("30.00", "4"),
        "JPY": ("0", "1"),
        "KWD": ("1.005", "1"),
    }
    for currency, row in sums.items():
        counted = [one for one in rows if one["record"] == "document" and one["currency"] == currency]
        for name in invoice_table.AMOUNTS:
            assert sum(int(one["sign"]) * Decimal(one[name]) for one in counted) == Decimal(row[name])
    assert [row["payment_status"] for row in rows[:5]] == ["unpaid", "unpaid", "", "", ""]


def test_the_columns_are_those_that_are_documented() -> None:
    """Version 1 of both layouts, in order."""
    assert draw(()).strip().split(",") == list(invoice_table.COLUMNS)
    assert (len(invoice_table.COLUMNS), len(accounting_csv.COLUMNS)) == (23, 27)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    """Names and numbers that begin like formulas get an apostrophe; quotes and breaks stay within their cell."""
    row = next(csv.DictReader(io.StringIO(draw((a_summary(customer_name=text, number=text),)), newline="")))
    for cell in (row["customer_name"], row["number"]):
        assert cell.lstrip(" \ufeff")[:1] not in set("=+-@\t\r\uff1d")
    assert row["total"] == "12.00"


def test_negative_numbers_stay_numbers() -> None:
    """A posting of a credit note is negative and has no apostrophe."""
    note = an_invoice(kind=InvoiceKind.CREDIT_NOTE, status=InvoiceStatus.ISSUED, customer=a_customer_snapshot(name="=cmd"))
    (row,) = accounting_csv.build_rows(note, Sums(accounting_csv.AMOUNTS))
    table = TableCsv(accounting_csv.COLUMNS)
    table.write([row])
    cells = dict(zip(accounting_csv.COLUMNS, next(csv.reader([table.take().decode()])), strict=True))
    assert (cells["net"], cells["tax"], cells["gross"], cells["customer_name"]) == ("-10.00", "-2.00", "-12.00", "'=cmd")


def test_a_document_is_counted_once_however_many_postings_it_has() -> None:
    """A void document has its postings twice, comes to nothing, and is one document."""
    void = replace(an_invoice(status=InvoiceStatus.ISSUED), status=InvoiceStatus.VOID, voided_at=NOW)
    sums = Sums(accounting_csv.AMOUNTS)
    rows = list(accounting_csv.build_rows(void, sums))
    assert [(row["posting"], row["documents"], str(row["gross"])) for row in rows] == [
        ("issue", 1, "12.00"),
        ("void", 0, "-12.00"),
    ]
    (total,) = sums.rows(accounting_csv.SCHEMA_VERSION)
    assert (total["gross"], total["documents"]) == (Decimal("0.00"), 1)
    assert list(accounting_csv.build_rows(an_invoice(), sums)) == []


def test_a_workbook_holds_numbers_dates_and_no_formula() -> None:
    """Read by another library: types, number formats by currency, sums, and hostile texts as plain text."""
    rows = (*ROWS, *(a_summary(customer_name=text) for text in HOSTILE))
    file = io.BytesIO()
    write_workbook(file, rows, NOW)
    sheet = openpyxl.load_workbook(file).active
    header, *body = sheet.iter_rows()
    at = {cell.value: place for place, cell in enumerate(header)}
    assert tuple(at) == invoice_table.COLUMNS
    assert {cell.data_type for row in body for cell in row} <= {"s", "n", "d"}
    first = body[0]
    assert (first[at["total"]].value, first[at["total"]].number_format) == (12, "#,##0.00")
    assert first[at["invoice_date"]].value == datetime(2026, 11, 15)  # noqa: DTZ001  # workbooks know no zones
    assert body[4][at["total"]].number_format == "#,##0"
    assert (body[5][at["total"]].value, body[5][at["total"]].number_format) == (1.005, "#,##0.000")
    assert [row[at["customer_name"]].value for row in body[6:8]] == list(HOSTILE[:2])
    assert [(row[at["currency"]].value, row[at["record"]].value) for row in body[-3:]] == [
        ("EUR", "total"),
        ("JPY", "total"),
        ("KWD", "total"),
    ]
    documents = len(rows) + 1
    assert {cell.value for cell in body[len(rows)]} == {None}
    assert str(sheet.auto_filter.ref).endswith(f"{documents}")
    with ZipFile(file) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_a_workbook_is_the_same_again() -> None:
    """The same documents give the same bytes."""
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        write_workbook(file, ROWS, NOW)
    assert files[0].getvalue() == files[1].getvalue()


def test_sums_go_on_from_a_note() -> None:
    """What was counted before a restart counts."""
    sums, again = Sums(("net",)), Sums(("net",))
    sums.add("EUR", [Decimal("0.10")], 1)
    again.restore(sums.note())
    again.add("EUR", [Decimal("0.20")], 2)
    assert next(iter(again.rows(1)))["net"] == Decimal("0.30")
    assert again.documents == {"EUR": 3}
