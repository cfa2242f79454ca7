"""One call record as it comes from outside: its columns, and what each may hold.

Every parser takes text and gives the value, or a `Rejection` that says what to mend: a bad value is data here, no exception, so
that it costs the good ones nothing. Nothing is re-rated, rounded or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalicelib.domain.errors import Invalid

REQUIRED = ("call_id", "customer_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge")
OPTIONAL = ("attempts", "connected")
MAX_COLUMNS = 64
MAX_TEXT = 128
"""Characters in a call id or destination."""
CHARGE_DIGITS = 12
"""Digits after the point of a charge; charges are whole multiples of 10**-12 here, so sums are exact and fast."""
EARLIEST = 946_684_800
"""2000-01-01T00:00:00Z."""
MEMO_SIZE = 100_000

MINUTE_LENGTH = 16
"""Characters of an instant up to its minutes: what is parsed apart from seconds and offset, because it repeats."""

_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_TAIL = re.compile(r":([0-5]\d)(?:\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII)
_CHARGE = re.compile(r"\d{1,20}(?:\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_ANSWERED = {"true": 1, "yes": 1, "false": 0, "no": 0}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row is refused; `code` is of the error catalogue."""

    code: str
    message: str


T = TypeVar("T")


class Memo(dict[T, Any]):
    """Remembers what a parser made of a text; most columns repeat few values, and a hit costs a tenth of parsing.

    `has_refused` tells whether any text so far was refused.
    """

    def __init__(self, parse: Callable[[T], Any]) -> None:
        """Start empty; at MEMO_SIZE texts it starts over, so memory stays flat whatever comes."""
        super().__init__()
        self._parse = parse
        self.has_refused = False

    def __missing__(self, text: T) -> Any:
        """Parse a text seen for the first time."""
        if len(self) >= MEMO_SIZE:
            self.clear()
        value = self[text] = self._parse(text)
        self.has_refused |= isinstance(value, Rejection)
        return value


def parse_call_id(text: str) -> str | Rejection:
    """A call id: any printable text.

    >>> parse_call_id("a-1"), parse_call_id("").code
    ('a-1', 'required')
    """
    return _parse_name("call_id", text)


def parse_destination(text: str) -> str | Rejection:
    """The name that the rate card gave the call."""
    return _parse_name("destination", text)


def parse_instant(text: str) -> int | Rejection:
    """Seconds since 1970 of an RFC 3339 instant (fractions cut off); the offset is required.

    >>> parse_instant("2026-11-05T10:00:00+01:00"), parse_instant("2026-11-05T10:00:00").code
    (1793869200, 'invalid_date')
    """
    minute, tail = parse_minute(text[:MINUTE_LENGTH]), parse_tail(text[MINUTE_LENGTH:])
    if minute is None or tail is None:
        return Rejection("invalid_date", f"started_at {_shown(text)} is not an RFC 3339 instant with Z or an offset.")
    return minute + tail


def parse_minute(text: str) -> int | None:
    """Seconds since 1970 of a minute in UTC, None if it is none from the year 2000 on: earlier calls are broken clocks.

    >>> parse_minute("2026-11-05T10:00")
    1793872800
    """
    if not _MINUTE.fullmatch(text):
        return None
    try:
        seconds = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    return seconds if seconds >= EARLIEST else None


def parse_tail(text: str) -> int | None:
    """Seconds that the rest of an instant adds to its minute: its own seconds, less the offset.

    >>> parse_tail(":30Z"), parse_tail(":30.5-00:01"), parse_tail(":30")
    (30, 90, None)
    """
    match = _TAIL.fullmatch(text)
    if match is None:
        return None
    seconds, sign, hours, minutes = match.groups()
    offset = int(hours) * 3600 + int(minutes) * 60 if sign else 0
    return int(seconds) + (offset if sign == "-" else -offset)


def parse_seconds(text: str) -> int | Rejection:
    """A whole number of seconds, up to nine digits.

    >>> parse_seconds("60"), parse_seconds("1.5").code
    (60, 'invalid_value')
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    return Rejection("invalid_value", f"{_shown(text)} is not a whole number of seconds.")


def parse_attempts(text: str) -> int | Rejection:
    """How often the call was tried, at least once; empty means once.

    >>> parse_attempts(""), parse_attempts("2"), parse_attempts("0").code
    (1, 2, 'invalid_value')
    """
    if not text:
        return 1
    if _WHOLE.fullmatch(text) and int(text) > 0:
        return int(text)
    return Rejection("invalid_value", f"attempts {_shown(text)} is not a whole number from 1.")


def parse_connected(text: str) -> int | Rejection | None:
    """How many of the attempts were answered: a number, or true/false, yes/no; None when empty (then a duration tells).

    >>> parse_connected("true"), parse_connected("0"), parse_connected(""), parse_connected("maybe").code
    (1, 0, None, 'invalid_value')
    """
    if not text:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    if text.lower() in _ANSWERED:
        return _ANSWERED[text.lower()]
    return Rejection("invalid_value", f"connected {_shown(text)} is neither a whole number nor true or false.")


def parse_charge(text: str) -> int | Rejection:
    """A charge in units of 10**-12 of the currency: a plain decimal, not negative, at most 12 digits after the point.

    >>> parse_charge("0.0008"), parse_charge("-1").code, parse_charge("1e3").code
    (800000000, 'invalid_amount', 'invalid_amount')
    """
    if not _CHARGE.fullmatch(text):
        return Rejection(
            "invalid_amount", f"charge {_shown(text)} is not a decimal from 0 with at most 12 digits after the point."
        )
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(CHARGE_DIGITS, "0"))


def present_instant(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339 text in UTC.

    >>> present_instant(1793869200)
    '2026-11-05T09:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def parse_header(names: Sequence[str]) -> tuple[str, ...]:
    """Column names as used here: trimmed and lower-case. Raises Invalid (wrong_header) when a call could not be read from them.

    >>> parse_header(["Call_ID ", *REQUIRED[1:], "CLI"])[0::7]
    ('call_id', 'cli')
    """
    columns = tuple(name.strip().lower() for name in names)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise Invalid("wrong_header", f"The header lacks {', '.join(missing)}.")
    if len(set(columns)) < len(columns) or len(columns) > MAX_COLUMNS or not all(columns):
        raise Invalid("wrong_header", f"Column names must be given, differ, and be at most {MAX_COLUMNS}.")
    return columns


def _parse_name(field: str, text: str) -> str | Rejection:
    name = text.strip()
    if not name:
        return Rejection("required", f"{field} is missing.")
    if len(name) > MAX_TEXT:
        return Rejection("too_long", f"{field} is longer than {MAX_TEXT} characters.")
    if not name.isprintable():
        return Rejection("invalid_value", f"{field} holds control characters.")
    return name


def _shown(text: str) -> str:
    return repr(text[:32])
