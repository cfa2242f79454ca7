"""Billing time: customer-days and the half-open periods made of them, in the customer's zone.

A customer-day is `[day_start(d), day_start(d + 1))`, so days tile time whatever the clocks do, and `local_date` is the inverse.
Periods are always reckoned from the anchor, never step by step. This module has no "now": every question about what is over
takes `as_of`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.errors import Issue

ONE_DAY = timedelta(days=1)
_DEFAULT_ANCHOR = 1
_SHORTEST_MONTH = 28
_LAST_ANCHOR = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 31}
_NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days `[start, end)`; at the edges people see `start` to `last_day`."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The last day inside.

        >>> Period(date(2026, 11, 1), date(2026, 12, 1)).last_day
        datetime.date(2026, 11, 30)
        """
        return self.end - ONE_DAY

    def days(self) -> tuple[date, ...]:
        """Every day inside, in order.

        >>> len(Period(date(2028, 2, 1), date(2028, 3, 1)).days())
        29
        """
        first = self.start.toordinal()
        return tuple(date.fromordinal(first + n) for n in range((self.end - self.start).days))


@lru_cache(maxsize=65_536)
def day_start(day: date, zone: str) -> datetime:
    """The UTC instant at which a local day begins: the first one whose local date is that day or a later one.

    A midnight that the clocks skip gives the first instant after the gap, a repeated one its first occurrence. A day that a zone
    skipped altogether is empty: it begins and ends where the next one begins.

    >>> day_start(date(2026, 11, 1), "Europe/Paris").isoformat()
    '2026-10-31T23:00:00+00:00'
    >>> day_start(date(2024, 4, 26), "Africa/Cairo").astimezone(ZoneInfo("Africa/Cairo")).isoformat()
    '2024-04-26T01:00:00+03:00'
    """
    rules = ZoneInfo(zone)
    midnight = datetime.combine(day, time.min, tzinfo=rules)
    instant = midnight.astimezone(UTC)
    if instant.astimezone(rules).date() == day and instant.astimezone(rules).time() == time.min:
        return instant
    return _end_of_gap(midnight.replace(fold=1).astimezone(UTC), instant, day, rules)


def _end_of_gap(before: datetime, after: datetime, day: date, rules: ZoneInfo) -> datetime:
    """Bisect to the second: offsets, and so transitions, are whole seconds in the IANA database."""
    seconds = round((after - before).total_seconds())
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(rules).date() >= day:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def local_date(instant: datetime, zone: str) -> date:
    """The customer-day that holds an instant; naive datetimes are refused with ValueError.

    It is the date on the wall, except where clocks once went back across midnight: what began stays begun.

    >>> local_date(datetime(2026, 10, 31, 23, 0, tzinfo=UTC), "Europe/Paris")
    datetime.date(2026, 11, 1)
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    wall = instant.astimezone(ZoneInfo(zone)).date()
    tomorrow = wall + ONE_DAY
    return tomorrow if day_start(tomorrow, zone) <= instant else wall


def clamped(year: int, month: int, day: int) -> date:
    """That day of the month, or the month's last when it is shorter.

    >>> clamped(2026, 2, 31)
    datetime.date(2026, 2, 28)
    """
    if day <= _SHORTEST_MONTH:
        return date(year, month, day)
    return date(year, month, min(day, monthrange(year, month)[1]))


def plus_months(year: int, month: int, count: int) -> tuple[int, int]:
    """Year and month, `count` months later (or earlier).

    >>> plus_months(2026, 1, -1), plus_months(2026, 12, 1)
    ((2025, 12), (2027, 1))
    """
    years, zero_based = divmod(year * 12 + month - 1 + count, 12)
    return years, zero_based + 1


def period_containing(day: date, schedule: Schedule) -> Period:
    """The schedule's whole period around a day; KeyError for a schedule that `validate_schedule` refuses.

    >>> period_containing(date(2026, 3, 30), Schedule(frequency=Frequency.MONTHLY, anchor=31))
    Period(start=datetime.date(2026, 2, 28), end=datetime.date(2026, 3, 31))
    """
    return _PERIOD_OF[schedule.frequency](day, schedule.anchor or _DEFAULT_ANCHOR)


def _daily(day: date, _anchor: int) -> Period:
    return Period(day, day + ONE_DAY)


def _weekly(day: date, anchor: int) -> Period:
    start = day - timedelta(days=(day.isoweekday() - anchor) % 7)
    return Period(start, start + timedelta(days=7))


def _monthly(day: date, anchor: int) -> Period:
    offset = 0 if day >= clamped(day.year, day.month, anchor) else -1
    start = clamped(*plus_months(day.year, day.month, offset), anchor)
    return Period(start, clamped(*plus_months(start.year, start.month, 1), anchor))


_PERIOD_OF = {Frequency.DAILY: _daily, Frequency.WEEKLY: _weekly, Frequency.MONTHLY: _monthly}


def periods_between(schedule: Schedule, first_day: date, last_day: date) -> list[Period]:
    """The whole periods from the one around `first_day` to the one around `last_day` (inclusive), in order, without gap.

    >>> last_days = Schedule(frequency=Frequency.MONTHLY, anchor=31)
    >>> [str(period.start) for period in periods_between(last_days, date(2026, 1, 31), date(2026, 4, 1))]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    periods: list[Period] = []
    day = first_day
    while day <= last_day:
        periods.append(period_containing(day, schedule))
        day = periods[-1].end
    return periods


