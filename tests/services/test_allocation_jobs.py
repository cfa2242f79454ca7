"""More invoices than one transaction holds: paid in steps that can be watched, each once, whoever drives them."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.allocation_job import AllocationJob
from chalicelib.domain.errors import Conflict, NotFound, Unavailable
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.payment import Payment
from chalicelib.services.allocation_jobs import drive_message, get_job, send_job
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment, job_message, preview_allocation
from chalicelib.services.deps import Deps
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.store import allocation_jobs as store
from chalicelib.store import clients
from tests.support.aws_calls import Call, Watcher, meanwhile, watched
from tests.support.cloud import Cloud
from tests.support.kills import Killed
from tests.support.money_in import Clerk, check_books, left_of, repeatable

COUNT = 45


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk with the customer `acme`."""
    clerk = Clerk()
    clerk.world.customer(schedule=None)
    return clerk


@pytest.fixture
def invoices(clerk: Clerk) -> list[Invoice]:
    """Forty-five invoices of 1.00."""
    return [clerk.invoice("1.00") for _ in range(COUNT)]


def begin(clerk: Clerk, payment: Payment, invoices: list[Invoice], deps: Deps | None = None) -> AllocationJob:
    """Start the job that pays all of them."""
    done = clerk.allocate(payment, *((invoice, "1.00") for invoice in invoices), deps=deps)
    assert done.job is not None
    assert done.rows == ()
    return done.job


def drive(clerk: Clerk, job: AllocationJob) -> AllocationJob:
    """Deliver the job's message."""
    drive_message(clerk.world.deps, job_message(job.payment_id, job.id))
    return get_job(job.payment_id, job.id)


def queued() -> list[dict[str, str]]:
    """What waits in the work queue."""
    found = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_many_invoices_are_paid_in_steps(clerk: Clerk, invoices: list[Invoice]) -> None:
    """Asking starts a job and sends its message; driving it pays all, driving it again nothing more."""
    payment = clerk.payment("50.00")
    job = begin(clerk, payment, invoices)
    assert (job.done, job.is_finished, left_of(payment)) == (0, False, "50.00")
    assert [(one["type"], one["job_id"]) for one in queued()] == [("allocate_in_steps", job.id)]
    for _ in range(2):
        done = drive(clerk, job)
        assert (done.done, done.failures, left_of(payment)) == (COUNT, (), "5.00")
    check_books("acme", [invoice.id for invoice in invoices])


def test_the_same_request_is_the_same_job(clerk: Clerk, invoices: list[Invoice]) -> None:
    """Before, amid and after its steps, even where by strategy the rest would by now fit into one transaction."""
    payment = clerk.payment("50.00")
    command = AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.OLDEST_FIRST)
    first = allocate_payment(repeatable(clerk.world.deps), command).job
    assert first is not None
    for paid in (None, invoices[:10], None):
        again = allocate_payment(repeatable(clerk.world.deps), command)
        assert (again.job and again.job.id, again.rows) == (first.id, ())
        if paid:
            clerk.allocate(clerk.payment("10.00"), *((invoice, "1.00") for invoice in paid))
    assert len(drive(clerk, first).failures) == 10
    assert allocate_payment(repeatable(clerk.world.deps), command).job is not None
    check_books("acme", [invoice.id for invoice in invoices])


def test_a_request_that_went_in_one_step_stays_so(clerk: Clerk) -> None:
    """Though by strategy there is more to pay by the time it is repeated."""
    payment = clerk.payment("50.00")
    clerk.invoice("1.00")
    command = AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.OLDEST_FIRST)
    (row,) = allocate_payment(repeatable(clerk.world.deps), command).rows
    for _ in range(COUNT):
        clerk.invoice("1.00")
    again = allocate_payment(repeatable(clerk.world.deps), command)
    assert (again.job, again.rows) == (None, (row,))
    assert left_of(payment) == "49.00"


def test_what_no_longer_fits_is_a_failure_with_its_reason(clerk: Clerk, invoices: list[Invoice]) -> None:
    """One invoice was paid by somebody else: all the others are paid."""
    payment = clerk.payment("50.00")
    job = begin(clerk, payment, invoices)
    clerk.allocate(clerk.payment("1.00"), (invoices[3], "1.00"))
    done = drive(clerk, job)
    assert [(one.invoice_id, one.code) for one in done.failures] == [(invoices[3].id, "over_allocated")]
    assert (done.done, left_of(payment)) == (COUNT, "6.00")
    check_books("acme", [invoice.id for invoice in invoices])


def test_two_workers_at_once_pay_once(clerk: Clerk, invoices: list[Invoice]) -> None:
    """The second one finds each step done, whether or not it was noted."""
    payment = clerk.payment("50.00")
    job = begin(clerk, payment, invoices)
    with meanwhile("UpdateItem", 1, lambda: drive(clerk, job)):
        done = drive(clerk, job)
    assert (done.done, done.failures, left_of(payment)) == (COUNT, (), "5.00")


