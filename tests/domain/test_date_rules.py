"""How far ahead business dates may lie."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.date_rules import validate_ahead
from chalicelib.domain.payment_rules import validate_date, validate_payment
from tests.support.builders import a_payment

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


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
