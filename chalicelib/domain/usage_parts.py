"""What a customer's calls add up to, in parts that one transaction can take, and the billing days that they go on.

Sums are exact. Days are the customer's local days; late calls keep their day and are placed on the first unbilled one after it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.ledger import DayLedger, billing_day_of
from chalicelib.domain.periods import day_start, local_date
from chalicelib.domain.usage import RollUp, Usage
from chalicelib.domain.usage_calls import Calls

Sums = dict[str, dict[str, list[int]]]
"""By ISO day, then destination: attempts, connected, duration and billed seconds, charge in units of 10**-12."""
PART_SECONDS = 60 * 86_400
"""A part spans at most sixty days, so its roll-ups fit one transaction (100 actions)."""
PART_CALLS = 100_000
"""A part has at most so many calls: its duplicates fit one item (400 KB), and an export holds one part at a time."""


def split_parts(calls: Calls) -> Iterator[Calls]:
    """Cut calls, which are in order of time, into consecutive parts. The same calls always give the same parts."""
    start = 0
    while start < len(calls):
        end = bisect_left(calls.starts, calls.starts[start] + PART_SECONDS, start, min(len(calls), start + PART_CALLS))
        yield calls if end - start == len(calls) else calls.cut(start, end)
        start = end


def calculate_sums(calls: Calls, zone: str) -> Sums:
    """Sums per local day, in order, and destination. The calls must be in order of time.

    Days come from their boundaries, not from each call: two searches a day instead of a time zone conversion a call.
    """
    sums: Sums = {}
    if not calls:
        return sums
    day = _day_of(calls.starts[0], zone)
    position = 0
    while position < len(calls):
        tomorrow = day + timedelta(days=1)
        end = bisect_left(calls.starts, day_start(tomorrow, zone).timestamp(), position)
        if end > position:
            sums[day.isoformat()] = _sum_up(calls, position, end)
        day, position = tomorrow, end
    return sums


def plan_roll_ups(sums: Sums, ledger: DayLedger, batch_id: str) -> list[RollUp]:
    """One roll-up per billing day; sums of billed days go, with their day, on the first unbilled one after it.

    >>> sums = {"2026-11-05": {"UK": [1, 1, 61, 120, 5]}, "2026-11-06": {"UK": [2, 1, 10, 60, 7]}}
    >>> late = plan_roll_ups(sums, DayLedger({date(2026, 11, 5): "20261105#R"}), "b1")
    >>> [(roll_up.billing_day.day, [day.day for day in roll_up.usage.days]) for roll_up in late]
    [(6, [5, 6])]
    """
    by_day: dict[date, list[tuple[Any, ...]]] = {}
    for text, by_destination in sorted(sums.items()):
        day = date.fromisoformat(text)
        rows = by_day.setdefault(billing_day_of(day, ledger), [])
        rows += [(day, destination, *numbers) for destination, numbers in sorted(by_destination.items())]
    return [RollUp(day, batch_id, Usage(*zip(*by_day[day], strict=True))) for day in sorted(by_day)]


def _day_of(seconds: int, zone: str) -> date:
    return local_date(datetime.fromtimestamp(seconds, UTC), zone)


def _sum_up(calls: Calls, start: int, stop: int) -> dict[str, list[int]]:
    """By destination. Sums are added to in place: a tuple a call would be work for the garbage collector."""
    columns = (calls.destinations, calls.attempts, calls.connected, calls.durations, calls.billed, calls.charges)
    by_destination: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for destination, attempts, connected, duration, billed, charge in zip(
        *(column[start:stop] for column in columns), strict=True
    ):
        sums = by_destination[destination]
        sums[0] += attempts
        sums[1] += connected
        sums[2] += duration
        sums[3] += billed
        sums[4] += charge
    return dict(by_destination)
