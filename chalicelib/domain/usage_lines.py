"""Usage on lines: rows of one invoice grouped by destination, by day or not at all, and late usage by its original day.

Adds up exactly and rounds nothing: a line's `unit_price` is the exact sum, and `totals` rounds all usage of a tax group once,
so that grouping never changes a total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.bare_line import BareLine
from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.invoice import LineKind, LineUsage
from chalicelib.domain.line_rules import MAX_LINES
from chalicelib.domain.money import ONE
from chalicelib.domain.periods import Period
from chalicelib.domain.tax import Tax
from chalicelib.domain.usage import RollUp, Tally, Usage, from_units, join_usage, tally_destinations


def _unbilled(_day: date) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageScope:
    """The invoice that usage lines are built for.

    A row is late when its day is not among `days`; `billed_on` gives the public id of the invoice a day was billed on.
    """

    days: frozenset[date]
    grouping: LineGrouping
    tax: Tax
    billed_on: Callable[[date], str | None] = _unbilled


def usage_billed_on(rollups: Iterable[RollUp], days: frozenset[date]) -> list[Usage]:
    """The usage of all roll-ups whose billing day is among the days."""
    return [rollup.usage for rollup in rollups if rollup.billing_day in days]


def calculate_usage_net(rollups: Iterable[RollUp], intervals: Iterable[Period]) -> dict[Period, Decimal]:
    """The exact usage of each interval by day of the call, whatever day bills it (what minimum spend looks at).

    >>> usage = Usage((date(2026, 11, 5),), ("UK Mobile",), (1,), (1,), (55,), (60,), (27_200_000_000,))
    >>> november = Period(date(2026, 11, 1), date(2026, 12, 1))
    >>> calculate_usage_net([RollUp(date(2026, 12, 2), "b1", usage)], [november])[november]
    Decimal('0.0272')
    """
    wanted = list(intervals)
    if not wanted:
        return {}
    by_day: dict[date, int] = defaultdict(int)
    for rollup in rollups:
        for day, charge in zip(rollup.usage.days, rollup.usage.charges, strict=True):
            by_day[day] += charge
    return {one: from_units(sum(charge for day, charge in by_day.items() if one.start <= day < one.end)) for one in wanted}


def build_usage_lines(usage: Iterable[Usage], scope: UsageScope, first_id: int = 1) -> list[BareLine]:
    """Usage lines, then late ones, each in order of day and destination; ids count on from `first_id`.

    Lines with connected calls are printed even at 0.00; failed attempts alone are not. The nets are left to `totals`. Where there
    would be more than `MAX_LINES`, late usage is grouped by day alone, and if that is not enough all usage is.

    >>> scope = UsageScope(days=frozenset({date(2026, 11, 1)}), grouping=LineGrouping.DESTINATION, tax=Tax())
    >>> usage = Usage((date(2026, 11, 1),) * 2, ("UK Mobile",) * 2, (1, 2), (1, 1), (30, 40), (60, 60), (800_000_000,) * 2)
    >>> [line] = build_usage_lines([usage], scope)
    >>> line.description, line.unit_price, line.usage.calls
    ('UK Mobile', Decimal('0.0016'), 2)
    """
    in_time, late = _divide(usage, scope.days)
    printed = _printable(in_time, late, scope.grouping)
    first, last = min(scope.days), max(scope.days)
    return [
        _bare_line(str(number), group, scope, (group.day or first, group.day or last))
        for number, group in enumerate(printed, first_id)
    ]


class _Group(NamedTuple):
    """What becomes one line; destination and day only where the grouping tells them apart."""

    tally: Tally
    destination: str = ""
    day: date | None = None
    is_late: bool = False


def _divide(usage: Iterable[Usage], days: frozenset[date]) -> tuple[list[Usage], list[Usage]]:
    """Usage of the days, and late usage; nearly always all is in time, and is left as it is."""
    in_time, late = [], []
    for part in usage:
        if days.issuperset(part.days):
            in_time.append(part)
        else:
            in_time.append(part.where(days.__contains__))
            late.append(part.where(lambda day: day not in days))
    return in_time, late


def _printable(in_time: Sequence[Usage], late: Sequence[Usage], wanted: LineGrouping) -> list[_Group]:
    """The groups that are printed: as wanted, or more coarsely where they would not fit on a document."""
    for late_grouping in (wanted, LineGrouping.DAY):
        printed = _shown([*_in_time(in_time, wanted), *_late(late, late_grouping)])
        if len(printed) <= MAX_LINES:
            return printed
    return _shown([*_in_time(in_time, LineGrouping.DAY), *_late(late, LineGrouping.DAY)])


def _shown(groups: Sequence[_Group]) -> list[_Group]:
    return [group for group in groups if group.tally.connected or group.tally.charge]


def _in_time(parts: Sequence[Usage], grouping: LineGrouping) -> list[_Group]:
    if grouping is LineGrouping.DESTINATION:
        return [_Group(tally, destination=name) for name, tally in tally_destinations(parts)]
    usage = join_usage(parts)
    if grouping is LineGrouping.DAY:
        return [_Group(tally, day=day) for day, tally in usage.tallies(usage.days)]
    return [_Group(usage.tally)]


def _late(parts: Sequence[Usage], grouping: LineGrouping) -> list[_Group]:
    """Late usage always shows its day, whatever the grouping."""
    usage = join_usage(parts)
    if grouping is LineGrouping.DESTINATION:
        tallies = usage.tallies(list(zip(usage.days, usage.destinations, strict=True)))
        return [_Group(tally, name, day, is_late=True) for (day, name), tally in tallies]
    return [_Group(tally, day=day, is_late=True) for day, tally in usage.tallies(usage.days)]


def _bare_line(line_id: str, group: _Group, scope: UsageScope, dates: tuple[date, date]) -> BareLine:
    attempts, connected, duration, billed, charge = group.tally
    return BareLine(
        id=line_id,
        kind=LineKind.LATE_USAGE if group.is_late else LineKind.USAGE,
        description=_description(group),
        start_date=dates[0],
        end_date=dates[1],
        quantity=ONE,
        unit_price=charge,
        tax=scope.tax,
        usage=LineUsage(
            calls=connected,
            attempts=attempts,
            duration_seconds=duration,
            billed_seconds=billed,
            destination=group.destination,
        ),
        original_invoice_id=scope.billed_on(group.day) if group.is_late and group.day else None,
    )


def _description(group: _Group) -> str:
    if group.is_late:
        return f"{group.destination or 'Calls'} (late, {group.day})"
    return group.destination or (str(group.day) if group.day else "Calls")
