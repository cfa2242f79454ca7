"""Which months the global lists hold anything in, so that a list never walks through empty years.

A set per list. It only grows, and it is written before the invoice or payment is, so a crash leaves at most an empty month in it.
"""

from __future__ import annotations

from chalicelib.store.retry import retried
from chalicelib.store.tables import SpanItem

INVOICES, PAYMENTS = "invoices", "payments"
"""The lists."""
_PK = "SPAN"
_known: set[tuple[str, str]] = set()


def record_month(month: str, listing: str = INVOICES) -> None:
    """Put a month (yyyy-mm) into the set of a list; free when this process did so before."""
    if (listing, month) not in _known:
        _add(month, listing)
        _known.add((listing, month))


def forget() -> None:
    """Drop what this process remembers (a new database in tests)."""
    _known.clear()


@retried
def load_months(listing: str = INVOICES) -> list[str]:
    """The months of a list, latest first."""
    try:
        item = SpanItem.get(_PK, listing, consistent_read=True)
    except SpanItem.DoesNotExist:
        return []
    return sorted(item.months, reverse=True)


@retried
def _add(month: str, listing: str) -> None:
    # Adding to a set twice is adding once, so a lost reply does no harm here.
    SpanItem(_PK, listing).update(actions=[SpanItem.months.add({month}), SpanItem.entity.set(SpanItem)])
