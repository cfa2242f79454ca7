"""A column of instants parsed as a whole has the values that its instants have one by one, or none."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.usage_instants import parse_instants
from chalicelib.domain.usage_records import Rejection, parse_instant

MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(1999, 2107), st.integers(0, 13))
FIELDS = (st.integers(0, 32), st.integers(0, 25), st.integers(0, 61), st.integers(0, 61))
CHARACTERS = st.text(st.sampled_from("0123456789-:TZ \n+.٣é\ud800"), max_size=42)


def one_by_one(column: Sequence[str]) -> list[int] | None:
    """What the rule for single instants says."""
    values = [parse_instant(text) for text in column]
    return (
        None if any(isinstance(value, Rejection) for value in values) else [value for value in values if isinstance(value, int)]
    )


@given(month=MONTHS, times=st.lists(st.tuples(*FIELDS), min_size=1, max_size=6))
@example(month="2024-02", times=[(29, 23, 59, 59), (1, 0, 0, 0)])
@example(month="2026-02", times=[(29, 0, 0, 0)])
def test_instants_of_a_month_are_parsed_as_one_by_one(month: str, times: list[tuple[int, ...]]) -> None:
    """Instants of one month, some of them impossible, all have the values of the rule, or the column is left to it."""
    column = ["{}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(month, *time) for time in times]
    is_in_reach = "2000" <= month < "2106"
    assert parse_instants(column) == (one_by_one(column) if is_in_reach else None)


@given(column=st.lists(CHARACTERS | st.sampled_from(["2026-11-05T10:00:00Z", "2026-12-05T10:00:00Z"]), max_size=4))
@example(column=["2026-11-05T10:00:00Z\n2026-11-05T10:00:00Z", ""])
@example(column=["2026-11-05T10:00:00Z2", "026-11-05T10:00:00Z"])
def test_nothing_else_is_taken_for_instants(column: list[str]) -> None:
    """Whatever a column holds, and however its texts would fit together, its values are those of the rule or none."""
    assert parse_instants(column) in (None, one_by_one(column))


@pytest.mark.parametrize("year", [2000, 2026, 2105])
def test_every_day_of_a_year_is_known(year: int) -> None:
    """The first and the last second of each day of each month have the values that the calendar gives them."""
    for month in range(1, 13):
        days = [datetime(year, month, day, *time, tzinfo=UTC) for day in _days(year, month) for time in ((0, 0, 0), (23, 59, 59))]
        texts = [day.strftime("%Y-%m-%dT%H:%M:%SZ") for day in days]
        assert parse_instants(texts) == [int(day.timestamp()) for day in days]


def _days(year: int, month: int) -> range:
    return range(1, monthrange(year, month)[1] + 1)
