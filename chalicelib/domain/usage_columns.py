"""Columns of call records parsed as a whole: what most columns look like goes fast, anything else goes value by value.

Both ways give the same; the parsers of `usage_records` are the rule, this is only their speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.domain.usage_records import (
    MAX_TEXT,
    MINUTE_LENGTH,
    Memo,
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
ColumnParser = Callable[[Column], list[Any]]


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
    """Most columns repeat few values."""
    memo = Memo(parse)
    return lambda column: list(map(memo.__getitem__, column))


def _parse_call_ids(column: Column) -> list[Any]:
    """Ids do not repeat, so nothing is gained by remembering; but they can be looked at all at once."""
    together, sizes = "".join(column), set(map(len, column))
    if together.isprintable() and " " not in together and 0 not in sizes and max(sizes, default=0) <= MAX_TEXT:
        return list(column)
    return [parse_call_id(text) for text in column]


def _instants() -> ColumnParser:
    """A day has 1,440 minutes, a minute 60 seconds: both halves of an instant repeat, the whole does not."""
    minutes, tails = Memo(parse_minute), Memo(parse_tail)

    def parse(column: Column) -> list[Any]:
        try:
            return [minutes[text[:MINUTE_LENGTH]] + tails[text[MINUTE_LENGTH:]] for text in column]
        except TypeError:  # None + number: some text is no instant
            return [parse_instant(text) for text in column]

    return parse
