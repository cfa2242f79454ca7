"""Numbers of documents: formats, dates, gaps."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict
from chalicelib.domain.numbering import (
    MAX_SEQUENCE,
    check_date,
    counter_key,
    find_gaps,
    floor_date,
    format_number,
    validate_format,
    validate_numbering,
    validate_series,
)
from chalicelib.domain.operator import DateOrder, Restart, Series
from tests.support.builders import settings

MARCH = date(2026, 3, 9)
FORMATS = [
    "INV-{number}",
    "{number:06}",
    "{year}-{number}",
    "{number}{year}",
    "{year}{month}{number:03}",
    "{{{number}}}",
    "№ {number:015}.*",
]


def a_series(fmt: str = "INV-{number}", **fields: object) -> Series:
    """A series called invoices that starts at 1001."""
    return Series(**{"name": "invoices", "format": fmt, "start": 1001, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fmt, expected",
    [
        ("INV-{number}", "INV-1001"),
        ("{number:06}", "001001"),
        ("{number:02}", "1001"),
        ("{year}/{month}/{number}", "2026/03/1001"),
        ("{{{number}}}", "{1001}"),
    ],
)
def test_formats(fmt: str, expected: str) -> None:
    """Fields are written as documented; padding never cuts a number."""
    assert validate_format(fmt) == []
    assert format_number(a_series(fmt), 1001, MARCH) == expected


@given(st.sampled_from(FORMATS), st.integers(1, MAX_SEQUENCE - 1), st.integers(0, 14), st.dates(), st.dates())
def test_no_number_is_written_twice(fmt: str, sequence: int, place: int, on: date, other: date) -> None:
    """Two counts of a series never print the same, whatever digit they differ in and whatever their dates."""
    assert validate_format(fmt) == []
    assert format_number(a_series(fmt), sequence, on) != format_number(a_series(fmt), sequence + 10**place, other)


@pytest.mark.parametrize(
    "fmt",
    [
        "",
        "INV",
        "{number}{number}",
        "{year}",
        "{}",
        "{0}",
        "{number",
        "number}",
        "{number.real}",
        "{number[0]}",
        "{number!r}",
        "{number:{year}}",
        "{number:6}",
        "{number:00}",
        "{number:016}",
        "{number:>999999999}",
        "{number:x}",
        "{year:04}",
        "{number.__class__.__mro__}",
        "{customer}{number}",
        "{ number}",
        " {number}",
        "{number}\n",
        "{number}\x00",
        "{number}" + "x" * 33,
    ],
)
def test_hostile_and_useless_formats_are_refused(fmt: str) -> None:
    """Whatever is not plain text around one {number} is one issue, and nothing is evaluated."""
    assert [(issue.path, issue.code) for issue in validate_format(fmt)] == [("format", "number_format")]


@given(st.text(alphabet="{}!:[].0123456789numberyearmonth-", max_size=40))
def test_any_format_is_judged_or_written(fmt: str) -> None:
    """Random formats never crash: either there are issues, or each count is written in its own way."""
    if not validate_format(fmt):
        assert format_number(a_series(fmt), 7, MARCH) != format_number(a_series(fmt), 8, MARCH)


def test_a_yearly_series_needs_the_year() -> None:
    """Without {year} a restarting series would repeat its numbers."""
    assert [issue.code for issue in validate_format("INV-{number}", restart=Restart.YEARLY)] == ["number_format"]
    assert validate_format("{year}-{number}", restart=Restart.YEARLY) == []


def test_counters() -> None:
    """A series that restarts counts each year of the invoice date on its own."""
    assert counter_key(a_series(), MARCH) == "invoices"
    assert counter_key(a_series(restart=Restart.YEARLY), MARCH) == "invoices:2026"


@pytest.mark.parametrize(
    "fields, path",
    [
        ({"name": ""}, "s.name"),
        ({"name": "a:b"}, "s.name"),
        ({"name": "Upper"}, "s.name"),
        ({"name": "x" * 41}, "s.name"),
        ({"start": 0}, "s.start"),
        ({"start": MAX_SEQUENCE}, "s.start"),
        ({"fmt": "x"}, "s.format"),
    ],
)
def test_a_series_is_judged_field_by_field(fields: dict[str, object], path: str) -> None:
    """Names that would break keys, and starts that cannot be counted from, are refused."""
    assert [issue.path for issue in validate_series(a_series(**fields), "s")] == [path]  # type: ignore[arg-type]


def test_the_default_settings_number_well() -> None:
    """What a new operator starts with has no issues."""
    assert validate_numbering(settings()) == []


def test_two_series_share_neither_name_nor_numbers() -> None:
    """Credit notes have a series of their own, or INV-1001 would exist twice."""
    issues = validate_numbering(settings(credit_note_series=a_series()))
    assert [issue.path for issue in issues] == ["credit_note_series.name", "credit_note_series.format"]


@pytest.mark.parametrize(
    "on, last, order, expected",
    [
        (MARCH, None, DateOrder.STRICT, MARCH),
        (MARCH, date(2026, 3, 10), DateOrder.STRICT, date(2026, 3, 10)),
        (MARCH, date(2026, 3, 8), DateOrder.STRICT, MARCH),
        (MARCH, date(2026, 3, 10), DateOrder.FREE, MARCH),
    ],
)
def test_generated_dates_move_up(on: date, last: date | None, order: DateOrder, expected: date) -> None:
    """Strict order lifts a generated date to the series' last; free order leaves it."""
    assert floor_date(on, last, order) == expected


def test_a_date_by_hand_is_refused_with_the_earliest() -> None:
    """Strict order names the earliest possible date instead of moving what a person chose."""
    check_date(MARCH, MARCH, DateOrder.STRICT)
    with pytest.raises(Conflict, match="2026-03-10") as caught:
        check_date(MARCH, date(2026, 3, 10), DateOrder.STRICT)
    assert (caught.value.code, caught.value.details["earliest"]) == ("date_order", "2026-03-10")


@given(st.sets(st.integers(1, 60)), st.integers(1, 10))
def test_gaps_and_blocks_account_for_every_number(numbers: set[int], first: int) -> None:
    """From the first to the highest number, each is in a block or in a named gap, and gaps are maximal."""
    gaps = find_gaps([(number, number) for number in numbers], first)
    missing = {number for low, high in gaps for number in range(low, high + 1)}
    assert missing == set(range(first, max(numbers, default=0))) - numbers
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(gaps))


def test_blocks_may_nest() -> None:
    """A block inside another opens no gap behind it."""
    assert find_gaps([(1, 10), (2, 3), (12, 12)], 1) == [(11, 11)]
