"""How old what customers owe is: open amounts in buckets by days past due.

Works on amounts open at `as_of`, worked out elsewhere; credit that customers have is a column of its own, never netted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from chalicelib.domain.money import quantise, total

BUCKETS = {30: "days_1_30", 60: "days_31_60", 90: "days_61_90"}
"""Buckets by the highest number of days past due that they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What one invoice still owed at the moment of the report."""

    customer_id: str
    due_date: date
    amount_due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingRow:
    """What one customer owes by age; `total` adds the buckets, `unallocated` stands beside them."""

    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    total: Decimal
    unallocated: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """One row per customer that owes or has something, by customer id, and the row of all."""

    customers: Mapping[str, AgeingRow]
    total: AgeingRow


def age_bucket(due_date: date, as_of: date) -> str:
    """The bucket of an amount; on its due date it is still current.

    >>> age_bucket(date(2026, 3, 1), date(2026, 3, 1)), age_bucket(date(2026, 3, 1), date(2026, 3, 31))
    ('current', 'days_1_30')
    """
    days = (as_of - due_date).days
    if days <= 0:
        return "current"
    return next((name for limit, name in BUCKETS.items() if days <= limit), "days_over_90")


def calculate_ageing(items: Iterable[OpenItem], unallocated: Mapping[str, Decimal], as_of: date, currency: str) -> Ageing:
    """Add up what is owed by customer and age, in one currency; `unallocated` is by customer id. Nothing at all, no row."""
    buckets: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        buckets[item.customer_id][age_bucket(item.due_date, as_of)].append(item.amount_due)
    rows = {
        customer_id: _row(buckets[customer_id], unallocated.get(customer_id, Decimal(0)), currency)
        for customer_id in sorted({*buckets, *unallocated})
    }
    return Ageing(customers={key: row for key, row in rows.items() if row.total or row.unallocated}, total=_sum(rows, currency))


def _row(buckets: Mapping[str, list[Decimal]], unallocated: Decimal, currency: str) -> AgeingRow:
    sums = {name: _add(buckets.get(name, ()), currency) for name in ("current", *BUCKETS.values(), "days_over_90")}
    return AgeingRow(**sums, total=_add(sums.values(), currency), unallocated=_add([unallocated], currency))


def _sum(rows: Mapping[str, AgeingRow], currency: str) -> AgeingRow:
    names = [field.name for field in fields(AgeingRow)]
    return AgeingRow(**{name: _add((getattr(row, name) for row in rows.values()), currency) for name in names})


def _add(amounts: Iterable[Decimal], currency: str) -> Decimal:
    return quantise(total(amounts), currency)
