"""What a customer's calls add up to, in parts that one transaction can take, and the billing days that they go on.

Sums are exact. Days are the customer's local days; late calls keep their day and are placed on the first unbilled one after it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact
from itertools import groupby

from chalicelib.domain.ledger import DayLedger, billing_day_of
from chalicelib.domain.periods import day_start, local_date
from chalicelib.domain.usage import RollUp, Tally, UsageRow
from chalicelib.domain.usage_calls import Calls
from chalicelib.domain.usage_records import CHARGE_DIGITS

Sums = dict[str, dict[str, list[int]]]
"""By ISO day, then destination: attempts, connected, duration and billed seconds, charge in units of 10**-12."""
CHARGE_UNITS = Decimal(10**CHARGE_DIGITS)
PART_SECONDS = 60 * 86_400
"""A part spans at most sixty days, so its roll-ups fit one transaction (100 actions)."""
PART_CALLS = 250_000
"""A part has at most so many calls, so which of them are duplicates fits one item (400 KB)."""

_EXACT = Context(prec=100, traps=[Inexact])
"""Charges have at most 32 digits, and a part 250,000 of them."""


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


def build_usage_rows(sums: Sums) -> list[UsageRow]:
    """Sums as tallies, in order of days and destinations.

    >>> build_usage_rows({"2026-11-05": {"UK": [1, 1, 61, 120, 27_200_000_000]}})[0].tally.charge
    Decimal('0.0272')
    """
    rows: list[UsageRow] = []
    for text, by_destination in sorted(sums.items()):
        day = date.fromisoformat(text)
        for destination, (attempts, connected, duration, billed, charge) in sorted(by_destination.items()):
            rows.append(
                UsageRow(day, destination, Tally(attempts, connected, duration, billed, _EXACT.divide(charge, CHARGE_UNITS)))
            )
    return rows


def plan_roll_ups(rows: Sequence[UsageRow], ledger: DayLedger, batch_id: str) -> list[RollUp]:
    """One roll-up per billing day; rows of billed days go, with their day, on the first unbilled one after it.

    >>> rows = [UsageRow(date(2026, 11, 5), "UK", Tally(1)), UsageRow(date(2026, 11, 6), "UK", Tally(2))]
    >>> late = plan_roll_ups(rows, DayLedger({date(2026, 11, 5): "20261105#R"}), "b1")
    >>> [(roll_up.billing_day.day, [row.day.day for row in roll_up.rows]) for roll_up in late]
    [(6, [5, 6])]
    """
    by_day: dict[date, list[UsageRow]] = {}
    for day, of_day in groupby(rows, key=_day):
        by_day.setdefault(billing_day_of(day, ledger), []).extend(of_day)
    return [RollUp(day, batch_id, tuple(by_day[day])) for day in sorted(by_day)]


def _day(row: UsageRow) -> date:
    return row.day


def _day_of(seconds: int, zone: str) -> date:
    return local_date(datetime.fromtimestamp(seconds, UTC), zone)


def _sum_up(calls: Calls, start: int, stop: int) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    columns = (calls.destinations, calls.attempts, calls.connected, calls.durations, calls.billed, calls.charges)
    for destination, attempts, connected, duration, billed, charge in zip(
        *(column[start:stop] for column in columns), strict=True
    ):
        found = sums.get(destination)
        if found is None:
            sums[destination] = [attempts, connected, duration, billed, charge]
        else:
            found[0] += attempts
            found[1] += connected
            found[2] += duration
            found[3] += billed
            found[4] += charge
    return sums
