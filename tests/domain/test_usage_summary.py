"""The usage summary: periods asked for, sums by the day of the calls, averages, and which invoice billed what."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.periods import Period
from chalicelib.domain.usage import Tally
from chalicelib.domain.usage_summary import MAX_ROWS, Billed, Standing, SummaryRow, summarise, summary_periods
from tests.support.builders import a_rollup, a_usage_row

FIRST = date(2026, 11, 2)
WEEK = Period(FIRST, FIRST + timedelta(days=7))
LAST = date(2026, 11, 11)


def a_day(offset: int) -> date:
    """A day of the week, from 0."""
    return FIRST + timedelta(days=offset)


def a_standing(claims: dict[date, str] | None = None, today: date = LAST, closed_through: date = LAST) -> Standing:
    """Acme's ledger on a day after the week."""
    return Standing(DayLedger(claims or {}), "acme", today, closed_through)


def the_week(*, claims: dict[date, str] | None = None, billing_day: date | None = None) -> SummaryRow:
    """The summary of the week with one call on its first day, billed on that day or another."""
    [row] = summarise([a_rollup(a_usage_row(FIRST), billing_day=billing_day)], [WEEK], a_standing(claims))
    return row


@pytest.mark.parametrize(
    "granularity, count, start",
    [
        (Frequency.DAILY, 31, date(2026, 10, 12)),
        (Frequency.WEEKLY, 12, date(2026, 8, 24)),
        (Frequency.MONTHLY, 12, date(2025, 12, 1)),
    ],
)
def test_without_a_beginning_the_last_periods_are_shown(granularity: Frequency, count: int, start: date) -> None:
    """The last 31 days, 12 weeks or 12 months are shown, the one that holds the last day included."""
    periods = summary_periods(granularity, None, None, LAST)
    assert (len(periods), periods[0].start) == (count, start)
    assert periods[-1].start <= LAST < periods[-1].end


def test_periods_are_the_customers_own_when_the_schedule_is_of_that_kind() -> None:
    """Months run from the customer's anchor day under a monthly schedule, from the first under another."""
    own = Schedule(frequency=Frequency.MONTHLY, anchor=15)
    assert summary_periods(Frequency.MONTHLY, own, LAST, LAST) == [Period(date(2026, 10, 15), date(2026, 11, 15))]
    other = Schedule(frequency=Frequency.WEEKLY, anchor=3)
    assert summary_periods(Frequency.MONTHLY, other, LAST, LAST) == [Period(date(2026, 11, 1), date(2026, 12, 1))]


@pytest.mark.parametrize(
    "first, code", [(LAST + timedelta(days=1), "invalid_date"), (LAST - timedelta(days=MAX_ROWS + 1), "too_many_days")]
)
def test_ranges_that_are_empty_or_too_long_are_refused(first: date, code: str) -> None:
    """A range must not end before it begins, nor have more than 366 rows."""
    with pytest.raises(Invalid) as caught:
        summary_periods(Frequency.DAILY, None, first, LAST)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("from", code)]


@given(days=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8))
def test_calls_count_once_on_their_own_day(days: list[tuple[int, int]]) -> None:
    """Rows by day add up to what was rolled up, whatever days bill the calls."""
    roll_ups = [a_rollup(a_usage_row(a_day(own)), billing_day=a_day(billing)) for own, billing in days]
    rows = summarise(roll_ups, [Period(a_day(n), a_day(n + 1)) for n in range(7)], a_standing())
    assert [row.attempts for row in rows] == [sum(own == n for own, _ in days) for n in range(7)]
    assert sum(row.charge for row in rows) == len(days)


def test_averages_need_something_to_divide_by() -> None:
    """Answered per 100 attempts and talk time per answered call are rounded to a tenth, and unknown without calls."""
    [row, empty] = summarise(
        [a_rollup(a_usage_row(FIRST, attempts=3, connected=2, duration_seconds=61))],
        [Period(FIRST, a_day(1)), Period(a_day(1), a_day(2))],
        a_standing(),
    )
    assert (row.asr, row.acd_seconds) == (Decimal("66.7"), Decimal("30.5"))
    assert (empty.asr, empty.acd_seconds, Tally(empty.attempts, empty.connected)) == (None, None, Tally())


def test_an_unbilled_week_waits_with_all_its_usage() -> None:
    """Without claims nothing is billed, no invoice is named, and the whole charge waits."""
    row = the_week()
    assert (row.billed, row.invoice_id, row.invoices, row.unbilled_charge) == (Billed.UNBILLED, None, (), Decimal("1.00"))
    assert (row.unbilled_days, row.closed) == (WEEK.days(), True)


def test_a_week_of_one_invoice_names_it() -> None:
    """All days claimed by one invoice, and all usage with it: the week is billed by that invoice."""
    row = the_week(claims=dict.fromkeys(WEEK.days(), "20261102#R"))
    assert (row.billed, row.invoice_id, row.unbilled_charge) == (Billed.BILLED, "acme.20261102.R", Decimal(0))
    assert row.unbilled_days == ()


def test_a_week_of_two_invoices_has_no_single_one() -> None:
    """Days of several invoices name them all, and none as the one of the week."""
    row = the_week(claims={day: f"2026110{2 + n // 4}#R" for n, day in enumerate(WEEK.days())})
    assert (row.billed, row.invoice_id, row.invoices) == (Billed.BILLED, None, ("acme.20261102.R", "acme.20261103.R"))


def test_some_claimed_days_bill_a_week_partly() -> None:
    """A week with claimed and unclaimed days is partly billed."""
    row = the_week(claims={FIRST: "20261102#A"})
    assert (row.billed, row.invoice_id, row.invoices) == (Billed.PARTLY, None, ("acme.20261102.A",))
    assert row.unbilled_days == WEEK.days()[1:]


def test_late_usage_waits_though_its_day_was_billed() -> None:
    """A late call lies under a later day; until that is billed its charge waits and the week is only partly billed."""
    claims = dict.fromkeys(WEEK.days(), "20261102#R")
    row = the_week(claims=claims, billing_day=LAST)
    assert (row.billed, row.invoice_id, row.unbilled_charge) == (Billed.PARTLY, "acme.20261102.R", Decimal("1.00"))
    row = the_week(claims=claims | {LAST: "20261111#R"}, billing_day=LAST)
    assert (row.billed, row.invoices) == (Billed.BILLED, ("acme.20261102.R", "acme.20261111.R"))


def test_days_claimed_without_an_invoice_name_none() -> None:
    """A total of zero claims days and makes no invoice: the week is billed, by nothing."""
    row = the_week(claims=dict.fromkeys(WEEK.days(), ""))
    assert (row.billed, row.invoice_id, row.invoices) == (Billed.BILLED, None, ())


def test_days_to_come_are_not_unbilled() -> None:
    """Days after today have not begun, so they do not wait; a week that goes on is not closed."""
    [row] = summarise([], [WEEK], a_standing(today=a_day(1), closed_through=FIRST))
    assert (row.unbilled_days, row.closed) == ((FIRST, a_day(1)), False)
