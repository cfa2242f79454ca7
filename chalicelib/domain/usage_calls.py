"""The call records of one customer in one file, column by column: judged, without duplicates, in order of time.

Columns instead of objects, because a file has a million rows and a second has a hundred thousand. It knows no file and no ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from itertools import compress
from typing import Any

from chalicelib.domain.usage_records import (
    Memo,
    Rejection,
    parse_attempts,
    parse_call_id,
    parse_charge,
    parse_connected,
    parse_destination,
    parse_instant,
    parse_seconds,
    present_instant,
)

PARSERS: dict[str, Callable[[str], Any]] = {
    "call_id": parse_call_id,
    "started_at": parse_instant,
    "destination": parse_destination,
    "attempts": parse_attempts,
    "connected": parse_connected,
    "duration_seconds": parse_seconds,
    "billed_seconds": parse_seconds,
    "charge": parse_charge,
}
"""Columns of a call in the order that reports show them."""

REPORT_COLUMNS = ("line", *PARSERS)
"""Columns of stored call records, before the free ones."""
OWN_COLUMNS = frozenset((*REPORT_COLUMNS, "customer_id"))

Row = Sequence[str]


@dataclass(slots=True)
class Calls:
    """Columns of equal length; position i of each is one call.

    `starts` are seconds since 1970, `charges` units of 10**-12; beside them stand the texts that reports show, and free columns.
    """

    lines: list[int]
    ids: list[str]
    starts: list[int]
    destinations: list[str]
    attempts: list[int]
    connected: list[int]
    durations: list[int]
    billed: list[int]
    charges: list[int]
    start_texts: Sequence[str]
    charge_texts: Sequence[str]
    free: list[Sequence[str]]

    def __len__(self) -> int:
        """How many calls."""
        return len(self.lines)

    def pick(self, positions: Sequence[int]) -> Calls:
        """The calls at these positions, in that order."""
        return self._map(lambda column: [column[i] for i in positions])

    def cut(self, start: int, stop: int) -> Calls:
        """The calls from one position to before another."""
        return self._map(lambda column: column[start:stop])

    def report_rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows under REPORT_COLUMNS and the free columns."""
        counts = (self.attempts, self.connected, self.durations, self.billed)
        return zip(self.lines, self.ids, self.start_texts, self.destinations, *counts, self.charge_texts, *self.free, strict=True)

    def _map(self, change: Callable[[Sequence[Any]], Any]) -> Calls:
        *columns, free = (getattr(self, one.name) for one in fields(self))
        return Calls(*map(change, columns), free=[change(column) for column in free])  # type: ignore[misc]  # in order of the fields


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: where it stood, why, and what it said."""

    line: int
    rejection: Rejection
    row: Row


@dataclass(slots=True)
class Judged:
    """The outcome for some rows: calls in order of time, and what was refused in order of lines."""

    calls: Calls
    refused: list[Refused] = field(default_factory=list)
    duplicates: list[Refused] = field(default_factory=list)


def free_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are kept for the report only, in order."""
    return tuple(name for name in columns if name not in OWN_COLUMNS)


