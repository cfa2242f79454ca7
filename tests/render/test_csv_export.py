"""Lines as CSV: figures tie to the document, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import Invoice
from chalicelib.render.csv_export import HEADER, render_lines_csv, text_cell
from chalicelib.render.printable import printable
from tests.support import specimens

DANGEROUS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
NUMBERS = ("quantity", "unit_price", "discount_percent", "tax_percent", "net", "tax", "total", "calls", "billed_seconds")
DOCUMENTED = Path(__file__).parents[2] / "docs" / "lines-csv.md"


def rows(raw: bytes) -> list[dict[str, str]]:
    """The CSV read back by column name."""
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


@pytest.mark.parametrize(
    "invoice", [specimens.an_issued(), specimens.in_dinar(), specimens.in_yen(), specimens.with_long_names(), specimens.a_draft()]
)
def test_totals_row_ties(invoice: Invoice) -> None:
    """The net of the lines adds up to the totals row, and the totals row is the document's."""
    *lines, total = rows(render_lines_csv(invoice))
    assert [line["record"] for line in lines] == ["line"] * len(invoice.lines)
    assert total["record"] == "total"
    assert sum(Decimal(line["net"]) for line in lines) == Decimal(total["net"]) == invoice.subtotal
    assert (Decimal(total["tax"]), Decimal(total["total"])) == (invoice.tax_total, invoice.total)
    assert Decimal(total["net"]) + Decimal(total["tax"]) == Decimal(total["total"])


@pytest.mark.parametrize("currency, nothing", [("EUR", "0.00"), ("JPY", "0"), ("KWD", "0.000")])
def test_no_tax_is_written_in_the_currency_s_digits(currency: str, nothing: str) -> None:
    """As the API and the paper write it: zero has cents where the others have them."""
    untaxed = replace(specimens.an_issued(), currency=currency, subtotal=Decimal(5), tax_total=Decimal(0), total=Decimal(5))
    total = rows(render_lines_csv(untaxed))[-1]
    assert (total["tax"], total["total"]) == (nothing, nothing.replace("0", "5", 1))


def test_cells_of_a_usage_line() -> None:
    """Dates are ISO, figures exact with a decimal point, counts whole."""
    line = rows(render_lines_csv(specimens.an_issued(lines=specimens.usage_lines(1))))[0]
    assert (line["start_date"], line["end_date"], line["calls"], line["billed_seconds"]) == (
        "2026-11-01",
        "2026-11-30",
        "40",
        "6960",
    )
    assert (line["unit_price"], line["net"], line["document_number"]) == ("69.6", "69.60", "INV-2026-000417")


def test_a_credit_note_names_its_invoice_in_the_totals_row() -> None:
    """Lines do not; there the column is that of late usage."""
    line, total = rows(render_lines_csv(specimens.a_credit_note()))
    assert (line["original_number"], total["original_number"]) == ("", "INV-2026-000417")
    assert (total["document_kind"], total["document_number"]) == ("credit_note", "CN-1007")


def test_header_is_the_documented_one() -> None:
    """The columns, their order and their names are those of docs/lines-csv.md."""
    documented = re.findall(r"^\| `(\w+)`", DOCUMENTED.read_text("utf-8"), re.MULTILINE)
    assert tuple(documented) == HEADER
    assert render_lines_csv(specimens.a_draft()).split(b"\r\n")[0].decode() == ",".join(HEADER)


def test_byte_order_mark_on_request() -> None:
    """Only who asks for it gets a byte order mark."""
    assert render_lines_csv(specimens.a_draft(), with_bom=True).startswith(b"\xef\xbb\xbf")
    assert not render_lines_csv(specimens.a_draft()).startswith(b"\xef\xbb\xbf")


def test_large_and_small_numbers_are_never_in_exponents() -> None:
    """Spreadsheets would round what is written as 1E+3."""
    line = replace(specimens.a_usage_line(1), quantity=Decimal("1E+3"), unit_price=Decimal("1E-9"))
    cells = rows(render_lines_csv(specimens.an_issued(lines=(line,))))[0]
    assert (cells["quantity"], cells["unit_price"]) == ("1000", "0.000000001")


def test_internal_ids_stay_inside() -> None:
    """Neither the customer's id nor a package's is in the file."""
    assert b"internal" not in render_lines_csv(specimens.an_issued())


@pytest.mark.parametrize(
    "text, cell",
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\x00=1", "'=1"),
        ("\t=1", "'\t=1"),
        ("x\u202egnp.exe\u2066", "xgnp.exe"),
        ("\u202a=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("UK Mobile", "UK Mobile"),
        ("1-2", "1-2"),
        ("", ""),
    ],
)
def test_formulas_get_an_apostrophe(text: str, cell: str) -> None:
    """Text that would run is kept behind an apostrophe; other text is left as it is."""
    assert text_cell(text) == cell


@given(st.builds(str.__add__, st.text(DANGEROUS + " \x00\u00a0", max_size=3), st.text(max_size=9)))
def test_no_text_cell_runs(text: str) -> None:
    """Whatever a description holds, its cell begins with nothing dangerous, keeps its text, and leaves the numbers alone."""
    line = replace(specimens.a_usage_line(1), description=text, unit=text, unit_price=Decimal(-5))
    cells = rows(render_lines_csv(specimens.an_issued(lines=(line,))))[0]
    assert cells["description"] == text_cell(text)
    assert cells["description"] in {printable(text), f"'{printable(text)}"}
    assert cells["description"].lstrip()[:1] not in set(DANGEROUS)
    assert Decimal(cells["unit_price"]) == -5
    for name in NUMBERS:
        assert not cells[name].startswith("'"), name
