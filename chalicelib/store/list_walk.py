"""The way through the index of the global lists: in which months and between which keys a page can lie, and what lies there.

The index lags and decides nothing. What a walk costs is counted, so that a search that finds too little can end its page early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem

M = TypeVar("M", bound=BillingItem)

PAGE = 100
"""Rows read by one query."""
BEGINNING, END = " ", "~"
"""Sort before and after every position."""


@dataclass(slots=True)
class Effort:
    """Counts the queries that a page costs."""

    queries: int = 0


def months_within(months: Sequence[str], first: date | None, last: date | None, before: str) -> list[str]:
    """Those of the months (yyyy-mm) that hold days looked for, at or below the position that the list has reached."""
    lowest = keys.month_of(first) if first else ""
    highest = keys.month_of(last) if last else END
    reached = f"{before[:4]}-{before[4:6]}" if before != END else END
    return [month for month in months if lowest <= month <= min(highest, reached)]


def bounds_of(first: date | None, last: date | None, before: str) -> tuple[str, str]:
    """Lowest and highest position of the days looked for, at or below the position that the list has reached."""
    low = f"{first:%Y%m%d}" if first else BEGINNING
    high = f"{last:%Y%m%d}{END}" if last else END
    return low, min(high, before)


def walk(kind: type[M], partition: str, bounds: tuple[str, str], effort: Effort) -> Iterator[M]:
    """The items of a partition between two keys, both inclusive, newest first, a page at a time."""
    low, high = bounds
    start: dict[str, dict[str, str]] | None = None
    while low <= high:
        effort.queries += 1
        items, start = _query(partition, low, high, start)
        yield from (item for item in items if isinstance(item, kind))
        if start is None:
            return


@retried
def _query(
    partition: str, low: str, high: str, start: dict[str, dict[str, str]] | None
) -> tuple[list[BillingItem], dict[str, dict[str, str]] | None]:
    page = BillingItem.by_list.query(
        partition, BillingItem.g1s.between(low, high), scan_index_forward=False, limit=PAGE, last_evaluated_key=start
    )
    return list(page), page.last_evaluated_key
