"""Columns of call records taken apart and parsed as a whole: what most look like goes fast, anything else value by value.

Both ways give the same; the parsers of `usage_records` are the rule, this is only their speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import add, itemgetter
from typing import Any

from chalicelib.domain.usage_instants import parse_instants
from chalicelib.domain.usage_records import (
    MAX_TEXT,
    MINUTE_LENGTH,
    Memo,
    Rejection,
    parse_attempts,
    parse_call_id,
    parse_charge,
    parse_connected,
    parse_destination,
    parse_instant,
    parse_minute,
    parse_seconds,
    parse_tail,
)

CALL_COLUMNS = (
    "call_id",
    "started_at",
    "destination",
    "attempts",
    "connected",
    "duration_seconds",
    "billed_seconds",
    "charge",
)
"""Columns of a call in the order that reports show them."""

Column = Sequence[str]
Parsed = tuple[list[Any], dict[int, Rejection]]
"""Values of a column, and by position the refusals among them."""
ColumnParser = Callable[[Column], Parsed]

_minute = itemgetter(slice(MINUTE_LENGTH))
_tail = itemgetter(slice(MINUTE_LENGTH, None))


def split_columns(text: str, width: int) -> list[Column] | None:
    r"""Columns of lines of comma-separated text without quotes, None unless each line has `width` fields.

    One split of all lines together is faster than one a line. A field cannot hold a line end, so when each field at the place of
    a line end is one, and these are all, no line is longer or shorter than the others.

    >>> split_columns("1,a\n2,b", 2), split_columns("1\n2,b,c", 2)
    ([['1', '2'], ['a', 'b']], None)
    """
    fields = text.replace("\n", ",\n,").split(",")
    step = width + 1
    ends = text.count("\n")
    if len(fields) != ends * step + width or fields[width::step].count("\n") != ends:
        return None
    return [fields[at::step] for at in range(width)]


def column_parsers() -> dict[str, ColumnParser]:
    """A parser for each column; they learn values as they meet them, so keep them for a whole file."""
    return {
        "call_id": _parse_call_ids,
        "started_at": _instants(),
        "destination": _remembering(parse_destination),
        "attempts": _remembering(parse_attempts),
        "connected": _remembering(parse_connected),
        "duration_seconds": _remembering(parse_seconds),
        "billed_seconds": _remembering(parse_seconds),
        "charge": _remembering(parse_charge),
    }


def _remembering(parse: Callable[[str], Any]) -> ColumnParser:
    """Most columns repeat few values. Refusals are looked for only once one was met: most files have none."""
    memo = Memo(parse)

    def parse_column(column: Column) -> Parsed:
        values = list(map(memo.__getitem__, column))
        return values, _refusals(values) if memo.has_refused else {}

    return parse_column


def _parse_call_ids(column: Column) -> Parsed:
    """Ids do not repeat, so nothing is gained by remembering; but they can be looked at all at once."""
    together, sizes = "".join(column), set(map(len, column))
    if together.isprintable() and " " not in together and 0 not in sizes and max(sizes, default=0) <= MAX_TEXT:
        return list(column), {}
    values = list(map(parse_call_id, column))
    return values, _refusals(values)


def _instants() -> ColumnParser:
    """A day has 1,440 minutes, a minute 60 seconds: both halves of an instant repeat, the whole does not."""
    minutes, tails = Memo(parse_minute), Memo(parse_tail)

    def parse_column(column: Column) -> Parsed:
        if (alike := parse_instants(column)) is not None:
            return alike, {}
        try:
            begun, rest = map(minutes.__getitem__, map(_minute, column)), map(tails.__getitem__, map(_tail, column))
            return list(map(add, begun, rest)), {}
        except TypeError:  # None + number: some text is no instant
            values = list(map(parse_instant, column))
            return values, _refusals(values)

    return parse_column


def _refusals(values: Sequence[Any]) -> dict[int, Rejection]:
    return {i: value for i, value in enumerate(values) if isinstance(value, Rejection)}
