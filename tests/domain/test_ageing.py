"""How old what customers owe is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ageing import AgeingRow, OpenItem, age_bucket, calculate_ageing

TODAY = date(2026, 11, 15)
BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


def item(customer_id: str, amount: str | Decimal, days: int) -> OpenItem:
    """An amount that was due so many days ago."""
    return OpenItem(customer_id=customer_id, due_date=TODAY - timedelta(days=days), amount_due=Decimal(amount))


def figures(row: AgeingRow) -> list[str]:
    """Buckets, total and unallocated as printed."""
    return [str(getattr(row, name)) for name in (*BUCKETS, "total", "unallocated")]


@pytest.mark.parametrize(
    "days, bucket",
    [
        (-40, "current"),
        (0, "current"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_over_90"),
        (4000, "days_over_90"),
    ],
)
def test_bucket_edges(days: int, bucket: str) -> None:
    """An amount is current through its due date; each bucket holds its last day."""
    assert age_bucket(TODAY - timedelta(days=days), TODAY) == bucket


def test_amounts_add_up_by_customer_and_age() -> None:
    """Unallocated money stands beside the total and is not taken off; customers with nothing are left out."""
    items = [item("b", "10.00", 5), item("b", "2.50", 30), item("a", "1.00", 0), item("a", "4.00", 100), item("c", "0.00", 3)]
    ageing = calculate_ageing(items, {"b": Decimal("3.00"), "d": Decimal("7.00"), "e": Decimal(0)}, TODAY, "EUR")
    assert list(ageing.customers) == ["a", "b", "d"]
    assert figures(ageing.customers["a"]) == ["1.00", "0.00", "0.00", "0.00", "4.00", "5.00", "0.00"]
    assert figures(ageing.customers["b"]) == ["0.00", "12.50", "0.00", "0.00", "0.00", "12.50", "3.00"]
    assert figures(ageing.customers["d"]) == ["0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "7.00"]
    assert figures(ageing.total) == ["1.00", "12.50", "0.00", "0.00", "4.00", "17.50", "10.00"]


def test_nobody_owes_anything() -> None:
    """An empty report has no rows and zeros in the currency's digits."""
    ageing = calculate_ageing([], {}, TODAY, "JPY")
    assert (dict(ageing.customers), figures(ageing.total)) == ({}, ["0"] * 7)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10_000), st.integers(-50, 200)), max_size=30))
def test_nothing_is_lost_between_buckets(owed: list[tuple[str, int, int]]) -> None:
    """Every amount is in one bucket of one row, so the total is what is owed."""
    items = [item(customer, Decimal(cents).scaleb(-2), days) for customer, cents, days in owed]
    total = calculate_ageing(items, {}, TODAY, "EUR").total
    assert total.total == sum(getattr(total, name) for name in BUCKETS) == sum(one.amount_due for one in items)
