"""The intervals a package is charged for: from each match day to the day before the next one.

Knows match days and clamping only, no prices and no end dates. Everything is reckoned from the match days themselves, so a 31st
that became a 28th in February is a 31st again in March.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, count, pairwise

from chalicelib.domain.customer import Frequency
from chalicelib.domain.packages import Package
from chalicelib.domain.periods import ONE_DAY, Period, clamped, plus_months


def intervals_from(package: Package, start_date: date, day: date) -> Iterator[Period]:
    """The package's whole intervals in order, without end, beginning with the one that holds `day`.

    Without match days the anniversary of `start_date` counts. Two match days that clamp to one date (30 and 31 in November) are
    one match day there. A one-off package (`none`) has no intervals and raises KeyError. The match days must have passed
    `validate_package`: with a ninth weekday this would search for ever.
    """
    matches = _MATCHES[package.frequency](package.match_days, start_date, day)
    return (Period(start, end) for start, end in pairwise(matches) if end > day)


def _daily(_match_days: tuple[int, ...], _start: date, day: date) -> Iterator[date]:
    return (day + n * ONE_DAY for n in count())


def _weekly(match_days: tuple[int, ...], start: date, day: date) -> Iterator[date]:
    """Match days from six days before, so that the one which begins the interval of `day` is among them."""
    weekdays = frozenset(match_days or (start.isoweekday(),))
    candidates = (day + timedelta(days=n) for n in count(-6))
    return (candidate for candidate in candidates if candidate.isoweekday() in weekdays)


def _monthly(match_days: tuple[int, ...], start: date, day: date) -> Iterator[date]:
    """Match days from the month before, for the same reason."""
    wanted = match_days or (start.day,)
    months = (plus_months(day.year, day.month, n) for n in count(-1))
    return chain.from_iterable(sorted({clamped(*month, match_day) for match_day in wanted}) for month in months)


_MATCHES = {Frequency.DAILY: _daily, Frequency.WEEKLY: _weekly, Frequency.MONTHLY: _monthly}
