"""One invoice paid from several payments at once: all of it or nothing, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.payment import Payment
from chalicelib.services.deps import Deps
from chalicelib.services.joint_payments import PayInvoiceJointly, pay_invoice_jointly
from tests.support.aws_calls import meanwhile
from tests.support.money_in import Clerk, check_books, due_on, left_of, repeatable

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture
def clerk(cloud: object) -> Clerk:
    """A customer in EUR."""
    clerk = Clerk()
    clerk.world.customer(schedule=None)
    return clerk


def pay(clerk: Clerk, invoice: Invoice, *parts: tuple[Payment, str], deps: Deps | None = None) -> list[str]:
    """Pay the invoice from the payments; the amounts of the new rows."""
    amounts = [(payment.id, Decimal(amount)) for payment, amount in parts]
    rows = pay_invoice_jointly(deps or clerk.world.deps, PayInvoiceJointly(invoice_id=invoice.id, parts=amounts))
    return [str(row.amount) for row in rows]


def test_several_payments_pay_one_invoice_once(clerk: Clerk) -> None:
    """A repetition of the request answers with the same rows."""
    invoice, first, second = clerk.invoice("15.00"), clerk.payment("10.00"), clerk.payment("9.00")
    for _ in range(2):
        assert pay(clerk, invoice, (first, "10.00"), (second, "5.00"), deps=repeatable(clerk.world.deps)) == ["10.00", "5.00"]
    assert (due_on(invoice), left_of(first), left_of(second)) == ("0.00", "0.00", "4.00")
    check_books("acme", [invoice.id])


def test_all_of_it_or_nothing(clerk: Clerk) -> None:
    """One part too much, or of an unknown payment, and nothing moves."""
    invoice, first, second = clerk.invoice("15.00"), clerk.payment("10.00"), clerk.payment("3.00")
    with pytest.raises(Conflict, match="over_allocated"):
        pay(clerk, invoice, (first, "10.00"), (second, "5.00"))
    unknown = PayInvoiceJointly(invoice_id=invoice.id, parts=[("nobody", Decimal(1)), ("acme.20261201.x", Decimal(1))])
    with pytest.raises(Invalid) as refused:
        pay_invoice_jointly(clerk.world.deps, unknown)
    assert [issue.code for issue in refused.value.issues] == ["unknown_payment", "unknown_payment"]
    assert (due_on(invoice), left_of(first), left_of(second)) == ("15.00", "10.00", "3.00")


def test_whoever_is_slower_plans_again(clerk: Clerk) -> None:
    """Another clerk takes part of a payment in between: what still fits goes through, what does not is refused."""
    invoice, other = clerk.invoice("15.00"), clerk.invoice("4.00")
    first, second = clerk.payment("10.00"), clerk.payment("9.00")
    with meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(second, (other, "4.00"))):
        assert pay(clerk, invoice, (first, "10.00"), (second, "5.00")) == ["10.00", "5.00"]
    late = clerk.invoice("1.00")
    with (
        meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(clerk.payment("1.00"), (late, "1.00"))),
        pytest.raises(Conflict, match="over_allocated"),
    ):
        pay(clerk, late, (clerk.payment("2.00"), "1.00"))
    check_books("acme", [invoice.id, other.id, late.id])
