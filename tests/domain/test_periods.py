"""Billing time: days, periods and what is closed, in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.periods import (
    Period,
    clamped,
    closed_through,
    closing_instant,
    day_start,
    local_date,
    missing_periods,
    next_due,
    period_containing,
    periods_between,
    plus_months,
    validate_schedule,
    validate_timezone,
)

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Paris",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "America/Havana",
        "America/Nuuk",
        "Africa/Cairo",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Kwajalein",
    ]
)
DAYS = st.dates(date(1985, 1, 1), date(2040, 12, 31))
SCHEDULES = st.one_of(
    st.just(Schedule(frequency=Frequency.DAILY)),
    st.integers(1, 7).map(lambda anchor: Schedule(frequency=Frequency.WEEKLY, anchor=anchor)),
    st.integers(1, 31).map(lambda anchor: Schedule(frequency=Frequency.MONTHLY, anchor=anchor)),
)
MONTHLY = Schedule(frequency=Frequency.MONTHLY)


@pytest.mark.parametrize(
    "day, zone, expected",
    [
        pytest.param(date(2026, 11, 1), "UTC", "2026-11-01T00:00:00+00:00", id="plain"),
        pytest.param(date(2024, 4, 26), "Africa/Cairo", "2024-04-25T22:00:00+00:00", id="midnight skipped"),
        pytest.param(date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00:00+00:00", id="midnight skipped in the south"),
        pytest.param(
            date(1919, 3, 31), "America/Toronto", "1919-03-31T04:30:00+00:00", id="clocks jump over midnight from 23:30"
        ),
        pytest.param(date(2024, 11, 3), "America/Havana", "2024-11-03T04:00:00+00:00", id="midnight twice, the first counts"),
        pytest.param(date(2006, 10, 29), "America/St_Johns", "2006-10-29T02:30:00+00:00", id="back across midnight at 00:01"),
        pytest.param(date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00:00+00:00", id="day skipped altogether"),
        pytest.param(date(2011, 12, 31), "Pacific/Apia", "2011-12-30T10:00:00+00:00", id="day after the skipped one"),
    ],
)
def test_day_starts_at_the_first_instant_of_the_local_day(day: date, zone: str, expected: str) -> None:
    """Whatever the clocks do around midnight, a day begins at one defined instant."""
    assert day_start(day, zone).isoformat() == expected


def test_skipped_day_is_empty() -> None:
    """No instant lies on the day that Samoa left out, so nothing can be placed on it."""
    assert day_start(date(2011, 12, 30), "Pacific/Apia") == day_start(date(2011, 12, 31), "Pacific/Apia")
    assert local_date(datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia") == date(2011, 12, 31)
    assert local_date(datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC), "Pacific/Apia") == date(2011, 12, 29)


def test_day_that_has_begun_stays_begun() -> None:
    """When Newfoundland's clocks went back at 00:01, the 59 minutes before the second midnight belong to the new day."""
    instant = datetime(2006, 10, 29, 3, 0, tzinfo=UTC)
    assert instant.astimezone(ZoneInfo("America/St_Johns")).date() == date(2006, 10, 28)
    assert local_date(instant, "America/St_Johns") == date(2006, 10, 29)


@given(DAYS, ZONES, st.integers(-86_400, 172_800))
def test_days_tile_time(day: date, zone: str, seconds: int) -> None:
    """Every instant lies on exactly one day: at or after that day's start, before the next one's."""
    instant = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(seconds=seconds)
    found = local_date(instant, zone)
    assert day_start(found, zone) <= instant < day_start(found + timedelta(days=1), zone)


@given(DAYS, ZONES)
def test_day_start_is_the_first_instant_on_the_wall(day: date, zone: str) -> None:
    """A second before its start the wall shows an earlier date, at its start that date or, where it was skipped, a later one."""
    start = day_start(day, zone)
    assert start.astimezone(ZoneInfo(zone)).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() < day


