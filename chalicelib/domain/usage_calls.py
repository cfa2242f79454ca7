"""The call records of one customer in one file, column by column: judged, without duplicates, in order of time.

Columns instead of objects, because a file has a million rows and a second has a hundred thousand. It knows no file and no ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from itertools import compress
from operator import gt
from typing import Any

from chalicelib.domain.usage_columns import CALL_COLUMNS, column_parsers, split_columns
from chalicelib.domain.usage_records import Memo, Rejection, present_instant

REPORT_COLUMNS = ("line", *CALL_COLUMNS)
"""Columns of stored call records, before the free ones."""
OWN_COLUMNS = frozenset((*REPORT_COLUMNS, "customer_id"))
UTC_LENGTH = 20
"""Characters of 2026-11-05T10:00:00Z: no valid instant is shorter, and one of that length ends with Z."""

Row = Sequence[str]


@dataclass(slots=True)
class Calls:
    """Columns of equal length; position i of each is one call.

    `starts` are seconds since 1970, `charges` units of 10**-12. `cells` are the columns that reports show, as text; `is_plain`:
    none of them holds a comma, quote or line end.
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
    cells: list[Sequence[str]]
    is_plain: bool = False

    def __len__(self) -> int:
        """How many calls."""
        return len(self.lines)

    def pick(self, positions: Sequence[int]) -> Calls:
        """The calls at these positions, in that order."""
        return self._map(lambda column: [column[i] for i in positions])

    def cut(self, start: int, stop: int) -> Calls:
        """The calls from one position to before another."""
        return self._map(lambda column: column[start:stop])

    def report_columns(self) -> list[Sequence[str]]:
        """REPORT_COLUMNS and the free columns."""
        return [list(map(str, self.lines)), *self.cells]

    def _map(self, change: Callable[[Sequence[Any]], Any]) -> Calls:
        columns: dict[str, Any] = {name: change(getattr(self, name)) for name in _VALUES}
        return Calls(cells=[change(column) for column in self.cells], is_plain=self.is_plain, **columns)


