"""Usage on lines: rows of one invoice grouped by destination, by day or not at all, and late usage by its original day.

Adds up exactly and rounds nothing: a line's `unit_price` is the exact sum, and `totals` rounds all usage of a tax group once,
so that grouping never changes a total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from operator import attrgetter

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.invoice import Line, LineKind, LineUsage
from chalicelib.domain.money import PRECISION, ZERO
from chalicelib.domain.periods import Period
from chalicelib.domain.tax import Tax
from chalicelib.domain.usage import RollUp, Tally, UsageRow

_Key = tuple[bool, date | None, str]
"""(is late, day, destination): the parts a grouping does not tell apart are None and empty. Also the printed order."""

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageScope:
    """The invoice that usage lines are built for.

    A row is late when its day is not among `days`; `billed_on` names the invoice that day was billed on.
    """

    days: frozenset[date]
    grouping: LineGrouping
    tax: Tax
    billed_on: Mapping[date, str] = field(default_factory=dict)


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
    by_day: dict[date, Decimal] = defaultdict(lambda: ZERO)
    with localcontext(prec=PRECISION):
        for rollup in rollups:
            for row in rollup.rows:
                by_day[row.day] += row.tally.charge
        return {one: sum((charge for day, charge in by_day.items() if one.start <= day < one.end), ZERO) for one in intervals}


def build_usage_lines(rows: Iterable[UsageRow], scope: UsageScope, first_id: int = 1) -> list[Line]:
    """Usage lines, then late ones, each in order of day and destination; ids count on from `first_id`.

    Lines with connected calls are printed even at 0.00; failed attempts alone are not. The nets are left to `totals`.

    >>> scope = UsageScope(days=frozenset({date(2026, 11, 1)}), grouping=LineGrouping.DESTINATION, tax=Tax())
    >>> call = Tally(attempts=1, connected=1, duration_seconds=30, billed_seconds=60, charge=Decimal("0.0008"))
    >>> [line] = build_usage_lines([UsageRow(date(2026, 11, 1), "UK Mobile", call)] * 100, scope)
    >>> line.description, line.unit_price, line.usage.calls
    ('UK Mobile', Decimal('0.0800'), 100)
    """
    with localcontext(prec=PRECISION):
        sums = [(key, _sum(tallies)) for key, tallies in sorted(_grouped(rows, scope).items())]
    printed = [(key, tally) for key, tally in sums if tally.connected or tally.charge]
    return [_line(str(number), key, tally, scope) for number, (key, tally) in enumerate(printed, first_id)]


def _grouped(rows: Iterable[UsageRow], scope: UsageScope) -> dict[_Key, list[Tally]]:
    """Plain loops and no object per row: a customer has hundreds of rows, a run has a million customers."""
    by_destination = scope.grouping is LineGrouping.DESTINATION
    day_of_key = {day: day if scope.grouping is LineGrouping.DAY else None for day in scope.days}
    groups: dict[_Key, list[Tally]] = defaultdict(list)
    for row in rows:
        day = row.day
        is_late = day not in day_of_key
        key = (is_late, day if is_late else day_of_key[day], row.destination if by_destination else "")
        groups[key].append(row.tally)
    return groups


_ATTEMPTS, _CONNECTED = attrgetter("attempts"), attrgetter("connected")
_DURATION, _BILLED = attrgetter("duration_seconds"), attrgetter("billed_seconds")
_CHARGE = attrgetter("charge")


def _sum(tallies: list[Tally]) -> Tally:
    return Tally(
        attempts=sum(map(_ATTEMPTS, tallies)),
        connected=sum(map(_CONNECTED, tallies)),
        duration_seconds=sum(map(_DURATION, tallies)),
        billed_seconds=sum(map(_BILLED, tallies)),
        charge=sum(map(_CHARGE, tallies), ZERO),
    )


def _line(line_id: str, key: _Key, tally: Tally, scope: UsageScope) -> Line:
    is_late, day, destination = key
    return Line(
        id=line_id,
        kind=LineKind.LATE_USAGE if is_late else LineKind.USAGE,
        description=_description(is_late=is_late, day=day, destination=destination),
        start_date=day or min(scope.days),
        end_date=day or max(scope.days),
        quantity=_ONE,
        unit_price=tally.charge,
        tax=scope.tax,
        usage=LineUsage(
            calls=tally.connected,
            attempts=tally.attempts,
            duration_seconds=tally.duration_seconds,
            billed_seconds=tally.billed_seconds,
            destination=destination,
        ),
        original_invoice_id=scope.billed_on.get(day) if is_late and day else None,
    )


def _description(*, is_late: bool, day: date | None, destination: str) -> str:
    title = destination or (str(day) if day and not is_late else "Calls")
    return f"{title} (late, {day})" if is_late else title
