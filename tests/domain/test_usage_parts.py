"""Calls of a customer: judged, put in order, cut into parts, added up by local day, placed on billing days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import usage_parts
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.periods import local_date
from chalicelib.domain.usage import Tally
from chalicelib.domain.usage_calls import Judge, Judged
from chalicelib.domain.usage_parts import calculate_sums, plan_roll_ups, split_parts

COLUMNS = ("customer_id", "call_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge", "cli")
LATEST = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())


def a_row(
    call_id: str, start: datetime = datetime(2026, 11, 5, 10, tzinfo=UTC), charge: str = "0.5", to: str = "UK"
) -> list[str]:
    """A row of the columns above."""
    return ["acme", call_id, start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), to, "60", "60", charge, "44"]


def judged(*rows: list[str], columns: tuple[str, ...] = COLUMNS) -> Judged:
    """Rows judged, lines counted from 2."""
    return Judge(columns, LATEST).judge(range(2, 2 + len(rows)), rows)


INSTANTS = st.integers(LATEST - 2 * 365 * 86_400, LATEST).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(["UTC", "Europe/Paris", "Africa/Cairo", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])


@given(starts=st.lists(INSTANTS, max_size=30), zone=ZONES)
def test_sums_follow_the_local_day_of_each_call(starts: list[datetime], zone: str) -> None:
    """Sums by day boundaries are the sums of calls put on their local day one by one."""
    calls = judged(*(a_row(str(n), start) for n, start in enumerate(starts))).calls
    expected: dict[date, Tally] = {}
    for start in starts:
        day = local_date(start, zone)
        expected[day] = expected.get(day, Tally()) + Tally(1, 1, 60, 60, Decimal("0.5"))
    found: dict[date, Tally] = {}
    for part in split_parts(calls):
        for roll_up in plan_roll_ups(calculate_sums(part, zone), DayLedger(), "b1"):
            found[roll_up.billing_day] = found.get(roll_up.billing_day, Tally()) + roll_up.usage.tally
    assert found == expected


@given(starts=st.lists(INSTANTS, max_size=20))
def test_parts_are_short_enough_and_lose_nothing(starts: list[datetime]) -> None:
    """Parts span at most sixty days, and together hold every call once, in order of time."""
    calls = judged(*(a_row(str(n), start) for n, start in enumerate(starts))).calls
    parts = list(split_parts(calls))
    assert [one for part in parts for one in part.ids] == calls.ids
    assert calls.starts == sorted(calls.starts)
    assert all(part.starts[-1] - part.starts[0] < 60 * 86_400 for part in parts)


def test_parts_have_a_limit_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many calls of one customer are cut by number too."""
    monkeypatch.setattr(usage_parts, "PART_CALLS", 2)
    calls = judged(*(a_row(str(n)) for n in range(5))).calls
    assert [len(part) for part in split_parts(calls)] == [2, 2, 1]


def test_rows_are_judged_one_by_one() -> None:
    """Each bad row is refused with its line and first complaint; the good ones stay, in order of time."""
    late = a_row("late", datetime(2026, 11, 6, tzinfo=UTC))
    found = judged(
        late, ["too", "short"], a_row("x", charge="x"), a_row("2"), a_row("future", datetime(2027, 1, 2, tzinfo=UTC)), a_row("2")
    )
    assert found.calls.ids == ["2", "late"]
    assert [(one.line, one.rejection.code) for one in found.refused] == [
        (3, "invalid_value"),
        (4, "invalid_amount"),
        (6, "invalid_date"),
    ]
    assert [(one.line, one.rejection.message) for one in found.duplicates] == [(7, "The call is on line 5 already.")]


def test_attempts_and_answers_may_be_given() -> None:
    """Without the columns a talk time means answered; with them they count, and more answers than attempts are refused."""
    columns = (*COLUMNS, "attempts", "connected")
    found = judged(
        [*a_row("1"), "3", "2"], [*a_row("2"), "", "no"], [*a_row("3"), "", ""], [*a_row("4"), "1", "2"], columns=columns
    )
    assert (found.calls.attempts, found.calls.connected) == ([3, 1, 1], [2, 0, 1])
    assert found.refused[0].rejection.message == "connected exceeds attempts."


def test_reports_show_instants_in_utc() -> None:
    """An offset is turned into UTC for the report, a fraction stays."""
    row = a_row("1")
    row[2] = "2026-11-05T10:00:00.250+01:00"
    assert list(zip(*judged(row).calls.report_columns(), strict=True)) == [
        ("2", "1", "2026-11-05T09:00:00.250000Z", "UK", "1", "1", "60", "60", "0.5", "44")
    ]


def test_nothing_adds_up_to_nothing() -> None:
    """No calls, no sums, no parts."""
    assert calculate_sums(judged().calls, "UTC") == {}
    assert list(split_parts(judged().calls)) == []


@given(days=st.lists(st.integers(0, 20), min_size=1, unique=True), billed=st.sets(st.integers(0, 20)))
def test_placing_loses_no_row_and_touches_no_billed_day(days: list[int], billed: set[int]) -> None:
    """Every row goes on exactly one unbilled day, its own if that is unbilled, else a later one."""
    first = date(2026, 11, 1)
    called = [first + timedelta(days=n) for n in days]
    ledger = DayLedger({first + timedelta(days=n): "x#R" for n in billed})
    placed = plan_roll_ups({day.isoformat(): {"UK": [1, 1, 60, 60, 0]} for day in called}, ledger, "b1")
    assert sorted(day for roll_up in placed for day in roll_up.usage.days) == sorted(called)
    for roll_up in placed:
        assert not ledger.is_billed(roll_up.billing_day)
        assert all(
            day == roll_up.billing_day or (ledger.is_billed(day) and day < roll_up.billing_day) for day in roll_up.usage.days
        )


def test_a_day_that_a_zone_skipped_holds_no_calls() -> None:
    """Samoa had no 30 December 2011: calls before and after are on the days around it."""
    zone = ZoneInfo("Pacific/Apia")
    starts = [datetime(2011, 12, 29, 23, 59, tzinfo=zone), datetime(2011, 12, 31, 0, 0, tzinfo=zone)]
    calls = judged(*(a_row(str(n), start) for n, start in enumerate(starts))).calls
    assert list(calculate_sums(calls, "Pacific/Apia")) == ["2011-12-29", "2011-12-31"]