def closing_instant(end: date, zone: str, settling_hours: int) -> datetime:
    """When a period that ends before the local day `end` becomes due: that day's first instant plus the settling hours, UTC.

    >>> closing_instant(date(2026, 12, 1), "Europe/Paris", 2).isoformat()
    '2026-12-01T01:00:00+00:00'
    """
    return day_start(end, zone) + timedelta(hours=settling_hours)


def closed_through(zone: str, settling_hours: int, as_of: datetime) -> date:
    """The last local day that is over, settling hours included.

    >>> closed_through("UTC", 2, datetime(2026, 12, 1, 1, 59, tzinfo=UTC))
    datetime.date(2026, 11, 29)
    """
    return local_date(as_of - timedelta(hours=settling_hours), zone) - ONE_DAY


def next_due(schedule: Schedule, billed_through: date, zone: str, settling_hours: int) -> datetime:
    """When the period after the last billed day becomes due (for one never billed, give the day before `billing_start`).

    >>> next_due(Schedule(frequency=Frequency.MONTHLY), date(2026, 10, 31), "UTC", 2).isoformat()
    '2026-12-01T02:00:00+00:00'
    """
    end = period_containing(billed_through + ONE_DAY, schedule).end
    return closing_instant(end, zone, settling_hours)


def missing_periods(
    schedule: Schedule, *, start: date, billed_through: date | None, zone: str, settling_hours: int, as_of: datetime
) -> list[Period]:
    """Every closed period after the last billed day, oldest first.

    The first is cut at the first unbilled day, so days before `start` (billing_start) are never billed, and a changed schedule
    takes over without gap or overlap.

    >>> monthly, as_of = Schedule(frequency=Frequency.MONTHLY), datetime(2026, 11, 3, tzinfo=UTC)
    >>> [str(period.start) for period in missing_periods(
    ...     monthly, start=date(2026, 9, 15), billed_through=None, zone="UTC", settling_hours=2, as_of=as_of)]
    ['2026-09-15', '2026-10-01']
    """
    first = start if billed_through is None else max(start, billed_through + ONE_DAY)
    last = closed_through(zone, settling_hours, as_of)
    whole = [period for period in periods_between(schedule, first, last) if period.last_day <= last]
    return [Period(max(period.start, first), period.end) for period in whole]


def validate_schedule(schedule: Schedule) -> list[Issue]:
    """What is wrong with a schedule: an unbillable frequency, or an anchor that the frequency does not know.

    >>> [issue.path for issue in validate_schedule(Schedule(frequency=Frequency.WEEKLY, anchor=8))]
    ['schedule.anchor']
    """
    if schedule.frequency not in _PERIOD_OF:
        return [Issue("schedule.frequency", "invalid_value", "A schedule is daily, weekly or monthly.")]
    last = _LAST_ANCHOR.get(schedule.frequency, 0)
    if schedule.anchor is None or 1 <= schedule.anchor <= last:
        return []
    allowed = f"between 1 and {last}" if last else "left out"
    return [Issue("schedule.anchor", "invalid_value", f"The anchor of a {schedule.frequency} schedule must be {allowed}.")]


def validate_timezone(name: str) -> list[Issue]:
    """What is wrong with a zone name; only IANA names of places and UTC pass, never a path.

    >>> validate_timezone("Europe/Paris"), validate_timezone("Mars/Base")[0].code
    ([], 'unknown_timezone')
    """
    if name in _zones():
        return []
    return [Issue("timezone", "unknown_timezone", f"{name[:64]!r} is not in the IANA time zone database.")]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_A_PLACE
