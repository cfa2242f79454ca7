"""How far ahead business dates may lie, and which way round spans are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.date_rules import validate_ahead, validate_span
from chalicelib.domain.payment_rules import validate_date, validate_payment
from tests.support.builders import a_payment

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "first, last, fits",
    [
        (None, None, True),
        (date(2026, 11, 2), None, True),
        (None, date(2026, 11, 1), True),
        (date(2026, 11, 1), date(2026, 11, 1), True),
        (date(2026, 11, 2), date(2026, 11, 1), False),
    ],
)
def test_a_span_ends_when_it_begins_or_later(first: date | None, last: date | None, fits: bool) -> None:
    """Both days count, and either may be open; the issue has the path of the last."""
    issues = validate_span(first, last, "filters.to")
    assert [(issue.path, issue.code) for issue in issues] == ([] if fits else [("filters.to", "invalid_value")])


@pytest.mark.parametrize(
    "on, fits", [(None, True), (date(1990, 1, 1), True), (date(2027, 11, 23), True), (date(2027, 11, 24), False)]
)
def test_a_year_ahead_at_most(on: date | None, fits: bool) -> None:
    """The past is not bounded here; the issue has the path of the field."""
    assert [(issue.path, issue.code) for issue in validate_ahead(on, NOW, "on")] == ([] if fits else [("on", "invalid_date")])


def test_money_of_another_decade_is_refused() -> None:
    """As a payment, and as what is done with one."""
    payment = a_payment(date=date(2062, 1, 1), updated_at=NOW)
    assert [issue.path for issue in validate_payment(payment, "EUR")] == ["date"]
    assert [issue.path for issue in validate_date(a_payment(), date(2062, 1, 1), NOW)] == ["date"]