_VALUES = tuple(one.name for one in fields(Calls) if one.name not in ("cells", "is_plain"))


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
        self._at = {name: columns.index(name) for name in CALL_COLUMNS if name in columns}
        self._free = [i for i, name in enumerate(columns) if name not in OWN_COLUMNS]
        self._parsers = column_parsers()
        self._utc = Memo(_utc_text)
        self._digits: Memo[int] = Memo(str)
        self._latest = latest

    def judge_text(self, lines: Sequence[int], text: str) -> Judged:
        """Judge CSV lines without quotes; the outcome is that of `judge` for what stands between their commas."""
        raw = split_columns(text, self._width)
        if raw is None:
            return self.judge(lines, [line.split(",") for line in text.split("\n")])
        judged = self._judge(lines, raw, [])
        judged.calls.is_plain = True
        return judged

    def judge(self, lines: Sequence[int], rows: Sequence[Row]) -> Judged:
        """Take every good row once; the first of a repeated call id counts."""
        misfits = [
            Refused(line, Rejection("invalid_value", f"The row has {len(row)} columns, not {self._width}."), row)
            for line, row in zip(lines, rows, strict=True)
            if len(row) != self._width
        ]
        if misfits:
            fits = [len(row) == self._width for row in rows]
            lines, rows = list(compress(lines, fits)), list(compress(rows, fits))
        return self._judge(lines, list(zip(*rows, strict=True)) or [()] * self._width, misfits)

    def _judge(self, lines: Sequence[int], raw: Sequence[Row], refused: list[Refused]) -> Judged:
        columns, bad = self._parse(raw)
        if bad:
            refused += [Refused(lines[i], rejection, _row(raw, i)) for i, rejection in bad.items()]
            good = [i not in bad for i in range(len(lines))]
            lines, raw = list(compress(lines, good)), [list(compress(column, good)) for column in raw]
            columns = {name: list(compress(values, good)) for name, values in columns.items()}
        calls = self._calls(list(lines), raw, columns)
        kept, repeated = _first_of_each(calls.ids)
        duplicates = [Refused(lines[i], _repeated(lines[first]), _row(raw, i)) for i, first in repeated]
        return Judged(_in_time(calls, kept), sorted(refused, key=_line), duplicates)

    def _parse(self, raw: Sequence[Row]) -> tuple[dict[str, list[Any]], dict[int, Rejection]]:
        """Values by column name, and the first complaint about each bad row. Without a number of answers a duration tells."""
        columns: dict[str, list[Any]] = {}
        bad: dict[int, Rejection] = {}
        for name, at in self._at.items():
            columns[name], refusals = self._parsers[name](raw[at])
            bad = refusals | bad
        durations = columns["duration_seconds"]
        columns.setdefault("attempts", [1] * len(durations))
        answers = columns.get("connected")
        if answers is None:
            columns["connected"] = [1 if talk else 0 for talk in durations]
        elif None in answers:
            columns["connected"] = list(map(_answered, answers, durations))
        return columns, self._implausible(columns, bad) | bad

    def _implausible(self, columns: dict[str, list[Any]], bad: Collection[int]) -> dict[int, Rejection]:
        """Rows that do not fit together, or come from the future, among those not bad already."""
        starts, attempts, connected = columns["started_at"], columns["attempts"], columns["connected"]
        is_told = "connected" in self._at
        if not bad and max(starts, default=0) <= self._latest and not (is_told and any(map(gt, connected, attempts))):
            return {}
        found = {
            i: _implausible(*call, self._latest)
            for i, call in enumerate(zip(starts, attempts, connected, strict=True))
            if i not in bad
        }
        return {i: rejection for i, rejection in found.items() if rejection}

    def _calls(self, lines: list[int], raw: Sequence[Row], columns: dict[str, list[Any]]) -> Calls:
        return Calls(
            lines=lines,
            ids=columns["call_id"],
            starts=columns["started_at"],
            destinations=columns["destination"],
            attempts=columns["attempts"],
            connected=columns["connected"],
            durations=columns["duration_seconds"],
            billed=columns["billed_seconds"],
            charges=columns["charge"],
            cells=self._cells(raw, columns),
        )

    def _cells(self, raw: Sequence[Row], columns: dict[str, list[Any]]) -> list[Sequence[str]]:
        """What reports show: instants in UTC, the charge as it came, free columns untouched."""
        instants = raw[self._at["started_at"]]
        return [
            columns["call_id"],
            instants if len("".join(instants)) == UTC_LENGTH * len(instants) else list(map(self._utc.__getitem__, instants)),
            columns["destination"],
            list(map(self._digits.__getitem__, columns["attempts"])) if "attempts" in self._at else ["1"] * len(instants),
            list(map(self._digits.__getitem__, columns["connected"])),
            raw[self._at["duration_seconds"]],
            raw[self._at["billed_seconds"]],
            raw[self._at["charge"]],
            *(raw[i] for i in self._free),
        ]


def _answered(answers: Any, duration: Any) -> Any:
    """How many attempts were answered: as given, else whether there was talk (a duration that is not valid is refused anyway)."""
    return answers if answers is not None else int(bool(duration))


def _row(columns: Sequence[Row], position: int) -> Row:
    return [column[position] for column in columns]


def _line(refused: Refused) -> int:
    return refused.line


def _implausible(start: int, attempts: int, connected: int, latest: int) -> Rejection | None:
    if start > latest:
        return Rejection("invalid_date", f"started_at {present_instant(start)} lies in the future.")
    return Rejection("invalid_value", "connected exceeds attempts.") if connected > attempts else None


def _repeated(line: int) -> Rejection:
    return Rejection("duplicate_call", f"The call is on line {line} already.")


def _utc_text(text: str) -> str:
    """A valid instant in UTC with Z; a fraction stays, the offset goes."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _first_of_each(ids: Sequence[str]) -> tuple[Sequence[int], list[tuple[int, int]]]:
    """Positions of the first call of each id, and (position, position of the first) of the repeated ones."""
    if len(set(ids)) == len(ids):
        return range(len(ids)), []
    first: dict[str, int] = {}
    repeated = [(i, first[call_id]) for i, call_id in enumerate(ids) if first.setdefault(call_id, i) != i]
    return list(first.values()), repeated


def _in_time(calls: Calls, kept: Sequence[int]) -> Calls:
    """The kept calls by start, then line; files are mostly in that order already."""
    if len(kept) == len(calls) and sorted(calls.starts) == calls.starts:
        return calls
    return calls.pick(sorted(kept, key=calls.starts.__getitem__))
