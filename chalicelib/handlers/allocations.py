"""What payments pay: allocating a payment by strategy or by hand, and the payments of an invoice."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.money import quantise
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Amount, Day, Id
from chalicelib.handlers.payment_presenter import (
    AllocateAnswer,
    AllocationAnswer,
    AllocationJobAnswer,
    InvoicePaymentsAnswer,
    present_allocation,
    present_job,
    present_payment,
    present_planned,
)
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import allocation_jobs, allocations, invoice_payments
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.joint_payments import PayInvoiceJointly, pay_invoice_jointly

api = Api(__name__)


class AllocationLine(Body):
    """How much of the payment goes to which invoice."""

    invoice_id: Id
    amount: Amount


class AllocateInput(Body):
    """Either a strategy, or the invoices by hand. With the `plan_token` of a preview: that plan or nothing."""

    strategy: AllocationStrategy | None = None
    allocations: list[AllocationLine] | None = Field(default=None, max_length=1000)
    date: Day | None = None
    preview: bool = False
    plan_token: str | None = Field(default=None, max_length=64)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.strategy is None) == (self.allocations is None):
            raise PydanticCustomError("invalid_value", "Send either strategy or allocations.")
        return self


class PaymentPart(Body):
    """How much of a payment goes to the invoice."""

    payment_id: Id
    amount: Amount


class PayInvoiceInput(Body):
    """How much of which payment goes to the invoice; or of which `payments`, all of them at once. Without date: today."""

    payment_id: Id | None = None
    amount: Amount | None = None
    payments: list[PaymentPart] | None = Field(default=None, max_length=1000)
    date: Day | None = None

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        one = self.payment_id is not None and self.amount is not None
        neither = self.payment_id is None and self.amount is None
        if not (one and self.payments is None) and not (neither and self.payments is not None):
            raise PydanticCustomError("invalid_value", "Send payment_id and amount, or payments.")
        return self


@api.endpoint(
    "POST",
    "/payments/{payment_id}/allocate",
    permission="payments:write",
    summary="Allocate a payment to invoices, or preview it; more than 40 in steps (202)",
    body=AllocateInput,
    answer=AllocateAnswer | AllocationJobAnswer,
    statuses=(202,),
    require_idempotency_key=True,
)
def allocate_payment(request: Request) -> Answer:
    """Allocate, or show what would be allocated."""
    command = parse_allocation(request)
    return _preview(request, command) if request.body.preview else _allocate(request, command)


@api.endpoint(
    "GET",
    "/payments/{payment_id}/allocation-jobs/{job_id}",
    permission="billing:read",
    summary="How far an allocation in steps got",
    answer=AllocationJobAnswer,
)
def get_allocation_job(request: Request) -> Answer:
    """One job; what was allocated is on the payment."""
    return Answer(present_job(allocation_jobs.get_job(request.path["payment_id"], request.path["job_id"])))


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/payments",
    permission="billing:read",
    summary="The payments of an invoice, those taken back too, in the order they were allocated",
    query=PageQuery,
    answer=Page[AllocationAnswer],
    customers=True,
)
def list_invoice_payments(request: Request) -> Answer:
    """A page of the invoice's allocations."""
    query: PageQuery = request.query
    rows, following = invoice_payments.list_invoice_payments(request.actor, request.path["invoice_id"], query.limit, query.cursor)
    return Answer(page([present_allocation(row) for row in rows], following))


@api.endpoint(
    "POST",
    "/invoices/{invoice_id}/payments",
    permission="payments:write",
    summary="Pay an invoice from a payment, or from several at once",
    body=PayInvoiceInput,
    answer=AllocationAnswer | InvoicePaymentsAnswer,
    status=201,
    require_idempotency_key=True,
)
def pay_invoice(request: Request) -> Answer:
    """Allocate part of a payment to the invoice, or of several."""
    asked: PayInvoiceInput = request.body
    if asked.payment_id is None or asked.amount is None:
        return _pay_jointly(request, asked)
    command = invoice_payments.PayInvoice(
        invoice_id=request.path["invoice_id"],
        payment_id=asked.payment_id,
        amount=asked.amount,
        date=asked.date,
        version=request.if_match,
    )
    return Answer(present_allocation(invoice_payments.pay_invoice(request.deps, command)))


@api.endpoint(
    "DELETE",
    "/invoices/{invoice_id}/payments/{allocation_id}",
    permission="payments:write",
    summary="Take an allocation back; it stays in the history",
    status=204,
)
def reverse_allocation(request: Request) -> Answer:
    """Give the amount back to payment and invoice; again changes nothing."""
    path = request.path
    invoice_payments.reverse_allocation(request.deps, path["invoice_id"], path["allocation_id"], request.if_match)
    return Answer()


def _pay_jointly(request: Request, asked: PayInvoiceInput) -> Answer:
    command = PayInvoiceJointly(
        invoice_id=request.path["invoice_id"],
        parts=[(part.payment_id, part.amount) for part in asked.payments or []],
        date=asked.date,
        version=request.if_match,
    )
    rows = pay_invoice_jointly(request.deps, command)
    return Answer({"allocations": [present_allocation(row) for row in rows]})


def parse_allocation(request: Request) -> AllocatePayment:
    """The command that the body asks for."""
    asked: AllocateInput = request.body
    return AllocatePayment(
        payment_id=request.path["payment_id"],
        strategy=asked.strategy,
        amounts=[(line.invoice_id, line.amount) for line in asked.allocations or []],
        date=asked.date,
        version=request.if_match,
        plan_token=asked.plan_token,
    )


def _preview(request: Request, command: AllocatePayment) -> Answer:
    plan = allocations.preview_allocation(request.deps, command)
    return Answer(
        {
            "preview": True,
            "allocations": [present_planned(row) for row in plan.rows],
            "unallocated": quantise(plan.remaining, plan.payment.currency),
            "plan_token": plan.token,
            "payment": present_payment(plan.payment, request.actor),
        },
        version=plan.payment.version,
    )


def _allocate(request: Request, command: AllocatePayment) -> Answer:
    done = allocations.allocate_payment(request.deps, command)
    if done.job is not None:
        return Answer(present_job(done.job), status=202)
    return Answer(
        {
            "preview": False,
            "allocations": [present_allocation(row) for row in done.rows],
            "unallocated": quantise(done.payment.unallocated, done.payment.currency),
            "plan_token": None,
            "payment": present_payment(done.payment, request.actor),
        },
        version=done.payment.version,
    )
