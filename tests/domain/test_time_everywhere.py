"""Every zone of the time zone database over 2024-2028: customer-days and billing periods tile time, whatever the clocks do.

Each zone is tried around each of its transitions; zones whose clocks agree on all days are one *behaviour*, tried on every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.periods import (
    Period,
    closed_through,
    closing_instant,
    day_start,
    local_date,
    missing_periods,
    periods_between,
    validate_timezone,
)

FIRST, LAST = date(2024, 1, 1), date(2028, 12, 31)
ONE_DAY, LOOK, SECOND = timedelta(days=1), timedelta(days=4), timedelta(seconds=1)
ZONES = sorted(name for name in available_timezones() if not validate_timezone(name))
SCHEDULES = [
    Schedule(frequency=Frequency.DAILY),
    *(Schedule(frequency=Frequency.WEEKLY, anchor=anchor) for anchor in range(1, 8)),
    *(Schedule(frequency=Frequency.MONTHLY, anchor=anchor) for anchor in (1, 15, 28, 29, 30, 31)),
]
SKIPPED_DAYS = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kanton", date(1994, 12, 31)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
]


def days(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    """Every day from first to last."""
    return (first + n * ONE_DAY for n in range((last - first).days + 1))


@cache
def transitions(zone: str) -> tuple[datetime, ...]:
    """The exact instants at which the zone's offset changes. Looks every four days: no clocks change twice in so short a time."""
    rules = ZoneInfo(zone)
    looks = [datetime(FIRST.year, 1, 1, tzinfo=UTC) + n * LOOK for n in range((LAST - FIRST) // LOOK + 2)]
    known = [look.astimezone(rules).utcoffset() for look in looks]
    spans = zip(looks, pairwise(known), strict=False)
    return tuple(_change(look, before, rules) for look, (before, after) in spans if before != after)


def _change(low: datetime, before: timedelta | None, rules: ZoneInfo) -> datetime:
    """The first second with another offset, found by halving the time from `low` on."""
    seconds = round(LOOK.total_seconds())
    while seconds > 1:
        half = seconds // 2
        if (low + timedelta(seconds=half)).astimezone(rules).utcoffset() == before:
            low, seconds = low + timedelta(seconds=half), seconds - half
        else:
            seconds = half
    return low + SECOND


@cache
def behaviours() -> tuple[str, ...]:
    """One zone for each way in which clocks behave."""
    start = datetime(FIRST.year, 1, 1, tzinfo=UTC)
    return tuple(sorted({(start.astimezone(ZoneInfo(zone)).utcoffset(), transitions(zone)): zone for zone in ZONES}.values()))


def assert_inverse(day: date, zone: str) -> None:
    """The day begins where the day before ends: its first instant is its own, the second before is not."""
    start = day_start(day, zone)
    assert local_date(start, zone) == day, (zone, day)
    assert local_date(start - SECOND, zone) == day - ONE_DAY, (zone, day)
    assert timedelta(hours=22) <= day_start(day + ONE_DAY, zone) - start <= timedelta(hours=26), (zone, day)


def test_the_database_has_the_zones_that_this_is_about() -> None:
    """All of them are tried: those without midnights, with half hours, with half an hour of summer time."""
    assert len(ZONES) > 400
    assert {"Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Nuuk", "UTC"} <= set(ZONES)
    assert len(transitions("Australia/Lord_Howe")) == len(transitions("Europe/Paris")) == 10
    assert 50 < len(behaviours()) < len(ZONES)


def test_days_tile_time_around_every_transition_of_every_zone() -> None:
    """For a day before and after each change of the clocks, every quarter of an hour lies on exactly one customer-day."""
    steps = [n * timedelta(minutes=15) for n in range(-100, 101)]
    for zone in ZONES:
        for change in transitions(zone):
            instants = [change + step for step in steps] + [change - SECOND, change + SECOND]
            for instant in instants:
                found = local_date(instant, zone)
                assert day_start(found, zone) <= instant < day_start(found + ONE_DAY, zone), (zone, instant)
            for day in days(local_date(change, zone) - ONE_DAY, local_date(change, zone) + ONE_DAY):
                assert_inverse(day, zone)


def test_day_start_and_local_date_are_inverse_on_every_day() -> None:
    """Every zone on every 47th day, every behaviour on all days, leap days included."""
    for zone in ZONES:
        for day in list(days())[::47]:
            assert_inverse(day, zone)
    for zone in behaviours():
        for day in days():
            assert_inverse(day, zone)


def test_a_midnight_that_does_not_exist_is_the_first_instant_of_its_day() -> None:
    """Wherever clocks jump over midnight, the day begins with the jump; such zones there are."""
    missing = []
    for zone in ZONES:
        for change in transitions(zone):
            wall = change.astimezone(ZoneInfo(zone))
            if day_start(wall.date(), zone) == change and (wall.hour or wall.minute):
                missing.append(zone)
                assert (change - SECOND).astimezone(ZoneInfo(zone)).date() == wall.date() - ONE_DAY
    assert {"Africa/Cairo", "Asia/Beirut"} <= set(missing)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: f"{one.frequency}-{one.anchor}")
def test_periods_tile_the_calendar(schedule: Schedule) -> None:
    """Every day of the five years lies in exactly one period of every schedule."""
    covered = [day for period in periods_between(schedule, FIRST, LAST) for day in period.days()]
    assert covered == list(days(covered[0], covered[-1]))
    assert covered[0] <= FIRST <= LAST <= covered[-1]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: f"{one.frequency}-{one.anchor}")
