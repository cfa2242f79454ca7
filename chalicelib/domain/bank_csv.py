"""A bank statement as CSV: which column is what, said by whoever uploads it; rows become raw entries.

Knows no bank. Rows that lack a column or a quote are refused by line and stop no other; what is not a table is refused whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from chalicelib.domain.bank_entry import DATE_FORMATS, DECIMAL_MARKS, ISO_DATE, EntryReject, RawEntry, Style
from chalicelib.domain.errors import Invalid, Issue

DELIMITERS = (",", ";", "\t", "|")
MAX_FIELD = 10_000
"""Characters of a field; a missing quote would otherwise swallow the file."""
MAX_PREAMBLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """Names of columns, None for what the file does not have. `remittance` may be spread over several."""

    date: str
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    side: str | None = None
    currency: str | None = None
    reference: str | None = None
    remittance: tuple[str, ...] = ()
    name: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLayout:
    """How a file is to be read. `skip_lines` come before the header; `currency` holds where no column tells."""

    columns: CsvColumns
    delimiter: str = ","
    decimal_mark: str = "."
    date_format: str = ISO_DATE
    skip_lines: int = 0
    currency: str = ""
    credit_marks: tuple[str, ...] = field(default=("C", "CRDT", "CR", "CREDIT", "H", "HABEN"))
    debit_marks: tuple[str, ...] = field(default=("D", "DBIT", "DR", "DEBIT", "S", "SOLL"))

    @property
    def style(self) -> Style:
        """How figures and dates are written."""
        return Style(
            decimal_mark=self.decimal_mark,
            date_format=self.date_format,
            credit_marks=_marks(self.credit_marks),
            debit_marks=_marks(self.debit_marks),
        )


def validate_layout(layout: CsvLayout) -> list[Issue]:
    """Every issue of a layout by itself."""
    columns = layout.columns
    issues = [
        *_choice("csv.delimiter", layout.delimiter, DELIMITERS),
        *_choice("csv.decimal_mark", layout.decimal_mark, tuple(DECIMAL_MARKS)),
        *_choice("csv.date_format", layout.date_format, DATE_FORMATS),
    ]
    if (columns.amount is None) == (columns.credit is None and columns.debit is None):
        issues.append(Issue("csv.columns", "invalid_value", "Name either the column amount, or credit and debit."))
    if both := sorted(layout.style.credit_marks & layout.style.debit_marks):
        issues.append(Issue("csv.credit_marks", "invalid_value", f"{', '.join(both)} cannot mean both in and out."))
    if columns.currency is None and not layout.currency:
        issues.append(Issue("csv.currency", "required", "Name the column of the currency, or the currency of all rows."))
    return issues


def read_csv(text: str, layout: CsvLayout) -> Iterator[RawEntry | EntryReject]:
    """Every row below the header, numbered by the line it begins on.

    Raises Invalid: empty_file, or wrong_header with the columns that are missing.
    """
    body = io.StringIO(text, newline="")
    for _ in range(layout.skip_lines):
        body.readline()
    rows = _Rows(body, layout)
    header = next(iter(rows), None)
    if header is None or isinstance(header, EntryReject):
        raise Invalid("empty_file", "There is no header line." if header is None else header.message)
    at = _positions(header[1], layout.columns)
    for row in rows:
        if isinstance(row, EntryReject):
            yield row
        elif any(cell.strip() for cell in row[1]):
            yield _entry(*row, at, layout)


class _Rows:
    """The rows of a table with the lines they begin on; a row that cannot be read is a reject."""

    def __init__(self, body: io.StringIO, layout: CsvLayout) -> None:
        csv.field_size_limit(MAX_FIELD)
        self._reader = csv.reader(body, delimiter=layout.delimiter, strict=True)
        self._skipped = layout.skip_lines

    def __iter__(self) -> Iterator[tuple[int, list[str]] | EntryReject]:
        while True:
            line = self._skipped + self._reader.line_num + 1
            try:
                row = next(self._reader, None)
            except csv.Error as error:
                yield EntryReject(line=line, code="not_tabular", message=f"The row cannot be read: {error}.")
                continue
            if row is None:
                return
            yield line, row


def _marks(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().upper() for text in texts)


def _choice(path: str, value: str, allowed: Sequence[str]) -> list[Issue]:
    if value in allowed:
        return []
    return [Issue(path, "invalid_value", f"Choose one of {', '.join(map(repr, allowed))}.")]


def _positions(header: Sequence[str], columns: CsvColumns) -> Mapping[str, tuple[int, ...]]:
    """Where each wanted column stands; names are compared without case and surrounding spaces."""
    known = {name.strip().strip("\ufeff").casefold(): place for place, name in reversed(list(enumerate(header)))}
    wanted = {one.name: _names(getattr(columns, one.name)) for one in fields(columns)}
    missing = [name for names in wanted.values() for name in names if name.strip().casefold() not in known]
    if missing:
        seen = ", ".join(name.strip() for name in header)[:300]
        raise Invalid("wrong_header", f"There is no column {', '.join(missing)}; the header line is: {seen}.")
    return {key: tuple(known[name.strip().casefold()] for name in names) for key, names in wanted.items()}


def _names(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else given


def _entry(line: int, row: Sequence[str], at: Mapping[str, tuple[int, ...]], layout: CsvLayout) -> RawEntry | EntryReject:
    if max(place for places in at.values() for place in places) >= len(row):
        return EntryReject(line=line, code="not_tabular", message=f"The row has only {len(row)} fields.")
    cells = {key: " ".join(row[place] for place in places).strip() for key, places in at.items()}
    currency = cells["currency"].upper() or layout.currency
    mark = cells.pop("side")
    return RawEntry(line=line, side=mark if layout.columns.side else None, **{**cells, "currency": currency})
