"""Statements as CSV: the stated layout decides; bad rows are refused by line and stop no other."""

from __future__ import annotations

import pytest

from chalicelib.domain.bank_csv import MAX_FIELD, CsvColumns, CsvLayout, read_csv, validate_layout
from chalicelib.domain.bank_entry import EntryReject, RawEntry
from chalicelib.domain.errors import Invalid

COLUMNS = CsvColumns(date="Date", amount="Amount", remittance=("Text", "More"), name="Name")
LAYOUT = CsvLayout(columns=COLUMNS, delimiter=";", currency="EUR")


def read(text: str, layout: CsvLayout = LAYOUT) -> list[RawEntry | EntryReject]:
    """Every row."""
    return list(read_csv(text, layout))


def test_columns_are_found_by_name() -> None:
    """In any order, without case, behind a byte order mark; several make one text; others are left aside."""
    row = read("\ufeffname;AMOUNT; Text ;more;date;balance\r\nAcme;1,50;INV-1;Nov;2026-11-15;9\r\n")[0]
    assert isinstance(row, RawEntry)
    assert (row.line, row.name, row.amount, row.remittance, row.date, row.currency) == (
        2,
        "Acme",
        "1,50",
        "INV-1 Nov",
        "2026-11-15",
        "EUR",
    )


def test_lines_before_the_header_and_empty_ones_are_skipped() -> None:
    """Line numbers are those of the file."""
    layout = CsvLayout(columns=COLUMNS, delimiter=";", currency="EUR", skip_lines=2)
    rows = read("Bank\n\nDate;Amount;Text;More;Name\n\n;;;;\n2026-11-15;1;a;b;c\n", layout)
    assert [row.line for row in rows] == [6]


def test_a_row_s_own_currency_wins() -> None:
    """The column tells; where it is empty, the layout does."""
    columns = CsvColumns(date="d", amount="a", currency="c")
    rows = read("d,a,c\n1,1,usd\n1,1,\n", CsvLayout(columns=columns, currency="EUR"))
    assert [row.currency for row in rows if isinstance(row, RawEntry)] == ["USD", "EUR"]


def test_a_bad_row_stops_no_other() -> None:
    """Too few fields, and a field without end, are named by their lines."""
    rows = read("Date;Amount;Text;More;Name\n2026-11-15;1\n2026-11-15;1;a;b;c\n" + '2026-11-15;1;"' + "x" * (MAX_FIELD + 1))
    assert [type(row) for row in rows] == [EntryReject, RawEntry, EntryReject]
    assert [(row.line, getattr(row, "code", "")) for row in rows] == [(2, "not_tabular"), (3, ""), (4, "not_tabular")]


@pytest.mark.parametrize(
    "text, code",
    [("", "empty_file"), ('"' + "x" * (MAX_FIELD + 1), "empty_file"), ("Date;Amount;Text\n1;2;3\n", "wrong_header")],
)
def test_what_is_no_table_is_refused_whole(text: str, code: str) -> None:
    """No header, no end of a quote, or columns missing."""
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == code


def test_a_missing_column_is_named() -> None:
    """With the header that is there."""
    with pytest.raises(Invalid, match=r"no column More, Name; the header line is: Date, Amount, Text"):
        read("Date;Amount;Text\n1;2;3\n")


def test_a_layout_tells_all_its_issues() -> None:
    """Unknown marks, both kinds of amount columns, no currency."""
    columns = CsvColumns(date="d", amount="a", credit="c")
    wrong = CsvLayout(columns=columns, delimiter=":", decimal_mark="'", date_format="D.M.Y")
    assert [issue.path for issue in validate_layout(wrong)] == [
        "csv.delimiter",
        "csv.decimal_mark",
        "csv.date_format",
        "csv.columns",
        "csv.currency",
    ]
    assert validate_layout(LAYOUT) == []
    assert validate_layout(CsvLayout(columns=CsvColumns(date="d", debit="o", credit="i", currency="c"))) == []


def test_marks_of_sides_are_compared_in_upper_case() -> None:
    """As the layout gives them; none may mean both."""
    layout = CsvLayout(columns=COLUMNS, currency="EUR", credit_marks=("Haben ",), debit_marks=(" soll",))
    assert (layout.style.credit_marks, layout.style.debit_marks) == ({"HABEN"}, {"SOLL"})
    wrong = CsvLayout(columns=COLUMNS, currency="EUR", debit_marks=("h",))
    assert [(issue.path, issue.code) for issue in validate_layout(wrong)] == [("csv.credit_marks", "invalid_value")]


def test_an_empty_mark_is_not_the_same_as_no_column_of_marks() -> None:
    """Without the column the sign of the amount tells; with it every row must."""
    columns = CsvColumns(date="d", amount="a", side="s")
    marked = read("d,a,s\n1,1,\n", CsvLayout(columns=columns, currency="EUR"))
    unmarked = read("d,a\n1,1\n", CsvLayout(columns=CsvColumns(date="d", amount="a"), currency="EUR"))
    assert [row.side for row in marked + unmarked if isinstance(row, RawEntry)] == ["", None]
