"""`/payments`: money in, recorded, read, changed, listed, refunded. What it pays is in `allocations`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.domain.payment_search import PaymentSearch
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Amount, Day, Id, OneLine, Text
from chalicelib.handlers.payment_presenter import PaymentAnswer, PaymentDetailsAnswer, present_details, present_payment
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import payments as service
from chalicelib.services import refunds

api = Api(__name__)


class PaymentInput(Body):
    """A payment to record. Without currency and date: the customer's currency, today."""

    customer_id: Id
    amount: Amount
    currency: OneLine | None = None
    date: Day | None = None
    method: OneLine = ""
    reference: OneLine = ""
    description: Text = ""
    status: PaymentState = PaymentState.COMPLETED


STAND_INS = {"customer_id": "", "amount": Decimal(1)}


class PaymentChange(Body):
    """What is to be different. Amount, currency and date can change only while the payment is pending."""

    amount: Amount | None = None
    currency: OneLine | None = None
    date: Day | None = None
    method: OneLine | None = None
    reference: OneLine | None = None
    description: Text | None = None
    status: PaymentState | None = None


class RefundInput(Body):
    """How much goes back to the customer, out of what is not allocated. Without date: today."""

    amount: Amount
    date: Day | None = None
    reference: OneLine = ""


class CustomerPaymentsQuery(PageQuery):
    """Filters; all given must match. `from` and `to` are inclusive business dates, `method` and `reference` are matched exactly.

    `unallocated`: true for payments of which something is left to allocate or refund, false for the others.
    """

    status: PaymentState | None = None
    unallocated: bool | None = None
    method: OneLine | None = None
    reference: OneLine | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class PaymentsQuery(CustomerPaymentsQuery):
    """Filters, and whose."""

    customer_id: Id | None = None


@api.endpoint(
    "GET",
    "/payments",
    permission="billing:read",
    summary="All payments, newest business date first",
    query=PaymentsQuery,
    answer=Page[PaymentAnswer],
    customers=True,
)
def list_payments(request: Request) -> Answer:
    """A page of what matches; it may be shorter than `limit` though there is more."""
    return answer_page(request, customer_id=request.query.customer_id)


@api.endpoint(
    "GET",
    "/customers/{customer_id}/payments",
    permission="billing:read",
    summary="A customer's payments, newest business date first",
    query=CustomerPaymentsQuery,
    answer=Page[PaymentAnswer],
    customers=True,
)
def list_customer_payments(request: Request) -> Answer:
    """A page of one customer's."""
    return answer_page(request, customer_id=request.path["customer_id"])


@api.endpoint(
    "POST",
    "/payments",
    permission="payments:write",
    summary="Record a payment",
    body=PaymentInput,
    judge=lambda request: service.check_new(request.deps, parse_new(request.body.model_copy(update=_unknown(request.body)))),
    answer=PaymentDetailsAnswer,
    status=201,
    require_idempotency_key=True,
)
def create_payment(request: Request) -> Answer:
    """Record a payment; where the customer is billed so, it creates the invoice it pays."""
    return answer_payment(request, service.record_payment(request.deps, parse_new(request.body)))


@api.endpoint(
    "GET",
    "/payments/{payment_id}",
    permission="billing:read",
    summary="Read a payment, and what was ever done with it",
    answer=PaymentDetailsAnswer,
    customers=True,
)
def get_payment(request: Request) -> Answer:
    """One payment with its allocations, those taken back too, and refunds; its version is the ETag."""
    return answer_payment(request, service.get_payment(request.path["payment_id"]))


@api.endpoint(
    "PATCH",
    "/payments/{payment_id}",
    permission="payments:write",
    summary="Change a payment: complete or cancel it, correct its texts, or its money while it is pending",
    body=PaymentChange,
    answer=PaymentDetailsAnswer,
)
def patch_payment(request: Request) -> Answer:
    """Change the fields given."""
    changes = PaymentChanges(**{name: getattr(request.body, name) for name in PaymentChange.model_fields})
    changed = service.change_payment(request.deps, request.path["payment_id"], changes, request.if_match)
    return answer_payment(request, changed)


@api.endpoint(
    "POST",
    "/payments/{payment_id}/refund",
    permission="payments:write",
    summary="Give back part of what is not allocated",
    body=RefundInput,
    answer=PaymentDetailsAnswer,
)
def refund_payment(request: Request) -> Answer:
    """Give money back."""
    asked: RefundInput = request.body
    command = refunds.RefundPayment(
        payment_id=request.path["payment_id"],
        amount=asked.amount,
        date=asked.date,
        reference=asked.reference,
        version=request.if_match,
    )
    return answer_payment(request, refunds.refund_payment(request.deps, command))


@api.endpoint(
    "DELETE",
    "/payments/{payment_id}/refunds/{refund_id}",
    permission="payments:write",
    summary="Take a refund back; it stays in the history",
    status=204,
)
def reverse_refund(request: Request) -> Answer:
    """Give the amount back to what is not allocated of the payment; again changes nothing."""
    refunds.reverse_refund(request.deps, request.path["payment_id"], request.path["refund_id"], request.if_match)
    return Answer()


def parse_new(body: PaymentInput) -> service.NewPayment:
    """The payment asked for."""
    return service.NewPayment(**{name: getattr(body, name) for name in PaymentInput.model_fields})


def _unknown(body: PaymentInput) -> dict[str, Any]:
    """What stands in for the required fields that are missing where the rest is judged."""
    return {name: stand_in for name, stand_in in STAND_INS.items() if getattr(body, name) is None}


def answer_payment(request: Request, payment: Payment) -> Answer:
    """A payment with its history, and its version."""
    return Answer(present_details(service.load_details(payment), request.actor), version=payment.version)


def answer_page(request: Request, **whose: Any) -> Answer:
    """A page of payments."""
    query: CustomerPaymentsQuery = request.query
    asked = {name: getattr(query, name) for name in ("status", "unallocated", "method", "reference", "first", "last")}
    search = PaymentSearch(**asked, **whose)
    found, following = service.list_payments(request.deps, request.actor, search, query.limit, query.cursor)
    return Answer(page([present_payment(payment, request.actor) for payment in found], following))
