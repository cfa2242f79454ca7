"""What a customer's usage and packages come to, period by period, as a clerk would reckon it from the rules alone.

Imports nothing of the product. Knows calls, claimed days, one package in advance, one in arrears and a minimum spend, all monthly
from the first of the month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.scenarios.paper_ledger import Row, rounded

DAY = timedelta(days=1)
ADVANCE, ARREARS, MINIMUM = Decimal("31.00"), Decimal("12.40"), Decimal("50.00")
"""Prices of a month; the first is prorated when it ends."""


def local_day(instant: datetime, zone: str) -> date:
    """The day on the wall."""
    return instant.astimezone(ZoneInfo(zone)).date()


@dataclass(slots=True)
class Call:
    """A rated call, its local day, and the day that bills it."""

    day: date
    charge: Decimal
    billed_on: date


@dataclass(slots=True)
class PaperBilling:
    """One customer: the zone may change, days are claimed once."""

    currency: str
    start: date
    zone: str
    percent: Decimal
    package_percent: Decimal
    weekday: int | None = None
    calls: dict[str, Call] = field(default_factory=dict)
    claims: set[date] = field(default_factory=set)
    has_packages: bool = True
    end: date | None = None
    settlement: date | None = None

    def take(self, call_id: str, instant: datetime, charge: Decimal) -> bool:
        """A call comes in; False for one that is known."""
        if call_id in self.calls:
            return False
        day = local_day(instant, self.zone)
        self.calls[call_id] = Call(day, charge, self.first_free(day))
        return True

    def first_free(self, day: date) -> date:
        """The first unbilled day from one on."""
        while day in self.claims:
            day += DAY
        return day

    def missing(self, as_of: datetime) -> Iterator[list[date]]:
        """The unbilled days of every closed period, oldest first."""
        first = self.start
        while True:
            last = self._end_of_period(first)
            closing = datetime.combine(last + DAY, time(2), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
            if closing > as_of:
                return
            days = [first + n * DAY for n in range((last - first).days + 1)]
            if unclaimed := [day for day in days if day not in self.claims]:
                yield unclaimed
            first = last + DAY

    def claim(self, days: Iterable[date]) -> list[Row]:
        """Bill days: charges in advance, in arrears, calls, top-up of the minimum, credit for unused time."""
        billed = set(days)
        rows = [Row(one.charge, self.percent, is_usage=True) for one in self.calls.values() if one.billed_on in billed]
        for day in sorted(billed) if self.has_packages else ():
            rows += self._charges(day)
        self.claims |= billed
        return rows

    def free(self, days: Iterable[date]) -> None:
        """A void or deleted document gives its days back."""
        self.claims -= set(days)

    def finish(self, end: date) -> None:
        """The package in advance ends."""
        self.end, self.settlement = end, self.first_free(end)

    def _charges(self, day: date) -> Iterator[Row]:
        if day.day == 1 and not self._is_over(day):
            yield Row(ADVANCE, self.package_percent)
        if (day + DAY).day == 1:
            yield Row(ARREARS, self.package_percent)
            yield Row(max(MINIMUM - rounded(self._usage_of(day), self.currency), Decimal(0)), self.percent)
        if self.end is not None and day == self.settlement:
            yield from (Row(-amount, self.package_percent) for amount in self._unused(self.end, day))

    def _is_over(self, day: date) -> bool:
        """Whether the package is no longer charged: after its end, once that is settled."""
        return self.end is not None and self.settlement is not None and day > self.end and day >= self.settlement

    def _unused(self, end: date, settlement: date) -> Iterator[Decimal]:
        """What comes back of each month that was charged: the price less the days that were used."""
        first = self.start
        while first <= settlement and not self._is_over(first):
            following = _next_month(first)
            used = min(max((end - first).days + 1, 0), (following - first).days)
            yield rounded(ADVANCE, self.currency) - rounded(ADVANCE * used / (following - first).days, self.currency)
            first = following

    def _usage_of(self, last: date) -> Decimal:
        month = (last.year, last.month)
        return sum((one.charge for one in self.calls.values() if (one.day.year, one.day.month) == month), Decimal(0))

    def _end_of_period(self, first: date) -> date:
        if self.weekday is None:
            return _next_month(first) - DAY
        return first + ((self.weekday - first.isoweekday() - 1) % 7) * DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)
