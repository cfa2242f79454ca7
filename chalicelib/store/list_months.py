"""Which months the global invoice list holds anything in, so that a list never walks through empty years.

The set only grows, and it is written before the invoice is, so a crash leaves at most an empty month in it.
"""

from __future__ import annotations

from chalicelib.store.retry import retried
from chalicelib.store.tables import SpanItem

_PK, _SK = "SPAN", "invoices"
_known: set[str] = set()


def record_month(month: str) -> None:
    """Put a month (yyyy-mm) into the set; free when this process did so before."""
    if month not in _known:
        _add(month)
        _known.add(month)


def forget() -> None:
    """Drop what this process remembers (a new database in tests)."""
    _known.clear()


@retried
def load_months() -> list[str]:
    """The months, latest first."""
    try:
        item = SpanItem.get(_PK, _SK, consistent_read=True)
    except SpanItem.DoesNotExist:
        return []
    return sorted(item.months, reverse=True)


@retried
def _add(month: str) -> None:
    # Adding to a set twice is adding once, so a lost reply does no harm here.
    SpanItem(_PK, _SK).update(actions=[SpanItem.months.add({month}), SpanItem.entity.set(SpanItem)])
