"""What an allocation would do now: amounts by hand or by strategy, checked against what is there. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.allocation import (
    AllocationStrategy,
    Amounts,
    OpenInvoice,
    check_allocations,
    plan_allocation,
    validate_allocations,
)
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.money import to_minor, total
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.domain.payment_rules import default_date, validate_date
from chalicelib.domain.periods import local_date
from chalicelib.services.versions import check_version
from chalicelib.store import keys
from chalicelib.store.contention import OvertakenError
from chalicelib.store.customers import get_customer
from chalicelib.store.invoice_batches import load_invoices, load_summaries
from chalicelib.store.payments import get_payment
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatePayment:
    """By `strategy`, or else by hand with `amounts`; on a business date (None: today, or when the money is free).

    `version` is the payment's (None: any), `invoice_versions` are those of invoices that must be as they were; `plan_token` is
    that of a preview, which must still be what would happen.
    """

    payment_id: str
    strategy: AllocationStrategy | None = None
    amounts: Amounts = ()
    date: date | None = None
    version: int | None = None
    invoice_versions: Mapping[str, int] = field(default_factory=dict)
    plan_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be allocated from the state that was read, and the token that tells this plan from any other."""

    payment: Payment
    invoices: Mapping[str, Invoice]
    rows: tuple[Allocation, ...]
    token: str

    @property
    def remaining(self) -> Decimal:
        """What would be left of the payment."""
        return self.payment.unallocated - total(row.amount for row in self.rows)


def build_plan(command: AllocatePayment, *, request: str, at: datetime) -> Plan:
    """Load, decide and check; ids of the rows follow from the request's.

    Raises NotFound; Invalid with every issue; Conflict: stale_version, stale_plan, wrong_state, over_allocated; OvertakenError.
    """
    payment = get_payment(command.payment_id)
    check_version(payment.version, command.version)
    amounts = command.amounts if command.strategy is None else _choose_amounts(payment, command.strategy)
    invoices = load_invoices([invoice_id for invoice_id, _ in amounts])
    for invoice in invoices.values():
        check_version(invoice.version, command.invoice_versions.get(invoice.id))
    _check(command, payment, invoices, amounts, at)
    token = _token(payment, invoices, amounts)
    if command.plan_token not in {None, token}:
        raise Conflict("stale_plan")
    on = command.date or default_date(payment, local_date(at, get_customer(payment.customer_id).timezone))
    rows = tuple(
        build_row(payment, invoices[key], amount, number=f"{request}{position:02d}", on=on, at=at)
        for position, (key, amount) in enumerate(amounts)
    )
    return Plan(payment=payment, invoices=invoices, rows=rows, token=token)


def check_amounts(payment: Payment, amounts: Amounts) -> None:
    """Pass what could be allocated by hand now, of a payment that need not be recorded yet.

    Raises Invalid with every issue; Conflict: wrong_state, over_allocated.
    """
    invoices = load_invoices([invoice_id for invoice_id, _ in amounts])
    if issues := validate_allocations(payment, invoices, amounts):
        raise Invalid.of(*issues)
    check_allocations(payment, invoices, amounts, get_settings())


def _choose_amounts(payment: Payment, strategy: AllocationStrategy) -> Amounts:
    owing = [
        OpenInvoice(invoice_id=one.id, invoice_date=one.invoice_date, due_date=one.due_date, amount_due=one.amount_due)
        for one in load_summaries(payment.customer_id)
        if one.kind is InvoiceKind.INVOICE and one.status is InvoiceStatus.ISSUED and one.currency == payment.currency
    ]
    return plan_allocation(payment.unallocated, owing, strategy).lines


def _check(command: AllocatePayment, payment: Payment, invoices: Mapping[str, Invoice], amounts: Amounts, at: datetime) -> None:
    settings, issues = get_settings(), validate_date(payment, command.date, at)
    if command.strategy is None:
        issues += validate_allocations(payment, invoices, amounts)
    if issues:
        raise Invalid.of(*issues)
    if command.strategy is None:
        check_allocations(payment, invoices, amounts, settings)
        return
    try:
        check_allocations(payment, invoices, amounts, settings)
    except Conflict as error:
        if amounts:  # an invoice was paid or voided since it was chosen; choose again
            raise OvertakenError from error
        raise


def _token(payment: Payment, invoices: Mapping[str, Invoice], amounts: Amounts) -> str:
    """A hash of the state that the plan stands on and of what it does."""
    lines = [f"{key} {invoices[key].version} {to_minor(amount, payment.currency)}" for key, amount in amounts]
    return hashlib.sha256("\n".join([payment.id, str(payment.version), *lines]).encode()).hexdigest()[:32]


def build_row(payment: Payment, invoice: Invoice, amount: Decimal, *, number: str, on: date, at: datetime) -> Allocation:
    """The allocation of an amount of the payment to the invoice."""
    return Allocation(
        id=keys.allocation_id(payment.id, number),
        payment_id=payment.id,
        invoice_id=invoice.id,
        invoice_number=invoice.number or "",
        customer_id=payment.customer_id,
        amount=amount,
        currency=payment.currency,
        date=on,
        created_at=at,
    )