@pytest.mark.parametrize("is_beside", [False, True], ids=["killed", "two workers"])
def test_a_step_that_fell_apart_never_goes_as_a_whole(clerk: Clerk, is_beside: bool) -> None:
    """Though it would fit again before it is noted, each line is allocated once."""
    invoices = [clerk.invoice("2.00") for _ in range(COUNT)]
    payment, other = clerk.payment("200.00"), clerk.payment("2.00")
    job = begin(clerk, payment, invoices)
    [foreign] = clerk.allocate(other, (invoices[5], "2.00")).rows

    def retry() -> None:
        reverse_allocation(clerk.world.deps, invoices[5].id, foreign.id)
        drive(clerk, job)

    if is_beside:
        with meanwhile("TransactWriteItems", 3, retry):
            drive(clerk, job)
    else:
        with watched(_DiesNoting()), pytest.raises(Killed):
            drive(clerk, job)
        retry()
    assert get_job(payment.id, job.id).is_finished
    assert left_of(payment) == "155.00"
    check_books("acme", [invoice.id for invoice in invoices])


class _DiesNoting(Watcher):
    """The process dies before it notes the first step."""

    def before(self, call: Call) -> None:
        if call.operation == "UpdateItem":
            raise Killed


class _NoMore(Watcher):
    """Everything fails from the second transaction on."""

    def __init__(self) -> None:
        self.transactions = 0

    def before(self, call: Call) -> None:
        self.transactions += call.operation == "TransactWriteItems"
        if self.transactions > 1:
            raise Unavailable("gone")


def test_a_job_goes_on_where_it_stopped(clerk: Clerk, invoices: list[Invoice]) -> None:
    """The first step is kept and noted; the next delivery does the rest."""
    payment = clerk.payment("50.00")
    job = begin(clerk, payment, invoices)
    with watched(_NoMore()), pytest.raises(Unavailable):
        drive(clerk, job)
    assert (get_job(payment.id, job.id).done, left_of(payment)) == (40, "10.00")
    assert drive(clerk, job).is_finished
    assert left_of(payment) == "5.00"


def test_a_stale_plan_starts_no_job(clerk: Clerk, invoices: list[Invoice]) -> None:
    """The token of a preview covers all its invoices."""
    payment = clerk.payment("50.00")
    command = AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.OLDEST_FIRST)
    plan = preview_allocation(clerk.world.deps, command)
    assert (len(plan.rows), plan.remaining) == (COUNT, Decimal("5.00"))
    clerk.allocate(clerk.payment("1.00"), (invoices[-1], "1.00"))
    with pytest.raises(Conflict, match="stale_plan"):
        allocate_payment(clerk.world.deps, replace(command, plan_token=plan.token))
    assert queued() == []


def test_a_second_job_waits_for_the_first(clerk: Clerk, invoices: list[Invoice]) -> None:
    """Two clerks, the same invoices, one payment or two: the second is told which job runs, and begins when it is done."""
    payments = [clerk.payment("20.00"), clerk.payment("30.00"), clerk.payment("45.00")]
    halves = [(invoice, "0.40") for invoice in invoices]
    first = clerk.allocate(payments[0], *halves).job
    assert first is not None
    for payment in (*payments, payments[0]):
        with pytest.raises(Conflict) as refused:
            clerk.allocate(payment, *halves)
        assert refused.value.code == "job_open"
        assert refused.value.details == {"payment_id": first.payment_id, "job_id": first.id}
    clerk.allocate(payments[1], (invoices[0], "0.10"))
    assert drive(clerk, first).failures == ()
    second = clerk.allocate(payments[1], *halves).job
    assert second is not None
    assert drive(clerk, second).failures == ()
    assert [left_of(payment) for payment in payments] == ["2.00", "11.90", "45.00"]
    check_books("acme", [invoice.id for invoice in invoices])


def test_of_two_jobs_at_once_one_begins(clerk: Clerk, invoices: list[Invoice]) -> None:
    """The second clerk comes between the first one's look and its write: the first is refused, and nothing of it is kept."""
    slow, quick = clerk.payment("50.00"), clerk.payment("50.00")
    with meanwhile("TransactWriteItems", 1, lambda: begin(clerk, quick, invoices)), pytest.raises(Conflict, match="job_open"):
        begin(clerk, slow, invoices)
    [message] = queued()
    assert message["payment_id"] == quick.id


def test_customers_have_jobs_at_the_same_time(clerk: Clerk, invoices: list[Invoice]) -> None:
    """One customer's job is nothing to another's."""
    begin(clerk, clerk.payment("50.00"), invoices)
    clerk.world.customer("bolt", schedule=None)
    others = [clerk.invoice("1.00", customer_id="bolt") for _ in range(COUNT)]
    assert begin(clerk, clerk.payment("50.00", customer_id="bolt"), others).done == 0


def test_an_unknown_job_is_not_found(clerk: Clerk) -> None:
    """Of a payment that is there, and of one that is not."""
    payment = clerk.payment("1.00")
    for payment_id in (payment.id, "acme.20261101.none"):
        with pytest.raises(NotFound):
            get_job(payment_id, "none")
    assert store.find_job(payment.id, "none") is None
    send_job(payment.id, "none")
    assert [one["payment_id"] for one in queued()] == [payment.id]
