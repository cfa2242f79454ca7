"""Jobs that allocate in steps, with other clerks and deaths in the middle of them: no cent is lost, and each line ends once.

Others pay, take back, credit, void and refund between any two writes of a step; a job that died is driven again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.allocation_job import AllocationJob
from chalicelib.domain.credit_requests import CreditRequest
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.services.allocation_jobs import drive_message, get_job
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment, job_message
from chalicelib.services.credit_notes import CreditInvoice, credit_invoice
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.reconcile import reconcile_customer
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store import list_months, operators, shards
from chalicelib.store.allocations import load_allocations
from tests.support.aws_calls import meanwhile
from tests.support.cloud import Cloud
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, due_on

COUNT = 43
"""More than one step of a job."""
EXAMPLES, STEPS = 6, 12
PART, WHOLE = Decimal("0.20"), Decimal("1.00")
places, moments = st.integers(0, COUNT - 1), st.sampled_from([1, 1, 2, 2, 3, 7, 30])
"""An invoice; a write of a step: the first ones are the step as a whole, later ones are there where it fell apart."""
sides: st.SearchStrategy[Side] = st.sampled_from(["before", "after"])


class Crowd(RuleBasedStateMachine):
    """Clerks at work on forty-three invoices of 1.00 and three payments; what the rules refuse changes nothing."""

    cloud: ClassVar[Cloud]

    @initialize()
    def open_the_books(self) -> None:
        """Empty tables, one customer, its invoices and money."""
        self.cloud.clear()
        for module in (operators, list_months, shards):
            module.forget()
        self.clerk, self.jobs = Clerk(), list[AllocationJob]()
        self.clerk.world.customer(schedule=None)
        self.invoices = [self.clerk.invoice("1.00") for _ in range(COUNT)]
        self.payments = [self.clerk.payment(amount) for amount in ("60.00", "50.00", "45.00")]
        self.begin(0, None)

    @rule(payment=st.integers(0, 2), strategy=st.sampled_from([None, None, None, *AllocationStrategy]))
    def begin(self, payment: int, strategy: AllocationStrategy | None) -> None:
        """All invoices get a part by hand, or what a strategy gives; another open job refuses it, a few need none."""
        amounts = [] if strategy else [(invoice.id, PART) for invoice in self.invoices]
        command = AllocatePayment(payment_id=self.payments[payment].id, strategy=strategy, amounts=amounts)
        is_one_open = any(not job.is_finished for job in self._jobs_now())
        with suppress(Conflict, Invalid):
            job = allocate_payment(self.clerk.world.deps, command).job
            assert not (job and is_one_open)
            self.jobs += [job] if job else []

    @rule()
    def drive(self) -> None:
        """The work queue drives what is open."""
        self._drive()

    @rule(moment=moments, side=sides)
    def die(self, moment: int, side: Side) -> None:
        """The worker dies at one of its writes."""
        with killed_at(moment, side), suppress(Killed):
            self._drive()

    @rule(place=places, payment=st.integers(0, 2), moment=moments)
    def pay(self, place: int, payment: int, moment: int) -> None:
        """Another clerk pays what one of the invoices owes, now or in the middle of a step."""
        self._beside(
            moment, lambda: self.clerk.allocate(self.payments[payment], (self.invoices[place], due_on(self.invoices[place])))
        )

    @rule(place=places, moment=moments)
    def take_back(self, place: int, moment: int) -> None:
        """An allocation is reversed, now or in the middle of a step."""
        rows = load_allocations("acme")
        if rows:
            row = rows[place % len(rows)]
            self._beside(moment, lambda: reverse_allocation(self.clerk.world.deps, row.invoice_id, row.id))

    @rule(place=places, is_void=st.booleans(), moment=moments)
    def withdraw(self, place: int, is_void: bool, moment: int) -> None:
        """An invoice is voided or credited, now or in the middle of a step."""
        invoice_id, deps = self.invoices[place].id, self.clerk.world.deps
        credit = CreditInvoice(invoice_id=invoice_id, request=CreditRequest(reason="Cancelled"))
        self._beside(moment, partial(void_invoice, deps, invoice_id) if is_void else partial(credit_invoice, deps, credit))

    @rule(payment=st.integers(0, 2), moment=moments)
    def refund(self, payment: int, moment: int) -> None:
        """Money goes back, now or in the middle of a step."""
        command = RefundPayment(payment_id=self.payments[payment].id, amount=WHOLE)
        self._beside(moment, partial(refund_payment, self.clerk.world.deps, command))

    @invariant()
    def nothing_is_lost(self) -> None:
        """What payments, allocations, credit notes and invoices say of each other fits, and nothing is below zero."""
        check_books("acme", [invoice.id for invoice in self.invoices])

    @invariant()
    def each_line_ends_once(self) -> None:
        """One job is open at most; of a finished one each invoice was allocated or is a failure, not both, and none twice."""
        jobs, rows = self._jobs_now(), load_allocations("acme")
        assert sum(not job.is_finished for job in jobs) <= 1
        for job in jobs:
            paid = [row.invoice_id for row in rows if job.id in row.id]
            failed = [failure.invoice_id for failure in job.failures]
            asked = [invoice_id for invoice_id, _ in job.lines]
            assert len({*paid, *failed}) == len(paid) + len(failed)
            assert {*paid, *failed} <= {*asked}
            assert len(paid) + len(failed) == len(asked) or not job.is_finished

    def teardown(self) -> None:
        """In the end every job is done, and the books stand up to a check with arithmetic of its own."""
        self._drive()
        assert all(job.is_finished for job in self._jobs_now())
        self.each_line_ends_once()
        assert [*reconcile_customer("acme")] == []

    def _drive(self) -> None:
        for job in self.jobs:
            drive_message(self.clerk.world.deps, job_message(job.payment_id, job.id))

    def _jobs_now(self) -> list[AllocationJob]:
        return [get_job(job.payment_id, job.id) for job in self.jobs]

    def _beside(self, moment: int, act: Callable[[], object]) -> None:
        """What is open is driven, and before one of its transactions another clerk acts; where nothing is open, just that."""
        if all(job.is_finished for job in self._jobs_now()):
            _try(act)
            return
        with meanwhile("TransactWriteItems", moment, partial(_try, act)):
            self._drive()


def _try(act: Callable[[], object]) -> None:
    with suppress(Conflict, Invalid):
        act()


def test_jobs_lose_nothing(cloud: Cloud) -> None:
    """After every step of any sequence of what clerks, workers and deaths can do."""
    Crowd.cloud = cloud
    run_state_machine_as_test(
        Crowd,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
