"""Document numbers: how a sequence number is written, dated, and accounted for.

Formats come from outside and are parsed, never handed to `str.format`. Taking the next number is the store's transaction;
nothing here counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from string import Formatter

from chalicelib.domain.errors import Conflict, Issue
from chalicelib.domain.operator import DateOrder, OperatorSettings, Restart, Series

MAX_FORMAT_LENGTH = 40
MAX_SEQUENCE = 10**15
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PADDING = re.compile(r"0([1-9]|1[0-5])")

_FIELDS: Mapping[str, Callable[[int, date], str]] = {
    "number": lambda sequence, _on: str(sequence),
    "year": lambda _sequence, on: f"{on.year:04}",
    "month": lambda _sequence, on: f"{on.month:02}",
}


def format_number(series: Series, sequence: int, on: date) -> str:
    """The number of a document of that date; padding never cuts digits. The format must have passed `validate_format`.

    >>> format_number(Series(name="invoices", format="{year}/{month}-{number:06}", start=1), 42, date(2026, 3, 1))
    '2026/03-000042'
    """
    pieces = (
        literal + (_FIELDS[name](sequence, on).zfill(_width(spec)) if name else "")
        for literal, name, spec in _parse(series.format)
    )
    return "".join(pieces)


def counter_key(series: Series, on: date) -> str:
    """The counter that numbers a document of that date: one per series, or one per series and year.

    >>> counter_key(Series(name="invoices", format="{year}-{number}", start=1, restart=Restart.YEARLY), date(2026, 3, 1))
    'invoices:2026'
    """
    return f"{series.name}:{on.year:04}" if series.restart is Restart.YEARLY else series.name


def validate_numbering(settings: OperatorSettings) -> list[Issue]:
    """The issues of both series of an operator; two series may not share a name or write the same numbers."""
    invoices, credit_notes = settings.invoice_series, settings.credit_note_series
    issues = [*validate_series(invoices, "invoice_series"), *validate_series(credit_notes, "credit_note_series")]
    if invoices.name == credit_notes.name:
        issues.append(Issue("credit_note_series.name", "invalid_value", "Credit notes need a series of their own."))
    if invoices.format == credit_notes.format:
        issues.append(Issue("credit_note_series.format", "number_format", "Invoices and credit notes would share numbers."))
    return issues


def validate_series(series: Series, path: str) -> list[Issue]:
    """The issues of a series: its name is part of a key, its start a countable number, its format writable."""
    issues = []
    if not _NAME.fullmatch(series.name):
        issues.append(Issue(f"{path}.name", "invalid_value", "Use 1 to 40 lower-case letters, digits and hyphens."))
    if not 1 <= series.start < MAX_SEQUENCE:
        issues.append(Issue(f"{path}.start", "invalid_value", f"A series starts at 1 or above, below {MAX_SEQUENCE}."))
    return [*issues, *validate_format(series.format, restart=series.restart, path=f"{path}.format")]


def validate_format(fmt: str, *, restart: Restart = Restart.NEVER, path: str = "format") -> list[Issue]:
    """The issues of a number format: {number} or {number:06} once, {year} and {month} as wished, printable text around.

    A series that restarts yearly needs {year}, or its numbers would repeat.

    >>> [issue.message for issue in validate_format("INV-{number.__class__}")]
    ['Only {number}, {number:06}, {year} and {month} can stand in braces.']
    """
    if len(fmt) > MAX_FORMAT_LENGTH or not fmt.isprintable() or fmt != fmt.strip():
        message = f"Use at most {MAX_FORMAT_LENGTH} printable characters, without spaces around."
        return [Issue(path, "number_format", message)]
    try:
        pieces = _parse(fmt)
    except ValueError:
        return [Issue(path, "number_format", "Only {number}, {number:06}, {year} and {month} can stand in braces.")]
    names = [name for _literal, name, _spec in pieces]
    issues = []
    if names.count("number") != 1:
        issues.append(Issue(path, "number_format", "The format needs {number} exactly once."))
    if restart is Restart.YEARLY and "year" not in names:
        issues.append(Issue(path, "number_format", "A series that restarts yearly needs {year}, or numbers would repeat."))
    return issues


def floor_date(on: date, last: date | None, order: DateOrder) -> date:
    """The date of a generated document: moved up to the series' last where date order is strict.

    >>> floor_date(date(2026, 3, 1), date(2026, 3, 2), DateOrder.STRICT).isoformat()
    '2026-03-02'
    """
    return max(on, last) if last and order is DateOrder.STRICT else on


def check_date(on: date, last: date | None, order: DateOrder) -> None:
    """Refuse a date chosen by hand that would break date order: Conflict date_order, naming the earliest possible."""
    earliest = floor_date(on, last, order)
    if earliest != on:
        message = f"The earliest possible invoice date is {earliest}."
        raise Conflict("date_order", message, earliest=earliest.isoformat())


def find_gaps(blocks: Sequence[tuple[int, int]], first: int) -> list[tuple[int, int]]:
    """Numbers from `first` on that no block accounts for; blocks and gaps are (lowest, highest), both inclusive.

    >>> find_gaps([(1006, 1006), (1001, 1003)], 1001)
    [(1004, 1005)]
    """
    gaps = []
    expected = first
    for low, high in sorted(blocks):
        if low > expected:
            gaps.append((expected, low - 1))
        expected = max(expected, high + 1)
    return gaps


def _parse(fmt: str) -> list[tuple[str, str, str]]:
    """(literal, field, padding) pieces; ValueError for anything but the known fields, attributes and conversions included."""
    pieces = []
    for literal, name, spec, conversion in Formatter().parse(fmt):
        padded = bool(spec and name == "number" and _PADDING.fullmatch(spec))
        if (name is not None and name not in _FIELDS) or (spec and not padded) or conversion:
            raise ValueError(fmt)
        pieces.append((literal, name or "", spec or ""))
    return pieces


def _width(padding: str) -> int:
    return int(padding or 0)
