"""Usage on lines: grouping, late usage, what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bare_line import BareLine
from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.invoice import LineKind, LineUsage
from chalicelib.domain.money import quantise, total
from chalicelib.domain.periods import Period
from chalicelib.domain.tax import TaxRounding
from chalicelib.domain.totals import calculate_totals
from chalicelib.domain.usage import Usage, join_usage, tally_destinations
from chalicelib.domain.usage_lines import UsageScope, build_usage_lines, calculate_usage_net, usage_billed_on
from tests.support.builders import NOVEMBER, a_rollup, a_usage_row, november, tax
from tests.support.usage_rows import UsageRow, to_columns

GROUPINGS = list(LineGrouping)


def scope(grouping: LineGrouping = LineGrouping.DESTINATION) -> UsageScope:
    """An invoice over November; the days before are billed on "acme.October"."""
    return UsageScope(
        days=frozenset(NOVEMBER.days()), grouping=grouping, tax=tax(), billed_on={date(2026, 10, 31): "acme.October"}.get
    )


def lines_of(*rows: UsageRow, grouping: LineGrouping = LineGrouping.DESTINATION) -> list[BareLine]:
    """The usage lines of these rows."""
    return build_usage_lines([to_columns(rows)], scope(grouping))


ROWS = (
    a_usage_row(november(5), "UK Mobile", "0.0040"),
    a_usage_row(november(6), "UK Mobile", "0.0040"),
    a_usage_row(november(6), "France", "0.0040"),
)


def test_lines_by_destination_cover_the_billed_days() -> None:
    """One line per destination in alphabetical order, over all days of the invoice."""
    lines = lines_of(*ROWS)
    assert [(one.id, one.description, one.unit_price) for one in lines] == [
        ("1", "France", Decimal("0.0040")),
        ("2", "UK Mobile", Decimal("0.0080")),
    ]
    assert {(one.start_date, one.end_date, one.quantity) for one in lines} == {(november(1), november(30), Decimal(1))}


def test_lines_by_day_show_the_day() -> None:
    """One line per day with usage."""
    lines = lines_of(*ROWS, grouping=LineGrouping.DAY)
    assert [(one.description, one.start_date, one.end_date) for one in lines] == [
        ("2026-11-05", november(5), november(5)),
        ("2026-11-06", november(6), november(6)),
    ]


def test_ungrouped_usage_is_one_line() -> None:
    """All calls on one line."""
    [line] = lines_of(*ROWS, grouping=LineGrouping.NONE)
    assert (line.description, line.unit_price) == ("Calls", Decimal("0.0120"))


def test_line_shows_calls_and_seconds() -> None:
    """Counts of the line are the sums of its rows; attempts that failed count as attempts of their destination."""
    row = a_usage_row(attempts=3, connected=2, duration_seconds=61, billed_seconds=120)
    failed = a_usage_row(november(7), charge="0", attempts=4, connected=0, duration_seconds=0, billed_seconds=0)
    [line] = lines_of(row, row, failed)
    assert line.usage == LineUsage(calls=4, attempts=10, duration_seconds=122, billed_seconds=240, destination="UK Mobile")


@pytest.mark.parametrize(
    "connected, charge, printed", [(1, "0", True), (0, "0", False), (0, "0.10", True)], ids=["free", "failed", "charged attempt"]
)
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_failed_attempts_alone_are_not_printed(connected: int, charge: str, printed: bool, grouping: LineGrouping) -> None:
    """Connected calls are printed even when free, charged attempts because money counts."""
    assert bool(lines_of(a_usage_row(charge=charge, connected=connected), grouping=grouping)) is printed


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_no_usage_gives_no_lines(grouping: LineGrouping) -> None:
    """An invoice without calls has no usage lines."""
    assert lines_of(grouping=grouping) == []


@pytest.mark.parametrize(
    "grouping, description", [("destination", "UK Mobile (late, 2026-10-31)"), ("day", "Calls (late, 2026-10-31)")]
)
def test_late_usage_has_its_own_line_with_its_day_and_its_invoice(grouping: str, description: str) -> None:
    """A call of 31 October on November's invoice shows its day and names October's invoice, after the usage in time."""
    late = a_usage_row(date(2026, 10, 31))
    in_time, line = lines_of(late, *ROWS[:1], grouping=LineGrouping(grouping))
    assert in_time.kind is LineKind.USAGE
    assert (line.kind, line.description) == (LineKind.LATE_USAGE, description)
    assert (line.start_date, line.end_date, line.original_invoice_id) == (late.day, late.day, "acme.October")


def test_late_usage_of_a_day_without_invoice_names_none() -> None:
    """A day that became unbilled again (its invoice was voided) has no invoice to name."""
    [line] = lines_of(a_usage_row(date(2026, 10, 30)))
    assert (line.kind, line.original_invoice_id) == (LineKind.LATE_USAGE, None)
    elsewhere = UsageScope(days=frozenset({november(9)}), grouping=LineGrouping.DAY, tax=tax())
    assert build_usage_lines([to_columns(ROWS[:1])], elsewhere)[0].original_invoice_id is None


def test_late_usage_without_grouping_still_shows_each_day() -> None:
    """Grouping `none` never hides when late calls were made."""
    days = [date(2026, 10, 30), date(2026, 10, 31)]
    lines = lines_of(*(a_usage_row(day) for day in days), grouping=LineGrouping.NONE)
    assert [line.start_date for line in lines] == days


def test_ids_count_on() -> None:
    """Usage lines are numbered after the lines before them."""
    assert [line.id for line in build_usage_lines([to_columns(ROWS)], scope(), 7)] == ["7", "8"]


def test_rows_are_chosen_by_billing_day() -> None:
    """A late row is billed with the day it was put on, not with its own."""
    late = a_usage_row(november(5))
    rollups = [a_rollup(late, billing_day=november(9)), a_rollup(billing_day=november(8))]
    assert usage_billed_on(rollups, frozenset({november(9)})) == [to_columns([late])]


def test_usage_of_an_interval_is_by_day_of_the_call() -> None:
    """Late calls count in the interval in which they were made; the last day is inside, the next is not."""
    inside = a_usage_row(november(30), charge="1.0001")
    outside = a_usage_row(date(2026, 12, 1))
    rollups = [a_rollup(inside, outside, billing_day=date(2026, 12, 1)), a_rollup(a_usage_row(november(1), charge="2"))]
    empty = Period(date(2027, 1, 1), date(2027, 2, 1))
    assert calculate_usage_net(rollups, [NOVEMBER, empty]) == {NOVEMBER: Decimal("3.0001"), empty: Decimal(0)}


def many(days: Sequence[date], destinations: int) -> Usage:
    """A call of 0.001 to each of so many destinations, on the days by turns."""
    by_turns = tuple(days[n % len(days)] for n in range(destinations))
    ones = (1,) * destinations
    return Usage(by_turns, tuple(f"Place {n}" for n in range(destinations)), ones, ones, ones, ones, (10**9,) * destinations)


def test_late_usage_of_many_destinations_is_grouped_by_its_days() -> None:
    """51,000 late destinations fit on no document: late days become lines, what was in time stays as wanted."""
    late = many([date(2026, 10, day) for day in (2, 3, 4)], 51_000)
    lines = build_usage_lines([late, to_columns([a_usage_row()])], scope())
    assert [(line.kind, line.start_date, line.unit_price) for line in lines[1:]] == [
        (LineKind.LATE_USAGE, date(2026, 10, day), Decimal(17)) for day in (2, 3, 4)
    ]
    assert lines[0].description == "UK Mobile"


def test_usage_of_more_destinations_than_a_document_has_lines_is_grouped_by_day() -> None:
    """With 50,000 destinations each has its line; with one more the lines are days, and come to the same."""
    days = [november(day) for day in (1, 2, 3)]
    assert len(build_usage_lines([many(days, 50_000)], scope())) == 50_000
    lines = build_usage_lines([many(days, 50_001)], scope())
    assert [line.description for line in lines] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert total(line.unit_price for line in lines) == Decimal("50.001")


USAGE_ROWS = st.lists(
    st.builds(
        a_usage_row,
        st.integers(-5, 29).map(lambda n: november(1) + timedelta(days=n)),
        st.sampled_from(["UK Mobile", "France", "Japan", "Österreich"]),
        st.decimals(min_value=0, max_value=20, places=5),
        connected=st.integers(0, 3),
    ),
    max_size=25,
)


@given(USAGE_ROWS, st.sampled_from(["EUR", "JPY", "KWD"]), st.booleans(), st.sampled_from(TaxRounding))
def test_grouping_never_changes_a_total(rows: list[UsageRow], currency: str, inclusive: bool, rounding: TaxRounding) -> None:
    """By destination, by day or not at all: subtotal, tax and total agree to the cent, late usage included, and nets add up."""
    totals = [
        calculate_totals(lines_of(*rows, grouping=grouping), currency=currency, rounding=rounding, inclusive=inclusive)
        for grouping in GROUPINGS
    ]
    assert len({(one.subtotal, one.tax_total, one.total) for one in totals}) == 1
    assert all(total(line.net for line in one.lines) == one.subtotal for one in totals)
    exact = quantise(total(row.charge for row in rows), currency)
    assert (totals[0].total if inclusive else totals[0].subtotal) == exact


@given(USAGE_ROWS, st.randoms(use_true_random=False), st.sampled_from(GROUPINGS))
def test_lines_do_not_depend_on_the_order_of_rows(rows: list[UsageRow], random: Random, grouping: LineGrouping) -> None:
    """Batches arrive in any order; the lines are the same."""
    shuffled = random.sample(rows, len(rows))
    assert lines_of(*shuffled, grouping=grouping) == lines_of(*rows, grouping=grouping)


@given(st.lists(USAGE_ROWS, max_size=6))
def test_days_alike_are_added_up_as_row_by_row(days: list[list[UsageRow]]) -> None:
    """Adding up whole columns of days that have the same destinations gives what adding up all rows gives."""
    parts = [to_columns(rows) for rows in days]
    usage = join_usage([*parts, *parts[:2]])
    assert tally_destinations([*parts, *parts[:2]]) == usage.tallies(usage.destinations)


def test_a_bare_line_has_the_fields_of_a_line() -> None:
    """Whatever stands on a bare line stands on the line it becomes, whose other fields have their defaults."""
    [bare] = lines_of(a_usage_row(november(1) - timedelta(days=1)))
    line = bare.with_net(Decimal("1.00"))
    assert {name: getattr(line, name) for name in bare._fields} == bare._asdict()
    others = {field.name for field in fields(line)} - set(bare._fields)
    assert others == {"net", "unit", "original_invoice_number"}
    assert (line.net, line.unit, line.original_invoice_number) == (Decimal("1.00"), "", None)