class Judge:
    """Judges rows of one layout (column names). Keeps what its parsers learnt from one customer to the next."""

    def __init__(self, columns: Sequence[str], latest: int) -> None:
        """`latest` is the last second since 1970 at which a call may have started."""
        self._width = len(columns)
        self._at = {name: columns.index(name) for name in PARSERS if name in columns}
        self._free = [i for i, name in enumerate(columns) if name not in OWN_COLUMNS]
        self._memos = {name: Memo(parse) for name, parse in PARSERS.items()}
        self._shown = Memo(_utc_text)
        self._latest = latest

    def judge(self, lines: Sequence[int], rows: Sequence[Row]) -> Judged:
        """Take every good row once; the first of a repeated call id counts."""
        refused: list[Refused] = []
        lines, rows = self._drop(lines, rows, self._misfits(rows), refused)
        columns = self._parse(rows)
        bad = self._bad(columns)
        if bad:
            lines, rows = self._drop(lines, rows, bad, refused)
            columns = self._parse(rows)
        calls = self._calls(list(lines), rows, columns)
        kept, repeated = _first_of_each(calls.ids)
        duplicates = [Refused(lines[i], _repeated(lines[first]), rows[i]) for i, first in repeated]
        return Judged(_in_time(calls, kept), sorted(refused, key=lambda one: one.line), duplicates)

    def _misfits(self, rows: Sequence[Row]) -> dict[int, Rejection]:
        if set(map(len, rows)) <= {self._width}:
            return {}
        return {
            i: Rejection("invalid_value", f"The row has {len(row)} columns, not {self._width}.")
            for i, row in enumerate(rows)
            if len(row) != self._width
        }

    def _drop(
        self, lines: Sequence[int], rows: Sequence[Row], bad: dict[int, Rejection], refused: list[Refused]
    ) -> tuple[Sequence[int], Sequence[Row]]:
        if not bad:
            return lines, rows
        refused += [Refused(lines[i], rejection, rows[i]) for i, rejection in bad.items()]
        good = [i not in bad for i in range(len(rows))]
        return list(compress(lines, good)), list(compress(rows, good))

    def _parse(self, rows: Sequence[Row]) -> dict[str, list[Any]]:
        if not rows:
            return {name: [] for name in PARSERS}
        raw = list(zip(*rows, strict=True))
        columns = {name: list(map(self._memos[name].__getitem__, raw[at])) for name, at in self._at.items()}
        columns.setdefault("attempts", [1] * len(rows))
        columns.setdefault("connected", [None] * len(rows))
        return columns

    def _bad(self, columns: dict[str, list[Any]]) -> dict[int, Rejection]:
        """The first complaint about each bad row."""
        bad: dict[int, Rejection] = {}
        for values in columns.values():
            if Rejection in set(map(type, values)):
                for i, value in enumerate(values):
                    if type(value) is Rejection:
                        bad.setdefault(i, value)
        together = zip(columns["started_at"], columns["attempts"], columns["connected"], strict=True)
        for i, (start, attempts, connected) in enumerate(together):
            if i not in bad and (start > self._latest or (connected or 0) > attempts):
                bad[i] = _implausible(start, self._latest)
        return bad

    def _calls(self, lines: list[int], rows: Sequence[Row], columns: dict[str, list[Any]]) -> Calls:
        answered = [
            (1 if duration else 0) if connected is None else connected
            for connected, duration in zip(columns["connected"], columns["duration_seconds"], strict=True)
        ]
        raw = list(zip(*rows, strict=True)) if rows else [()] * self._width
        at = self._at
        instants = [text if len(text) == 20 and text[10] == "T" else self._shown[text] for text in raw[at["started_at"]]]  # noqa: PLR2004
        return Calls(
            lines=lines,
            ids=columns["call_id"],
            starts=columns["started_at"],
            destinations=columns["destination"],
            attempts=columns["attempts"],
            connected=answered,
            durations=columns["duration_seconds"],
            billed=columns["billed_seconds"],
            charges=columns["charge"],
            start_texts=instants,
            charge_texts=raw[at["charge"]],
            free=[raw[i] for i in self._free],
        )


def _implausible(start: int, latest: int) -> Rejection:
    if start > latest:
        return Rejection("invalid_date", f"started_at {present_instant(start)} lies in the future.")
    return Rejection("invalid_value", "connected exceeds attempts.")


def _repeated(line: int) -> Rejection:
    return Rejection("duplicate_call", f"The call is on line {line} already.")


def _utc_text(text: str) -> str:
    """A valid instant in UTC with Z; a fraction stays, the offset goes."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _first_of_each(ids: Sequence[str]) -> tuple[list[int], list[tuple[int, int]]]:
    """Positions of the first call of each id, and (position, position of the first) of the repeated ones."""
    if len(set(ids)) == len(ids):
        return list(range(len(ids))), []
    first: dict[str, int] = {}
    repeated = [(i, first[call_id]) for i, call_id in enumerate(ids) if first.setdefault(call_id, i) != i]
    return list(first.values()), repeated


def _in_time(calls: Calls, kept: list[int]) -> Calls:
    """The kept calls by start, then line; files are mostly in that order already."""
    starts = calls.starts
    order = sorted(kept, key=starts.__getitem__)
    return calls if len(order) == len(calls) and order == list(range(len(order))) else calls.pick(order)
