"""The day ledger: which invoice has claimed which customer-day. Every customer-day is claimed at most once.

A value only; making claims stick under concurrency is the store's work. What belongs to a claimed day and comes later moves to
the first unbilled day after it, so it is neither lost nor billed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.periods import ONE_DAY


@dataclass(frozen=True, slots=True)
class DayLedger:
    """Claimed local days and the suffix of the invoice that claimed each ("20261101#R"; "" where a zero invoice was skipped)."""

    claims: Mapping[date, str] = field(default_factory=dict)

    def is_billed(self, day: date) -> bool:
        """True when an invoice has claimed the day."""
        return day in self.claims

    def invoice_id(self, customer_id: str, day: date) -> str | None:
        """The public id of the invoice that claimed the day, None for an unbilled day.

        >>> DayLedger({date(2026, 11, 1): "20261101#R"}).invoice_id("acme", date(2026, 11, 1))
        'acme.20261101.R'
        """
        suffix = self.claims.get(day)
        return invoice_id(customer_id, suffix) if suffix else None


def invoice_id(customer_id: str, suffix: str) -> str:
    """The public id of a customer's invoice: it encodes owner and key, so that no index is needed to find it.

    >>> invoice_id("acme", "20261101#R")
    'acme.20261101.R'
    """
    return f"{customer_id}.{suffix.replace('#', '.')}"


def unclaimed(days: Iterable[date], ledger: DayLedger) -> tuple[date, ...]:
    """The days that no invoice has claimed, in the order given.

    >>> unclaimed([date(2026, 11, 1), date(2026, 11, 2)], DayLedger({date(2026, 11, 1): "20261101#R"}))
    (datetime.date(2026, 11, 2),)
    """
    return tuple(day for day in days if day not in ledger.claims)


def first_free_day(ledger: DayLedger, on_or_after: date) -> date:
    """The first unbilled day from the given one on.

    >>> first_free_day(DayLedger({date(2026, 11, 1): "20261101#R"}), date(2026, 11, 1))
    datetime.date(2026, 11, 2)
    """
    day = on_or_after
    while day in ledger.claims:
        day += ONE_DAY
    return day


def billing_day_of(original_day: date, ledger: DayLedger) -> date:
    """The day that bills what belongs to `original_day`: itself while unbilled, else the first unbilled day after it.

    >>> billing_day_of(date(2026, 11, 5), DayLedger({date(2026, 11, 5): "20261105#R"}))
    datetime.date(2026, 11, 6)
    """
    return first_free_day(ledger, original_day)