def test_periods_close_one_after_the_other_in_every_zone(schedule: Schedule) -> None:
    """One late run finds all periods without gap or overlap; each becomes due at one instant and not a second before."""
    for zone in behaviours():
        as_of = closing_instant(LAST + ONE_DAY, zone, 2)
        found = missing_periods(schedule, start=FIRST, billed_through=None, zone=zone, settling_hours=2, as_of=as_of)
        assert [day for period in found for day in period.days()] == list(days(FIRST, found[-1].last_day)), zone
        assert found[-1].end > LAST - timedelta(days=31)
        for period in found[:: 30 if schedule.frequency is Frequency.DAILY else 5]:
            due = closing_instant(period.end, zone, 2)
            assert closed_through(zone, 2, due) == period.last_day, (zone, period)
            assert closed_through(zone, 2, due - SECOND) < period.last_day, (zone, period)


@pytest.mark.parametrize("zone, skipped", SKIPPED_DAYS)
def test_a_day_that_a_zone_left_out_is_empty_and_harms_none(zone: str, skipped: date) -> None:
    """No instant lies on it; days around it tile time, and every schedule's periods close in order."""
    assert day_start(skipped, zone) == day_start(skipped + ONE_DAY, zone)
    for day in days(skipped - 3 * ONE_DAY, skipped + 3 * ONE_DAY):
        instant = day_start(day, zone)
        assert local_date(instant, zone) == (day if day != skipped else skipped + ONE_DAY)
        assert local_date(instant - SECOND, zone) == (day - ONE_DAY if day != skipped + ONE_DAY else skipped - ONE_DAY)
    for schedule in SCHEDULES:
        as_of = day_start(skipped + 40 * ONE_DAY, zone)
        start = skipped - 40 * ONE_DAY
        found = missing_periods(schedule, start=start, billed_through=None, zone=zone, settling_hours=0, as_of=as_of)
        assert [day for period in found for day in period.days()] == list(days(start, found[-1].last_day))
        assert found[-1].last_day == closed_through(zone, 0, closing_instant(found[-1].end, zone, 0))


def test_leap_days_are_billed() -> None:
    """29 February 2024 and 2028 are days of their month, and the 29th is their anchor's own day."""
    for year in (2024, 2028):
        leap = date(year, 2, 29)
        [february] = periods_between(Schedule(frequency=Frequency.MONTHLY), leap, leap)
        assert february == Period(date(year, 2, 1), date(year, 3, 1))
        for anchor in (29, 30, 31):
            assert periods_between(Schedule(frequency=Frequency.MONTHLY, anchor=anchor), leap, leap)[0].start == leap
