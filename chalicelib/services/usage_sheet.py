"""Stored call records as rows of CSV, made from their columns: a million in about a second, some thousands of rows at a time.

Says which records belong to a span and under which column they go. Reads and writes no file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import compress

from chalicelib.domain.spreadsheet import neutralise_column
from chalicelib.domain.usage_calls import REPORT_COLUMNS
from chalicelib.domain.usage_records import present_instant
from chalicelib.store.members import Member

SHOWN = REPORT_COLUMNS[1:]
"""The line of its file says nothing of a call."""
TEXTS = frozenset({"call_id", "destination"})
"""Columns of ours that hold text; free ones are text, too."""
ROWS = 10_000
SECOND = len("2026-11-05T10:00:00")
"""Stored instants are in UTC and sort as text up to here; a fraction may follow."""


class UsageSheet:
    """The rows of a file: calls that start within `span` (seconds since 1970, end exclusive), under our and `free` columns."""

    def __init__(self, free: Sequence[str], span: tuple[int, int]) -> None:
        """Every batch may have free columns of its own; `free` are those of all."""
        self._names = (*SHOWN, *free)
        first, end = span
        self._first, self._end = present_instant(first)[:SECOND], present_instant(end)[:SECOND]

    def header(self) -> bytes:
        """The names of the columns."""
        return _quoted([[name] for name in neutralise_column(self._names)])

    def rows(self, member: Member, columns: Sequence[str], cells: Sequence[Sequence[str]], *, is_plain: bool) -> Iterator[bytes]:
        """The member's records within the span that no earlier batch had. `cells` are its columns, `columns` their names."""
        given = dict(zip(columns, cells, strict=True))
        kept = self._kept(given["started_at"], [at for _, positions in member.skipped for at in positions])
        count = sum(kept) if kept else len(given["started_at"])
        shown = [self._shown(name, given.get(name), kept, count) for name in self._names]
        draw = _plain if is_plain else _quoted
        for start in range(0, count, ROWS):
            yield draw([column[start : start + ROWS] for column in shown])

    def _kept(self, starts: Sequence[str], skipped: Sequence[int]) -> list[bool] | None:
        """Which records are shown; None for all."""
        if not skipped and min(starts)[:SECOND] >= self._first and max(starts)[:SECOND] < self._end:
            return None
        kept = [self._first <= start[:SECOND] < self._end for start in starts]
        for at in skipped:
            kept[at] = False
        return kept

    def _shown(self, name: str, column: Sequence[str] | None, kept: list[bool] | None, count: int) -> Sequence[str]:
        if column is None:
            return [""] * count
        cells = list(compress(column, kept)) if kept else column
        return cells if name in SHOWN and name not in TEXTS else neutralise_column(cells)


def _plain(columns: Sequence[Sequence[str]]) -> bytes:
    """What `_quoted` gives where no cell needs quotes, several times as fast."""
    return ("\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n").encode()


def _quoted(columns: Sequence[Sequence[str]]) -> bytes:
    drawn = io.StringIO(newline="")
    csv.writer(drawn).writerows(zip(*columns, strict=True))
    return drawn.getvalue().encode()