def test_naive_instants_are_refused() -> None:
    """A datetime without zone names no instant."""
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 11, 1), "UTC")  # noqa: DTZ001 - that is what is refused


@given(SCHEDULES, DAYS, st.integers(0, 400))
def test_periods_tile_the_calendar(schedule: Schedule, first: date, length: int) -> None:
    """Each period begins where the one before ended, and each day lies in the period that is given for it."""
    last = first + timedelta(days=length)
    periods = periods_between(schedule, first, last)
    assert periods[0].start <= first
    assert periods[-1].start <= last < periods[-1].end
    assert all(one.end == following.start for one, following in pairwise(periods))
    assert all(period_containing(day, schedule) == period for period in periods for day in period.days())


@given(st.integers(1, 31), DAYS)
def test_monthly_periods_start_on_the_anchor_or_the_months_last_day(anchor: int, day: date) -> None:
    """The anchor is remembered: each start is the anchor plus n months, clamped."""
    start = period_containing(day, Schedule(frequency=Frequency.MONTHLY, anchor=anchor)).start
    assert start == clamped(start.year, start.month, anchor)
    assert start.day == anchor or plus_months(start.year, start.month, 1)[1] == (start + timedelta(days=1)).month


def test_weekly_periods_start_on_the_iso_anchor_and_by_default_on_monday() -> None:
    """1 November 2026 is a Sunday: it is the last day of a Monday week and the first of a Sunday week."""
    sunday = date(2026, 11, 1)
    assert period_containing(sunday, Schedule(frequency=Frequency.WEEKLY)) == Period(date(2026, 10, 26), date(2026, 11, 2))
    assert period_containing(sunday, Schedule(frequency=Frequency.WEEKLY, anchor=7)).start == sunday


def test_last_day_and_days_of_a_period() -> None:
    """A half-open period shows its inclusive last day and lists its days in order."""
    period = Period(date(2026, 2, 27), date(2026, 3, 2))
    assert period.last_day == date(2026, 3, 1)
    assert period.days() == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))


@given(DAYS, ZONES, st.integers(0, 48), st.integers(-3, 3))
def test_a_day_is_closed_from_its_closing_instant_on(end: date, zone: str, hours: int, seconds: int) -> None:
    """The day before is over once its end and the settling hours are, and not a second before."""
    as_of = closing_instant(end, zone, hours) + timedelta(seconds=seconds)
    assert (closed_through(zone, hours, as_of) >= end - timedelta(days=1)) is (seconds >= 0)


def missing(schedule: Schedule, as_of: str, billed_through: date | None = None, start: date = date(2026, 9, 15)) -> list[Period]:
    """The missing periods in UTC with two settling hours."""
    instant = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    return missing_periods(schedule, start=start, billed_through=billed_through, zone="UTC", settling_hours=2, as_of=instant)


def test_run_after_an_outage_catches_up_oldest_first() -> None:
    """A week without runs leaves seven missing days."""
    days = missing(Schedule(frequency=Frequency.DAILY), "2026-11-09T02:00", billed_through=date(2026, 11, 1))
    assert [period.start.day for period in days] == [2, 3, 4, 5, 6, 7, 8]


def test_first_period_is_cut_at_billing_start() -> None:
    """Days before billing start are not billed."""
    assert missing(MONTHLY, "2026-10-02T00:00") == [Period(date(2026, 9, 15), date(2026, 10, 1))]


def test_open_period_is_not_missing() -> None:
    """The month's invoice is due two hours after midnight and not a second before."""
    assert missing(MONTHLY, "2026-10-01T01:59:59") == []
    assert len(missing(MONTHLY, "2026-10-01T02:00:00")) == 1


