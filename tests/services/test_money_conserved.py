"""Money is conserved whatever clerks do, in any order and in the middle of each other's steps.

Invoices are made, edited, issued, revised, moved to other days, voided and credited; payments recorded, completed, cancelled,
allocated, taken back, refunded; all on any business day. What somebody asked about a past day has the same answer for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.credit_requests import CreditRequest, LineCredit
from chalicelib.domain.drafting import InvoiceChanges, NewInvoice
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.history import calculate_position
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.money import quantise, total
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.domain.states import Action, allowed_actions
from chalicelib.services.accounts import get_balance, get_statement
from chalicelib.services.ageing import ALL_DAYS, AgeingQuestion, build_ageing
from chalicelib.services.credit_notes import CreditInvoice, credit_invoice
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import issue_invoice, void_invoice
from chalicelib.services.payments import change_payment
from chalicelib.services.reconcile import reconcile_customer, reconcile_series
from chalicelib.services.refunds import RefundPayment, refund_payment, reverse_refund
from chalicelib.store import list_months, operators, shards
from chalicelib.store.allocations import load_allocations
from chalicelib.store.history import load_history
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.payments import load_money
from chalicelib.store.settings import get_settings
from tests.support.aws_calls import meanwhile
from tests.support.builders import tax
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk, check_books

amounts = st.integers(1, 2500).map(lambda cents: str(Decimal(cents).scaleb(-2)))
payments = st.integers(1000, 9000).map(lambda cents: str(Decimal(cents).scaleb(-2)))
choices = st.integers(0, 99)
shifts = st.none() | st.integers(-25, 5)
"""Business dates, in days from today; None: not said."""
shares = st.integers(1, 120).map(lambda percent: Decimal(percent) / 100)
EXAMPLES, STEPS = 12, 20
BEGINNING = date(2026, 1, 1)
"""Before anything that is dated here."""
A_YEAR = timedelta(days=400)
"""What is dated ahead lies within it."""
AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
OF_DRAFTS = frozenset({Action.EDIT, Action.ISSUE})
Act: TypeAlias = Callable[[], object]


class Books(RuleBasedStateMachine):
    """Clerks at work on one customer; what the rules refuse is refused, and changes nothing.

    A choice finds an invoice among those that offer what is asked of it; where none does, one is made.
    """

    cloud: ClassVar[Cloud]

    @initialize(price=amounts, other=amounts)
    def open_the_books(self, price: str, other: str) -> None:
        """Empty tables, one customer, taxed at 20 %, that owes something and has paid something."""
        self.cloud.clear()
        operators.forget()
        list_months.forget()
        shards.forget()
        self.clerk, self.invoice_ids, self.rivals = Clerk(), list[str](), list[Act]()
        self.asked = list[tuple[date, datetime, object]]()
        self.clerk.world.customer()
        self.make(price, other, issue=True, shift=None)
        self.record(price, PaymentState.COMPLETED, shift=None)

    @rule(price=amounts, other=amounts, issue=st.sampled_from([True, True, False]), shift=shifts)
    def make(self, price: str, other: str, issue: bool, shift: int | None) -> None:
        """A draft, or something owed: a taxed and an untaxed line."""
        new = NewInvoice(customer_id="acme", lines=self._lines(price, other), invoice_date=self._day(shift))
        self.invoice_ids.append(create_invoice(self.clerk.world.deps, new, issue=issue).id)

    @rule(choice=choices)
    def issue(self, choice: int) -> None:
        """A draft is issued."""
        self._act(partial(issue_invoice, self.clerk.world.deps, self._pick(choice, Action.ISSUE).id))

    @rule(choice=choices, price=amounts, other=amounts, is_draft=st.booleans())
    def change_lines(self, choice: int, price: str, other: str, is_draft: bool) -> None:
        """A draft is edited, an issued invoice revised."""
        invoice = self._pick(choice, Action.EDIT if is_draft else Action.REVISE)
        changes = InvoiceChanges(lines=self._lines(price, other))
        command = ChangeInvoice(invoice_id=invoice.id, version=None, changes=changes)
        self._act(partial(change_invoice, self.clerk.world.deps, command))

    @rule(choice=choices, shift=shifts)
    def move(self, choice: int, shift: int | None) -> None:
        """An issued invoice gets another date."""
        changes = InvoiceChanges(invoice_date=self._day(shift or 0))
        command = ChangeInvoice(invoice_id=self._pick(choice, Action.REVISE).id, version=None, changes=changes)
        self._act(partial(change_invoice, self.clerk.world.deps, command))

    @rule(choice=choices)
    def void(self, choice: int) -> None:
        """An invoice with nothing paid."""
        self._act(partial(void_invoice, self.clerk.world.deps, self._pick(choice, Action.VOID).id))

    @rule(choice=choices)
    def credit_rest(self, choice: int) -> None:
        """All that is left of an invoice comes back."""
        self._act(self._crediting(self._pick(choice, Action.CREDIT), CreditRequest(reason="Cancelled")))

    @rule(choice=choices, share=shares, shift=shifts)
    def credit_amount(self, choice: int, share: Decimal, shift: int | None) -> None:
        """Part of it, by amount."""
        invoice = self._pick(choice, Action.CREDIT)
        amount = quantise(invoice.total * share, "EUR")
        self._act(self._crediting(invoice, CreditRequest(reason="Goodwill", amount=amount, invoice_date=self._day(shift))))

    @rule(choice=choices, share=shares, by_net=st.booleans())
    def credit_line(self, choice: int, share: Decimal, by_net: bool) -> None:
        """Part of a line, by net or by quantity."""
        invoice = self._pick(choice, Action.CREDIT)
        net, quantity = (quantise(invoice.lines[0].net * share, "EUR"), None) if by_net else (None, share)
        lines = (LineCredit(line_id=invoice.lines[0].id, net=net, quantity=quantity),)
        self._act(self._crediting(invoice, CreditRequest(reason="Wrong", lines=lines)))

    @rule(
        amount=payments,
        status=st.sampled_from([PaymentState.PENDING, PaymentState.COMPLETED, PaymentState.COMPLETED]),
        shift=shifts,
    )
    def record(self, amount: str, status: PaymentState, shift: int | None) -> None:
        """Money comes in, or is announced."""
        self.clerk.payment(amount, status=status, date=self._day(shift))

    @rule(choice=choices, status=st.sampled_from(PaymentState))
    def change(self, choice: int, status: PaymentState) -> None:
        """Completed, cancelled, or neither."""
        command = PaymentChanges(status=status)
        self._act(partial(change_payment, self.clerk.world.deps, self._any_payment(choice).id, command, None))

    @rule(choice=choices, other=choices, amount=amounts, shift=shifts)
    def allocate(self, choice: int, other: int, amount: str, shift: int | None) -> None:
        """By hand: any money, also what a credit note gave."""
        invoice = self._pick(other, Action.ALLOCATE)
        self._act(partial(self.clerk.allocate, self._any_payment(choice), (invoice, amount), date=self._day(shift)))

    @rule(choice=choices)
    def pay_in_full(self, choice: int) -> None:
        """What an invoice owes comes in and pays it."""
        invoice = self._pick(choice, Action.ALLOCATE)
        if invoice.amount_due > 0:
            payment = self.clerk.payment(str(invoice.amount_due))
            self._act(partial(self.clerk.allocate, payment, (invoice, str(invoice.amount_due))))

    @rule(choice=choices, strategy=st.sampled_from(AllocationStrategy))
    def allocate_by(self, choice: int, strategy: AllocationStrategy) -> None:
        """By strategy."""
        self._act(partial(self.clerk.allocate_by, self._any_payment(choice), strategy))

    @rule(choice=choices)
    def take_back(self, choice: int) -> None:
        """Any allocation, also one that was taken back before."""
        rows = load_allocations("acme")
        if rows:
            row = rows[choice % len(rows)]
            self._act(partial(reverse_allocation, self.clerk.world.deps, row.invoice_id, row.id))

    @rule(choice=choices, amount=amounts, shift=shifts)
    def refund(self, choice: int, amount: str, shift: int | None) -> None:
        """Money goes back, also what a credit note gave."""
        command = RefundPayment(payment_id=self._any_payment(choice).id, amount=Decimal(amount), date=self._day(shift))
        self._act(partial(refund_payment, self.clerk.world.deps, command))

    @rule(choice=choices)
    def undo_refund(self, choice: int) -> None:
        """Any refund is taken back, also one that was before."""
        refunds = load_money("acme")[1]
        if refunds:
            refund = refunds[choice % len(refunds)]
            self._act(partial(reverse_refund, self.clerk.world.deps, refund.payment_id, refund.id))

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.clerk.world.pass_time(days=days)

    @rule(days=st.integers(-45, 5))
    def ask(self, days: int) -> None:
        """Somebody asks how things stood on a day, and keeps the answer."""
        self.clerk.world.pass_time(seconds=1)
        on, known_at = self._today() + timedelta(days=days), self.clerk.world.now
        self.asked.append((on, known_at, self._answer(on, known_at)))
        self.clerk.world.pass_time(seconds=1)

    @rule(choice=choices, other=choices, share=shares, is_credit=st.booleans())
    def lie_in_wait(self, choice: int, other: int, share: Decimal, is_credit: bool) -> None:
        """Another clerk is about to act, in the middle of what the next one does."""
        invoice = self._pick(choice, Action.CREDIT)
        amount = max(quantise(invoice.total * share, "EUR"), Decimal("0.01"))
        crediting = self._crediting(invoice, CreditRequest(reason="Other clerk", amount=amount))
        paying = partial(self.clerk.allocate, self._any_payment(other), (invoice, str(amount)))
        self.rivals = [crediting if is_credit else paying]

    @invariant()
    def nothing_is_lost(self) -> None:
        """What payments, allocations, credit notes and invoices say of each other fits, and nothing is below zero."""
        check_books("acme", self.invoice_ids)

    @invariant()
    def every_account_says_the_same(self) -> None:
        """Balance, history and statement agree on what is owed and what is unallocated."""
        deps = self.clerk.world.deps
        balance, position = get_balance(deps, "acme"), calculate_position(load_history("acme"), ALL_DAYS)
        _, statement = get_statement(deps, "acme", first=None, last=self._today() + A_YEAR, known_at=None)
        assert balance.due == total(item.amount_due for item in position.open_items)
        assert balance.unallocated == position.unallocated
        assert balance.balance == statement.closing

    def teardown(self) -> None:
        """In the end the books stand up to a check with arithmetic of its own, and answer old questions as they did."""
        assert [*reconcile_customer("acme"), *reconcile_series()] == []
        for on, known_at, answer in self.asked:
            assert self._answer(on, known_at) == answer

    def _answer(self, on: date, known_at: datetime) -> object:
        """Ageing and statement of the day, which agree on what is owed less what is unallocated."""
        deps = self.clerk.world.deps
        asked = AgeingQuestion(as_of=on, known_at=known_at, customer_id="acme")
        ageing = build_ageing(deps, asked).ageing
        _, statement = get_statement(deps, "acme", first=BEGINNING, last=on, known_at=known_at)
        assert ageing.total.total - ageing.total.unallocated == statement.closing
        assert sum((getattr(ageing.total, name) for name in AGES), Decimal(0)) == ageing.total.total
        return ageing, statement

    def _today(self) -> date:
        return self.clerk.world.now.date()

    def _day(self, shift: int | None) -> date | None:
        return None if shift is None else self._today() + timedelta(days=shift)

    def _lines(self, price: str, other: str) -> tuple[LineInput, ...]:
        taxed = LineInput(id="1", given={"description": "Work", "unit_price": Decimal(price)})
        return taxed, LineInput(id="2", given={"description": "Stamp", "unit_price": Decimal(other), "tax": tax(0)})

    def _crediting(self, invoice: Invoice, request: CreditRequest) -> Act:
        return partial(credit_invoice, self.clerk.world.deps, CreditInvoice(invoice_id=invoice.id, request=request))

    def _pick(self, choice: int, action: Action) -> Invoice:
        if not (offering := self._offering(action)):
            self.make("10.00", "2.50", issue=action not in OF_DRAFTS, shift=None)
            offering = self._offering(action)
        return offering[choice % len(offering)]

    def _offering(self, action: Action) -> list[Invoice]:
        found = load_invoices(self.invoice_ids).values()
        return [one for one in found if action.value in allowed_actions(one, get_settings())]

    def _any_payment(self, choice: int) -> Payment:
        found = load_money("acme")[0]
        return found[choice % len(found)]

    def _act(self, act: Act) -> None:
        """Do it, with whoever waits for it in between; a refusal changes nothing."""
        rivals, self.rivals = self.rivals, []
        with meanwhile("TransactWriteItems", 1, partial(_try_all, rivals)):
            _try_all([act])


def _try_all(acts: Iterable[Act]) -> None:
    for act in acts:
        with suppress(Conflict, Invalid):
            act()


def test_money_is_conserved(cloud: Cloud) -> None:
    """After every step of any sequence of what clerks can do."""
    Books.cloud = cloud
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
