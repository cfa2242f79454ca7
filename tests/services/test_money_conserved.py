"""Money is conserved whatever clerks do, in any order: recorded, completed, cancelled, allocated, taken back, refunded."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.history import calculate_position
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import total
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.services.accounts import get_balance, get_statement
from chalicelib.services.ageing import ALL_DAYS
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.payments import change_payment
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store import list_months, operators
from chalicelib.store.allocations import load_allocations
from chalicelib.store.history import load_history
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk, check_books

amounts = st.integers(1, 2500).map(lambda cents: str(Decimal(cents).scaleb(-2)))
EXAMPLES, STEPS = 15, 15


class Books(RuleBasedStateMachine):
    """Clerks at work on one customer; what the rules refuse is refused, and changes nothing."""

    cloud: ClassVar[Cloud]
    invoices: Bundle[Invoice] = Bundle("invoices")
    payments: Bundle[Payment] = Bundle("payments")

    @initialize()
    def open_the_books(self) -> None:
        """Empty tables and one customer."""
        self.cloud.clear()
        operators.forget()
        list_months.forget()
        self.clerk, self.invoice_ids = Clerk(), list[str]()
        self.clerk.world.customer()

    @rule(target=invoices, price=amounts)
    def issue(self, price: str) -> Invoice:
        """Something is owed."""
        invoice = self.clerk.invoice(price)
        self.invoice_ids.append(invoice.id)
        return invoice

    @rule(target=payments, amount=amounts, status=st.sampled_from([PaymentState.PENDING, PaymentState.COMPLETED]))
    def record(self, amount: str, status: PaymentState) -> Payment:
        """Money comes in, or is announced."""
        return self.clerk.payment(amount, status=status)

    @rule(payment=payments, status=st.sampled_from(PaymentState))
    def change(self, payment: Payment, status: PaymentState) -> None:
        """Completed, cancelled, or neither."""
        with suppress(Conflict):
            change_payment(self.clerk.world.deps, payment.id, PaymentChanges(status=status), None)

    @rule(payment=payments, invoice=invoices, amount=amounts)
    def allocate(self, payment: Payment, invoice: Invoice, amount: str) -> None:
        """By hand."""
        with suppress(Conflict, Invalid):
            self.clerk.allocate(payment, (invoice, amount))

    @rule(payment=payments, strategy=st.sampled_from(AllocationStrategy))
    def allocate_by(self, payment: Payment, strategy: AllocationStrategy) -> None:
        """By strategy."""
        with suppress(Conflict):
            self.clerk.allocate_by(payment, strategy)

    @rule(choice=st.integers(0, 99))
    def take_back(self, choice: int) -> None:
        """Any allocation, also one that was taken back before."""
        rows = load_allocations("acme")
        if rows:
            row = rows[choice % len(rows)]
            reverse_allocation(self.clerk.world.deps, row.invoice_id, row.id)

    @rule(payment=payments, amount=amounts)
    def refund(self, payment: Payment, amount: str) -> None:
        """Money goes back."""
        with suppress(Conflict):
            refund_payment(self.clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal(amount)))

    @rule(invoice=invoices)
    def void(self, invoice: Invoice) -> None:
        """An invoice with nothing paid."""
        with suppress(Conflict):
            void_invoice(self.clerk.world.deps, invoice.id)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.clerk.world.pass_time(days=days)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Σ allocations = amount − unallocated − refunded, Σ on an invoice = paid, and nothing is below zero."""
        check_books("acme", self.invoice_ids)

    def teardown(self) -> None:
        """In the end balance, history and statement say the same."""
        deps = self.clerk.world.deps
        balance, position = get_balance(deps, "acme"), calculate_position(load_history("acme"), ALL_DAYS)
        _, statement = get_statement(deps, "acme", first=None, last=None, known_at=None)
        assert balance.due == total(item.amount_due for item in position.open_items)
        assert balance.unallocated == position.unallocated
        assert balance.balance == statement.closing


def test_money_is_conserved(cloud: Cloud) -> None:
    """After every step of any sequence of what clerks can do."""
    Books.cloud = cloud
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
