"""Which invoices a payment pays: strategies that plan, and the rules every allocation must pass.

Plans are values; the store's transaction moves the money and checks the amounts once more, under its locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import Conflict, Issue
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import total
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_rules import validate_amount
from chalicelib.domain.states import Action, check_action

MAX_ALLOCATIONS = 40
"""Invoices that are paid at once: what fits into one transaction. More are paid in steps."""
MAX_LINES = 1000
"""Invoices in one call. What a plan leaves out stays on the payment for the next call."""

Amounts = Sequence[tuple[str, Decimal]]
"""(invoice id, amount) pairs, as asked for or as planned."""


class AllocationStrategy(StrEnum):
    """How a payment finds its invoices."""

    OLDEST_DUE_FIRST = "oldest_due_first"
    OLDEST_FIRST = "oldest_first"
    LARGEST_FIRST = "largest_first"
    EXACT_MATCH = "exact_match"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An issued invoice that still owes something, in the payment's currency."""

    invoice_id: str
    invoice_date: date
    due_date: date
    amount_due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationPlan:
    """What each invoice would get, and what would remain on the payment."""

    lines: tuple[tuple[str, Decimal], ...]
    remaining: Decimal


def plan_allocation(unallocated: Decimal, open_invoices: Iterable[OpenInvoice], strategy: AllocationStrategy) -> AllocationPlan:
    """Fill invoices in the strategy's order until the money or `MAX_LINES` is used up; ties are decided by date, then id.

    >>> bills = [OpenInvoice(invoice_id=str(day), invoice_date=date(2026, 1, day), due_date=date(2026, 2, day),
    ...                      amount_due=Decimal("10.00")) for day in (2, 1)]
    >>> plan_allocation(Decimal("15.00"), bills, AllocationStrategy.OLDEST_FIRST).lines
    (('1', Decimal('10.00')), ('2', Decimal('5.00')))
    """
    owing = [invoice for invoice in open_invoices if invoice.amount_due > 0]
    lines = []
    remaining = unallocated
    for invoice in _STRATEGIES[strategy](unallocated, owing)[:MAX_LINES]:
        if remaining <= 0:
            break
        amount = min(remaining, invoice.amount_due)
        lines.append((invoice.invoice_id, amount))
        remaining -= amount
    return AllocationPlan(lines=tuple(lines), remaining=remaining)


def validate_allocations(payment: Payment, invoices: Mapping[str, Invoice], amounts: Amounts) -> list[Issue]:
    """Every issue of the request by itself, with paths such as `allocations.0.amount`; `invoices` are those that were found."""
    if not amounts:
        return [Issue("allocations", "required", "Name at least one invoice.")]
    if len(amounts) > MAX_LINES:
        return [Issue("allocations", "too_many_items", f"At most {MAX_LINES} invoices in one call.")]
    issues: list[Issue] = []
    seen: set[str] = set()
    for position, (invoice_id, amount) in enumerate(amounts):
        path = f"allocations.{position}"
        if invoice_id in seen:
            issues.append(Issue(f"{path}.invoice_id", "invalid_value", "Each invoice is named once."))
        seen.add(invoice_id)
        issues.extend(_invoice_issues(payment, invoices.get(invoice_id), f"{path}.invoice_id"))
        issues.extend(validate_amount(amount, payment.currency, f"{path}.amount"))
    return issues


def check_allocations(payment: Payment, invoices: Mapping[str, Invoice], amounts: Amounts, settings: OperatorSettings) -> None:
    """Pass a request without issues, or raise Conflict: wrong_state or over_allocated, naming the invoice."""
    if payment.status is not PaymentState.COMPLETED:
        raise Conflict("wrong_state", f"A payment that is {payment.status} cannot be allocated.")
    if total(amount for _, amount in amounts) > payment.unallocated:
        raise Conflict("over_allocated", f"Only {payment.unallocated} {payment.currency} of the payment is unallocated.")
    for invoice_id, amount in amounts:
        invoice = invoices[invoice_id]
        check_action(invoice, Action.ALLOCATE, settings)
        if amount > invoice.amount_due:
            message = f"Only {invoice.amount_due} {invoice.currency} is due on {invoice.number}."
            raise Conflict("over_allocated", message, invoice_id=invoice_id)


def _invoice_issues(payment: Payment, invoice: Invoice | None, path: str) -> Iterable[Issue]:
    if invoice is None:
        yield Issue(path, "unknown_invoice", "There is no invoice with this id.")
    elif invoice.customer_id != payment.customer_id:
        yield Issue(path, "customer_mismatch", "The invoice belongs to another customer.")
    elif invoice.currency != payment.currency:
        yield Issue(path, "currency_mismatch", f"The payment is in {payment.currency}, the invoice in {invoice.currency}.")


def _oldest_due_first(_unallocated: Decimal, owing: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    return sorted(owing, key=lambda one: (one.due_date, one.invoice_date, one.invoice_id))


def _oldest_first(_unallocated: Decimal, owing: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    return sorted(owing, key=lambda one: (one.invoice_date, one.due_date, one.invoice_id))


def _largest_first(_unallocated: Decimal, owing: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    return sorted(owing, key=lambda one: (-one.amount_due, one.due_date, one.invoice_date, one.invoice_id))


def _exact_match(unallocated: Decimal, owing: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    """Those that owe exactly this amount, the oldest due first: it takes all the money, so no other gets any."""
    return _oldest_due_first(unallocated, [one for one in owing if one.amount_due == unallocated])


_STRATEGIES: Mapping[AllocationStrategy, Callable[[Decimal, Sequence[OpenInvoice]], list[OpenInvoice]]] = {
    AllocationStrategy.OLDEST_DUE_FIRST: _oldest_due_first,
    AllocationStrategy.OLDEST_FIRST: _oldest_first,
    AllocationStrategy.LARGEST_FIRST: _largest_first,
    AllocationStrategy.EXACT_MATCH: _exact_match,
}
