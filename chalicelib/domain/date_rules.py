"""Days that can only be a slip: business dates far ahead, and spans the wrong way round. It knows no calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chalicelib.domain.errors import Issue

MAX_AHEAD = timedelta(days=366)
"""A year, whatever the customer's zone: what is dated later is a typing error, and would be in nobody's statement for as long."""


def validate_span(first: date | None, last: date | None, path: str = "to") -> list[Issue]:
    """The issue of days that are the wrong way round, at the path of the last one; an end that is None is open.

    >>> [issue.message for issue in validate_span(date(2026, 12, 1), date(2026, 11, 1))]
    ['The last day is before the first.']
    """
    is_wrong = first is not None and last is not None and last < first
    return [Issue(path, "invalid_value", "The last day is before the first.")] if is_wrong else []


def validate_ahead(on: date | None, now: datetime, path: str) -> list[Issue]:
    """The issue of a business date more than a year after the instant; None is no date, and none.

    >>> from datetime import UTC
    >>> [issue.message for issue in validate_ahead(date(2062, 1, 1), datetime(2026, 11, 1, tzinfo=UTC), "date")]
    ['At most a year ahead: 2027-11-02 at the latest.']
    """
    latest = now.date() + MAX_AHEAD
    return [] if on is None or on <= latest else [Issue(path, "invalid_date", f"At most a year ahead: {latest} at the latest.")]
