"""Payments: recorded, read, changed, listed. A payment that becomes completed may bring its own invoice (see `paid_invoices`).

The id comes from the request's own ids, so a repetition of the request finds what it recorded before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.domain.access import Actor
from chalicelib.domain.customer import Customer
from chalicelib.domain.date_rules import validate_span
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund
from chalicelib.domain.payment_changes import PaymentChanges, complete_at_once, plan_change
from chalicelib.domain.payment_rules import validate_payment
from chalicelib.domain.payment_search import PaymentSearch
from chalicelib.domain.periods import local_date
from chalicelib.services.deps import Deps
from chalicelib.services.paid_invoices import complete_with_invoice
from chalicelib.services.parties import build_nobody
from chalicelib.services.versions import check_version
from chalicelib.store import keys, payment_list
from chalicelib.store import payments as store
from chalicelib.store.allocations import load_payment_allocations
from chalicelib.store.contention import replanned
from chalicelib.store.customers import find_customer, get_customer
from chalicelib.store.refunds import load_refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A payment to record; without currency the customer's, without date the customer's today."""

    customer_id: str
    amount: Decimal
    currency: str | None = None
    date: date | None = None
    method: str = ""
    reference: str = ""
    description: str = ""
    status: PaymentState = PaymentState.COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDetails:
    """A payment, its allocations and its refunds, those taken back too, in the order they were made."""

    payment: Payment
    allocations: tuple[Allocation, ...]
    refunds: tuple[Refund, ...]


def record_payment(deps: Deps, new: NewPayment) -> Payment:
    """The payment as kept, with the invoice it creates if the customer is billed so. Raises Invalid with every issue."""
    customer = find_customer(new.customer_id)
    if customer is None:
        raise Invalid.of(*_issues_of_nobody(deps, new))
    payment = _build_payment(deps, new, customer)
    if issues := [*_status_issues(new), *validate_payment(payment, customer.currency)]:
        raise Invalid.of(*issues)
    return replanned(lambda: _record(deps, payment, customer))


def check_new(deps: Deps, new: NewPayment) -> None:
    """Raise Invalid with every issue of a payment to be, an unknown customer among them; records nothing."""
    customer = find_customer(new.customer_id)
    if customer is None:
        raise Invalid.of(*_issues_of_nobody(deps, new))
    if issues := [*_status_issues(new), *validate_payment(_build_payment(deps, new, customer), customer.currency)]:
        raise Invalid.of(*issues)


def get_payment(payment_id: str) -> Payment:
    """The payment; NotFound."""
    return store.get_payment(payment_id)


def load_details(payment: Payment) -> PaymentDetails:
    """The payment with all that was ever done with it."""
    rows, refunds = load_payment_allocations(payment.id), load_refunds(payment.id)
    return PaymentDetails(payment=payment, allocations=tuple(rows), refunds=tuple(refunds))


def change_payment(deps: Deps, payment_id: str, changes: PaymentChanges, expected: int | None) -> Payment:
    """The payment as changed. Raises NotFound, Invalid with every issue, Conflict(stale_version) or what forbids it."""
    return replanned(lambda: _change(deps, payment_id, changes, expected))


def list_payments(
    deps: Deps, actor: Actor, search: PaymentSearch, limit: int, cursor: str | None
) -> tuple[list[Payment], str | None]:
    """A page of what matches, newest business date first.

    Raises Invalid for days that are the wrong way round; NotFound for a customer that is unknown or not the actor's own.
    """
    if issues := validate_span(search.first, search.last):
        raise Invalid.of(*issues)
    if actor.customer_id is not None:
        if search.customer_id not in {None, actor.customer_id}:
            raise NotFound("customer", str(search.customer_id))
        search = replace(search, customer_id=actor.customer_id)
    if search.customer_id is not None:
        get_customer(search.customer_id)
    return payment_list.list_payments(search, shards=deps.settings.list_shards, limit=limit, cursor=cursor)


def _build_payment(deps: Deps, new: NewPayment, customer: Customer) -> Payment:
    now = deps.entry_instant()
    on = new.date or local_date(deps.clock(), customer.timezone)
    payment = Payment(
        id=keys.payment_id(customer.id, on, deps.new_id()),
        customer_id=customer.id,
        amount=new.amount,
        currency=new.currency or customer.currency,
        date=on,
        method=new.method,
        reference=new.reference,
        description=new.description,
        status=new.status,
        created_at=now,
        updated_at=now,
    )
    return complete_at_once(payment)


def _status_issues(new: NewPayment) -> list[Issue]:
    if new.status is PaymentState.CANCELLED:
        return [Issue("status", "invalid_value", "A payment begins as pending or completed.")]
    return []


def _issues_of_nobody(deps: Deps, new: NewPayment) -> list[Issue]:
    """The unknown customer, and what is wrong with the payment whoever pays."""
    issues = [Issue("customer_id", "unknown_customer", "There is no customer with this id."), *_status_issues(new)]
    nobody = build_nobody(deps.clock(), new.currency or "EUR")
    try:
        return issues + validate_payment(_build_payment(deps, new, nobody), nobody.currency)
    except Invalid as error:  # an unknown currency has no digits to judge the amount by
        return [*issues, *error.issues]


def _record(deps: Deps, payment: Payment, customer: Customer) -> Payment:
    if not _brings_invoice(payment, customer):
        return payment if store.put_payment_once(payment, deps.settings.list_shards) else store.get_payment(payment.id)
    return store.find_payment(payment.id) or complete_with_invoice(deps, payment, customer, before=None)


def _change(deps: Deps, payment_id: str, changes: PaymentChanges, expected: int | None) -> Payment:
    before = store.get_payment(payment_id)
    check_version(before.version, expected)
    after = plan_change(before, changes, deps.entry_instant())
    if after == before:
        return before
    if before.status is not PaymentState.COMPLETED and after.status is PaymentState.COMPLETED:
        customer = get_customer(after.customer_id)
        if _brings_invoice(after, customer):
            return complete_with_invoice(deps, after, customer, before=before)
    return store.save_payment(before, after, deps.settings.list_shards)


def _brings_invoice(payment: Payment, customer: Customer) -> bool:
    return customer.create_invoice_on_payment and payment.status is PaymentState.COMPLETED
