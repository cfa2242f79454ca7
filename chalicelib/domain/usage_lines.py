"""Usage on lines: rows of one invoice grouped by destination, by day or not at all, and late usage by its original day.

Adds up exactly and rounds nothing: a line's `unit_price` is the exact sum, and `totals` rounds all usage of a tax group once,
so that grouping never changes a total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeVar

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.invoice import Line, LineKind, LineUsage
from chalicelib.domain.line_rules import MAX_LINES
from chalicelib.domain.money import PRECISION, ZERO
from chalicelib.domain.periods import Period
from chalicelib.domain.tax import Tax
from chalicelib.domain.usage import RollUp, Tally, UsageRow

_Key = TypeVar("_Key", date, str, tuple[date, str])

_ONE = Decimal(1)


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


def rows_billed_on(rollups: Iterable[RollUp], days: frozenset[date]) -> list[UsageRow]:
    """The rows of all roll-ups whose billing day is among the days."""
    return [row for rollup in rollups if rollup.billing_day in days for row in rollup.rows]


def calculate_usage_net(rollups: Iterable[RollUp], intervals: Iterable[Period]) -> dict[Period, Decimal]:
    """The exact usage of each interval by day of the call, whatever day bills it (what minimum spend looks at).

    >>> row = UsageRow(date(2026, 11, 5), "UK Mobile", Tally(charge=Decimal("0.0272")))
    >>> november = Period(date(2026, 11, 1), date(2026, 12, 1))
    >>> calculate_usage_net([RollUp(date(2026, 12, 2), "b1", (row,))], [november])[november]
    Decimal('0.0272')
    """
    wanted = list(intervals)
    if not wanted:
        return {}
    by_day: dict[date, Decimal] = defaultdict(lambda: ZERO)
    with localcontext(prec=PRECISION):
        for rollup in rollups:
            for row in rollup.rows:
                by_day[row.day] += row.tally.charge
        return {one: sum((charge for day, charge in by_day.items() if one.start <= day < one.end), ZERO) for one in wanted}


def build_usage_lines(rows: Sequence[UsageRow], scope: UsageScope, first_id: int = 1) -> list[Line]:
    """Usage lines, then late ones, each in order of day and destination; ids count on from `first_id`.

    Lines with connected calls are printed even at 0.00; failed attempts alone are not. The nets are left to `totals`. Where there
    would be more than `MAX_LINES`, late usage is grouped by day alone, and if that is not enough all usage is.

    >>> scope = UsageScope(days=frozenset({date(2026, 11, 1)}), grouping=LineGrouping.DESTINATION, tax=Tax())
    >>> call = Tally(attempts=1, connected=1, duration_seconds=30, billed_seconds=60, charge=Decimal("0.0008"))
    >>> [line] = build_usage_lines([UsageRow(date(2026, 11, 1), "UK Mobile", call)] * 100, scope)
    >>> line.description, line.unit_price, line.usage.calls
    ('UK Mobile', Decimal('0.0800'), 100)
    """
    late = [row for row in rows if row.day not in scope.days]
    in_time = [row for row in rows if row.day in scope.days] if late else rows
    with localcontext(prec=PRECISION):
        printed = _printable(in_time, late, scope.grouping)
    first, last = min(scope.days), max(scope.days)
    return [
        _line(str(number), group, scope, (group.day or first, group.day or last))
        for number, group in enumerate(printed, first_id)
    ]


class _Group(NamedTuple):
    """What becomes one line; `day` only where the grouping tells days apart."""

    usage: LineUsage
    charge: Decimal
    day: date | None = None
    is_late: bool = False


_DAY: Callable[[UsageRow], date] = attrgetter("day")
_DESTINATION: Callable[[UsageRow], str] = attrgetter("destination")
_DAY_AND_DESTINATION: Callable[[UsageRow], tuple[date, str]] = attrgetter("day", "destination")


def _printable(in_time: Sequence[UsageRow], late: Sequence[UsageRow], wanted: LineGrouping) -> list[_Group]:
    """The groups that are printed: as wanted, or more coarsely where they would not fit on a document."""
    for late_grouping in (wanted, LineGrouping.DAY):
        printed = _shown([*_in_time(in_time, wanted), *_late(late, late_grouping)])
        if len(printed) <= MAX_LINES:
            return printed
    return _shown([*_in_time(in_time, LineGrouping.DAY), *_late(late, LineGrouping.DAY)])


def _shown(groups: Sequence[_Group]) -> list[_Group]:
    return [group for group in groups if group.usage.calls or group.charge]


def _in_time(rows: Sequence[UsageRow], grouping: LineGrouping) -> list[_Group]:
    if grouping is LineGrouping.DESTINATION:
        return [_Group(*_sum(tallies, name)) for name, tallies in _grouped(rows, _DESTINATION)]
    if grouping is LineGrouping.DAY:
        return [_Group(*_sum(tallies), day=day) for day, tallies in _grouped(rows, _DAY)]
    return [_Group(*_sum([row.tally for row in rows]))] if rows else []


def _late(rows: Sequence[UsageRow], grouping: LineGrouping) -> list[_Group]:
    """Late usage always shows its day, whatever the grouping."""
    if grouping is LineGrouping.DESTINATION:
        groups = _grouped(rows, _DAY_AND_DESTINATION)
        return [_Group(*_sum(tallies, name), day=day, is_late=True) for (day, name), tallies in groups]
    return [_Group(*_sum(tallies), day=day, is_late=True) for day, tallies in _grouped(rows, _DAY)]


def _grouped(rows: Sequence[UsageRow], key: Callable[[UsageRow], _Key]) -> list[tuple[_Key, list[Tally]]]:
    """Tallies by key, in order of the key: one look-up and one append per row."""
    groups: dict[_Key, list[Tally]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row.tally)
    return sorted(groups.items(), key=itemgetter(0))


def _sum(tallies: Sequence[Tally], destination: str = "") -> tuple[LineUsage, Decimal]:
    """The counts of a line and its exact charge: columns are added up in a quarter of the time that `Tally` values are."""
    attempts, connected, duration, billed, charges = zip(*tallies, strict=True)
    usage = LineUsage(
        calls=sum(connected),
        attempts=sum(attempts),
        duration_seconds=sum(duration),
        billed_seconds=sum(billed),
        destination=destination,
    )
    return usage, sum(charges, ZERO)


def _line(line_id: str, group: _Group, scope: UsageScope, dates: tuple[date, date]) -> Line:
    return Line(
        id=line_id,
        kind=LineKind.LATE_USAGE if group.is_late else LineKind.USAGE,
        description=_description(group),
        start_date=dates[0],
        end_date=dates[1],
        quantity=_ONE,
        unit_price=group.charge,
        tax=scope.tax,
        usage=group.usage,
        original_invoice_id=scope.billed_on(group.day) if group.is_late and group.day else None,
    )


def _description(group: _Group) -> str:
    if group.is_late:
        return f"{group.usage.destination or 'Calls'} (late, {group.day})"
    return group.usage.destination or (str(group.day) if group.day else "Calls")