def test_schedule_changed_midway_goes_on_at_the_first_unbilled_day() -> None:
    """Daily until 10 November, then monthly: the month's invoice begins on the 11th."""
    periods = missing(MONTHLY, "2026-12-01T02:00", billed_through=date(2026, 11, 10))
    assert periods == [Period(date(2026, 11, 11), date(2026, 12, 1))]


def test_billing_start_in_the_future_leaves_nothing_missing() -> None:
    """Nothing is due before billing start, even when earlier days were never billed."""
    assert missing(MONTHLY, "2026-12-01T02:00", start=date(2027, 1, 1)) == []


def test_billing_start_moved_later_leaves_out_the_days_before_it() -> None:
    """Billed through August, billing start on 15 September: the days between are never billed."""
    periods = missing(MONTHLY, "2026-10-02T00:00", billed_through=date(2026, 8, 31))
    assert periods == [Period(date(2026, 9, 15), date(2026, 10, 1))]


@given(SCHEDULES, DAYS, st.integers(0, 100), ZONES, st.data())
def test_missing_periods_are_the_same_in_one_run_or_in_many(
    schedule: Schedule, start: date, length: int, zone: str, data: st.DataObject
) -> None:
    """A run in between changes nothing: what it bills and what is left make up what one late run would bill."""
    as_of = day_start(start + timedelta(days=length), zone)
    between = data.draw(st.datetimes(start_of(start), as_of.replace(tzinfo=None)).map(lambda one: one.replace(tzinfo=UTC)))
    late = missing_periods(schedule, start=start, billed_through=None, zone=zone, settling_hours=2, as_of=as_of)
    early = missing_periods(schedule, start=start, billed_through=None, zone=zone, settling_hours=2, as_of=between)
    through = early[-1].last_day if early else None
    rest = missing_periods(schedule, start=start, billed_through=through, zone=zone, settling_hours=2, as_of=as_of)
    assert early + rest == late


def start_of(day: date) -> datetime:
    """Midnight a day before, naive UTC: earlier than the day's start in any zone."""
    return datetime.combine(day - timedelta(days=1), datetime.min.time())


@given(SCHEDULES, DAYS, ZONES)
def test_customer_is_due_exactly_when_a_period_becomes_missing(schedule: Schedule, billed_through: date, zone: str) -> None:
    """The billing clock's due_at is the first instant at which a run finds something."""
    due = next_due(schedule, billed_through, zone, 2)
    for as_of, count in ((due, 1), (due - timedelta(seconds=1), 0)):
        found = missing_periods(
            schedule, start=date(1980, 1, 1), billed_through=billed_through, zone=zone, settling_hours=2, as_of=as_of
        )
        assert min(len(found), 1) == count


@pytest.mark.parametrize(
    "frequency, anchor, path",
    [
        (Frequency.NONE, None, "schedule.frequency"),
        (Frequency.DAILY, 1, "schedule.anchor"),
        (Frequency.WEEKLY, 8, "schedule.anchor"),
        (Frequency.WEEKLY, 0, "schedule.anchor"),
        (Frequency.MONTHLY, 32, "schedule.anchor"),
    ],
)
def test_unbillable_schedules_are_named(frequency: Frequency, anchor: int | None, path: str) -> None:
    """A schedule outside the rules gives one issue at its field."""
    assert [issue.path for issue in validate_schedule(Schedule(frequency=frequency, anchor=anchor))] == [path]


@given(SCHEDULES)
def test_billable_schedules_pass(schedule: Schedule) -> None:
    """Every daily, weekly and monthly schedule with an anchor in range is fine."""
    assert validate_schedule(schedule) == []


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "localtime", "Factory", "europe/paris", "x" * 5000])
def test_unknown_zones_are_refused(name: str) -> None:
    """Only exact IANA names pass; paths and machine-local names do not."""
    assert [issue.code for issue in validate_timezone(name)] == ["unknown_timezone"]


def test_known_zone_passes() -> None:
    """A place in the database is fine."""
    assert validate_timezone("Asia/Kathmandu") == []
