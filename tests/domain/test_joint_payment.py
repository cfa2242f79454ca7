"""Several payments on one invoice: each part and the whole must fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import InvoiceStatus
from chalicelib.domain.joint_payment import check_parts, validate_parts
from chalicelib.domain.payment import PaymentState
from tests.support.builders import a_payment, an_invoice, settings

TEN = Decimal("10.00")
INVOICE = an_invoice(status=InvoiceStatus.ISSUED)
FIRST = a_payment(id="p1", amount=TEN)
PAYMENTS = {
    "p1": FIRST,
    "p2": replace(FIRST, id="p2"),
    "other": replace(FIRST, id="other", customer_id="other"),
    "usd": replace(FIRST, id="usd", currency="USD"),
}


@pytest.mark.parametrize(
    "parts, path, code",
    [
        ([], "payments", "required"),
        ([("p1", TEN)] * 41, "payments", "too_many_items"),
        ([("p1", TEN), ("p1", TEN)], "payments.1.payment_id", "invalid_value"),
        ([("none", TEN)], "payments.0.payment_id", "unknown_payment"),
        ([("other", TEN)], "payments.0.payment_id", "customer_mismatch"),
        ([("usd", TEN)], "payments.0.payment_id", "currency_mismatch"),
        ([("p1", Decimal("0.001"))], "payments.0.amount", "invalid_amount"),
    ],
)
def test_each_part_is_judged_with_its_path(parts: list[tuple[str, Decimal]], path: str, code: str) -> None:
    """What is wrong by itself, whatever the state."""
    assert [(issue.path, issue.code) for issue in validate_parts(INVOICE, PAYMENTS, parts)] == [(path, code)]


def test_good_parts_have_no_issues() -> None:
    """Two payments of the customer."""
    parts = [("p1", Decimal("6.00")), ("p2", Decimal("6.00"))]
    assert validate_parts(INVOICE, PAYMENTS, parts) == []
    check_parts(INVOICE, PAYMENTS, parts, settings())


@pytest.mark.parametrize(
    "parts, code",
    [
        ([("p1", Decimal("6.00")), ("p2", Decimal("6.01"))], "over_allocated"),
        ([("p1", Decimal("10.01"))], "over_allocated"),
        ([("pending", TEN)], "wrong_state"),
    ],
)
def test_the_whole_must_fit(parts: list[tuple[str, Decimal]], code: str) -> None:
    """No more than is due, no more than each payment has, and only completed money."""
    payments = {**PAYMENTS, "pending": replace(FIRST, status=PaymentState.PENDING)}
    with pytest.raises(Conflict) as refused:
        check_parts(INVOICE, payments, parts, settings())
    assert refused.value.code == code


def test_only_issued_invoices_are_paid() -> None:
    """A draft is not."""
    with pytest.raises(Conflict, match="wrong_state"):
        check_parts(an_invoice(), PAYMENTS, [("p1", TEN)], settings())
