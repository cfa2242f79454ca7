"""Which invoices a payment pays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.allocation import (
    MAX_LINES,
    AllocationStrategy,
    OpenInvoice,
    check_allocations,
    plan_allocation,
    validate_allocations,
)
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.payment import PaymentState
from tests.support.builders import a_payment, an_invoice, settings

DAY = date(2026, 3, 1)
ISSUED = InvoiceStatus.ISSUED
TWELVE = Decimal("12.00")
MONEY = st.integers(0, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))


def open_invoice(invoice_id: str, amount: str | Decimal, *, dated: int = 0, due: int = 0) -> OpenInvoice:
    """An open invoice, dated and due some days after the first of March."""
    return OpenInvoice(
        invoice_id=invoice_id,
        invoice_date=DAY + timedelta(days=dated),
        due_date=DAY + timedelta(days=due),
        amount_due=Decimal(amount),
    )


@st.composite
def open_invoices(draw: st.DrawFn) -> list[OpenInvoice]:
    """Up to 50 invoices, some of them paid, with colliding dates and amounts."""
    days = st.integers(0, 5)
    return [
        open_invoice(f"{n:02}", draw(st.one_of(MONEY, st.just(Decimal("5.00")))), dated=draw(days), due=draw(days))
        for n in range(draw(st.integers(0, 50)))
    ]


INVOICES = [
    open_invoice("a", "10.00", dated=1, due=30),
    open_invoice("b", "30.00", dated=2, due=10),
    open_invoice("c", "20.00", dated=3, due=20),
    open_invoice("d", "20.00", dated=3, due=15),
    open_invoice("paid", "0.00"),
]


@pytest.mark.parametrize(
    "strategy, expected",
    [
        (AllocationStrategy.OLDEST_DUE_FIRST, [("b", "30.00"), ("d", "15.00")]),
        (AllocationStrategy.OLDEST_FIRST, [("a", "10.00"), ("b", "30.00"), ("d", "5.00")]),
        (AllocationStrategy.LARGEST_FIRST, [("b", "30.00"), ("d", "15.00")]),
        (AllocationStrategy.EXACT_MATCH, []),
    ],
)
def test_strategies(strategy: AllocationStrategy, expected: list[tuple[str, str]]) -> None:
    """45.00 goes where each strategy says."""
    plan = plan_allocation(Decimal("45.00"), INVOICES, strategy)
    assert [(invoice_id, str(amount)) for invoice_id, amount in plan.lines] == expected
    assert plan.remaining == Decimal("45.00") - sum(amount for _, amount in plan.lines)


def test_exact_match_takes_the_oldest_due_of_equals() -> None:
    """Two invoices owe 20.00: the one due first is paid, the other left alone."""
    plan = plan_allocation(Decimal("20.00"), INVOICES, AllocationStrategy.EXACT_MATCH)
    assert (plan.lines, plan.remaining) == ((("d", Decimal("20.00")),), Decimal("0.00"))


@pytest.mark.parametrize("strategy", AllocationStrategy)
def test_nothing_to_give_plans_nothing(strategy: AllocationStrategy) -> None:
    """Without unallocated money the plan is empty."""
    assert plan_allocation(Decimal("0.00"), INVOICES, strategy).lines == ()


def test_a_plan_fits_into_one_call() -> None:
    """More invoices than a call takes: the rest of the money waits on the payment."""
    plan = plan_allocation(Decimal(1100), [open_invoice(f"{n:04}", "1") for n in range(1050)], AllocationStrategy.OLDEST_FIRST)
    assert (len(plan.lines), plan.remaining) == (MAX_LINES, Decimal(1100 - MAX_LINES))


@given(MONEY, open_invoices(), st.sampled_from(AllocationStrategy))
def test_a_plan_never_exceeds(unallocated: Decimal, invoices: list[OpenInvoice], strategy: AllocationStrategy) -> None:
    """Not more than the money there is, not more than any invoice owes, nothing of nothing, and not a cent vanishes."""
    plan = plan_allocation(unallocated, invoices, strategy)
    due = {invoice.invoice_id: invoice.amount_due for invoice in invoices}
    assert sum((amount for _, amount in plan.lines), plan.remaining) == unallocated
    assert plan.remaining >= 0
    assert all(0 < amount <= due[invoice_id] for invoice_id, amount in plan.lines)
    assert len({invoice_id for invoice_id, _ in plan.lines}) == len(plan.lines)


@given(MONEY, open_invoices(), st.sampled_from(AllocationStrategy), st.data())
def test_the_order_of_reading_does_not_matter(
    unallocated: Decimal, invoices: list[OpenInvoice], strategy: AllocationStrategy, data: st.DataObject
) -> None:
    """A plan is the same however the invoices came, so preview and commit agree."""
    shuffled = data.draw(st.permutations(invoices))
    assert plan_allocation(unallocated, invoices, strategy) == plan_allocation(unallocated, shuffled, strategy)


def test_a_good_request_passes() -> None:
    """The whole payment on one issued invoice of the customer."""
    invoice = an_invoice(status=ISSUED)
    amounts = [(invoice.id, TWELVE)]
    assert validate_allocations(a_payment(), {invoice.id: invoice}, amounts) == []
    check_allocations(a_payment(), {invoice.id: invoice}, amounts, settings())


@pytest.mark.parametrize(
    "amounts, path, code",
    [
        ([], "allocations", "required"),
        ([("i", TWELVE)] * (MAX_LINES + 1), "allocations", "too_many_items"),
        ([("i", TWELVE), ("i", TWELVE)], "allocations.1.invoice_id", "invalid_value"),
        ([("i", TWELVE), ("none", TWELVE)], "allocations.1.invoice_id", "unknown_invoice"),
        ([("other", TWELVE)], "allocations.0.invoice_id", "customer_mismatch"),
        ([("usd", TWELVE)], "allocations.0.invoice_id", "currency_mismatch"),
        ([("i", Decimal("0.005"))], "allocations.0.amount", "invalid_amount"),
        ([("i", Decimal("-1.00"))], "allocations.0.amount", "invalid_amount"),
    ],
)
def test_a_bad_request_is_named(amounts: list[tuple[str, Decimal]], path: str, code: str) -> None:
    """What the request breaks by itself is an issue with its place."""
    invoices = {
        "i": an_invoice(status=ISSUED),
        "other": an_invoice(status=ISSUED, customer_id="other"),
        "usd": an_invoice(status=ISSUED, currency="USD"),
    }
    issues = validate_allocations(a_payment(), invoices, amounts)
    assert [(issue.path, issue.code) for issue in issues] == [(path, code)]


@pytest.mark.parametrize(
    "payment, invoice, amount, code",
    [
        ({"status": PaymentState.PENDING}, {}, "1.00", "wrong_state"),
        ({"status": PaymentState.CANCELLED}, {}, "1.00", "wrong_state"),
        ({"allocated": Decimal("5.00")}, {}, "7.01", "over_allocated"),
        ({"refunded": Decimal("5.00")}, {}, "7.01", "over_allocated"),
        ({}, {"amount_paid": Decimal("5.00")}, "7.01", "over_allocated"),
        ({}, {"amount_credited": TWELVE}, "0.01", "over_allocated"),
        ({}, {"status": InvoiceStatus.DRAFT}, "1.00", "wrong_state"),
        ({}, {"status": InvoiceStatus.VOID}, "1.00", "wrong_state"),
        ({}, {"kind": InvoiceKind.CREDIT_NOTE}, "1.00", "wrong_state"),
    ],
)
def test_the_present_state_may_forbid_it(payment: dict[str, Any], invoice: dict[str, Any], amount: str, code: str) -> None:
    """Only completed payments, only issued invoices, never more than either has left."""
    document = an_invoice(**{"status": ISSUED, **invoice})
    with pytest.raises(Conflict) as caught:
        check_allocations(a_payment(**payment), {"i": document}, [("i", Decimal(amount))], settings())
    assert caught.value.code == code
