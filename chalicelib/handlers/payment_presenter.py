"""Payments and allocations as clients see them. What follows `#` in a description is for staff only."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.domain.access import Actor
from chalicelib.domain.allocation_job import AllocationJob
from chalicelib.domain.money import quantise
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund
from chalicelib.services.payments import PaymentDetails


class PaymentAnswer(BaseModel):
    """A payment; amount = allocated + unallocated + refunded while it is completed.

    With a `credit_note_id` no money came in: the credit note gave it.
    """

    id: str
    customer_id: str
    amount: Decimal
    currency: str
    date: dt.date
    method: str
    reference: str
    description: str
    status: PaymentState
    allocated: Decimal
    unallocated: Decimal
    refunded: Decimal
    credit_note_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class AllocationAnswer(BaseModel):
    """Part of a payment on an invoice; taken back when `reversed_at` is set. A preview has neither id nor instants."""

    id: str | None
    payment_id: str
    invoice_id: str
    invoice_number: str
    amount: Decimal
    currency: str
    date: dt.date
    created_at: dt.datetime | None
    reversed_at: dt.datetime | None
    reversed_date: dt.date | None


class RefundAnswer(BaseModel):
    """Part of a payment given back; taken back when `reversed_at` is set."""

    id: str
    amount: Decimal
    date: dt.date
    reference: str
    created_at: dt.datetime
    reversed_at: dt.datetime | None
    reversed_date: dt.date | None


class PaymentDetailsAnswer(PaymentAnswer):
    """A payment with its history: allocations and refunds, those taken back too, in the order they were made."""

    allocations: list[AllocationAnswer]
    refunds: list[RefundAnswer]


class InvoicePaymentsAnswer(BaseModel):
    """What several payments at once put on an invoice."""

    allocations: list[AllocationAnswer]


class AllocateAnswer(BaseModel):
    """What was allocated, or would be: `unallocated` is what remains. `plan_token` is given by a preview only."""

    preview: bool
    allocations: list[AllocationAnswer]
    unallocated: Decimal
    plan_token: str | None
    payment: PaymentAnswer


class AllocationFailureAnswer(BaseModel):
    """An invoice that got nothing, and why."""

    invoice_id: str
    code: str
    message: str


class AllocationJobAnswer(BaseModel):
    """An allocation in steps: of `total` invoices `done` were looked at; those in `failures` got nothing."""

    id: str
    payment_id: str
    status: Literal["running", "done"]
    total: int
    done: int
    failures: list[AllocationFailureAnswer]
    created_at: dt.datetime


AMOUNTS = ("amount", "allocated", "unallocated", "refunded")


def present_payment(payment: Payment, actor: Actor) -> dict[str, Any]:
    """The payment as the actor may see it."""
    amounts = {name: quantise(getattr(payment, name), payment.currency) for name in AMOUNTS}
    shown = {**{name: getattr(payment, name) for name in PaymentAnswer.model_fields}, **amounts}
    if actor.customer_id is not None:
        shown["description"] = payment.public_description
    return shown


def present_details(found: PaymentDetails, actor: Actor) -> dict[str, Any]:
    """The payment with its history as the actor may see it."""
    return {
        **present_payment(found.payment, actor),
        "allocations": [present_allocation(row) for row in found.allocations],
        "refunds": [_present_refund(refund) for refund in found.refunds],
    }


def _present_refund(refund: Refund) -> dict[str, Any]:
    shown = {name: getattr(refund, name) for name in RefundAnswer.model_fields}
    return {**shown, "amount": quantise(refund.amount, refund.currency)}


def present_allocation(allocation: Allocation) -> dict[str, Any]:
    """An allocation that was made."""
    shown = {name: getattr(allocation, name) for name in AllocationAnswer.model_fields}
    return {**shown, "amount": quantise(allocation.amount, allocation.currency)}


def present_job(job: AllocationJob) -> dict[str, Any]:
    """A job and how far it got."""
    return {
        "id": job.id,
        "payment_id": job.payment_id,
        "status": "done" if job.is_finished else "running",
        "total": len(job.lines),
        "done": job.done,
        "failures": [{"invoice_id": one.invoice_id, "code": one.code, "message": one.message} for one in job.failures],
        "created_at": job.created_at,
    }


def present_planned(allocation: Allocation) -> dict[str, Any]:
    """An allocation that would be made."""
    return {**present_allocation(allocation), "id": None, "created_at": None}
