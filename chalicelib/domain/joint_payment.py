"""Several payments on one invoice at once: the rules that each part and the whole must pass. All of them, or none."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.allocation import MAX_ALLOCATIONS, Amounts
from chalicelib.domain.errors import Conflict, Issue
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import total
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_rules import validate_amount
from chalicelib.domain.states import Action, check_action


def validate_parts(invoice: Invoice, payments: Mapping[str, Payment], parts: Amounts) -> list[Issue]:
    """Every issue of (payment id, amount) pairs by themselves, with paths such as `payments.0.amount`."""
    if not parts or len(parts) > MAX_ALLOCATIONS:
        code = "too_many_items" if parts else "required"
        return [Issue("payments", code, f"Name one to {MAX_ALLOCATIONS} payments.")]
    issues: list[Issue] = []
    for position, (payment_id, amount) in enumerate(parts):
        path = f"payments.{position}"
        if payment_id in [other for other, _ in parts[:position]]:
            issues.append(Issue(f"{path}.payment_id", "invalid_value", "Each payment is named once."))
        issues.extend(_payment_issues(invoice, payments.get(payment_id), f"{path}.payment_id"))
        issues.extend(validate_amount(amount, invoice.currency, f"{path}.amount"))
    return issues


def check_parts(invoice: Invoice, payments: Mapping[str, Payment], parts: Amounts, settings: OperatorSettings) -> None:
    """Pass parts without issues, or raise Conflict: wrong_state or over_allocated, naming the payment."""
    check_action(invoice, Action.ALLOCATE, settings)
    for payment_id, amount in parts:
        payment = payments[payment_id]
        if payment.status is not PaymentState.COMPLETED:
            raise Conflict("wrong_state", f"A payment that is {payment.status} cannot be allocated.", payment_id=payment_id)
        if amount > payment.unallocated:
            message = f"Only {payment.unallocated} {payment.currency} of the payment is unallocated."
            raise Conflict("over_allocated", message, payment_id=payment_id)
    if total(amount for _, amount in parts) > invoice.amount_due:
        raise Conflict("over_allocated", f"Only {invoice.amount_due} {invoice.currency} is due on {invoice.number}.")


def _payment_issues(invoice: Invoice, payment: Payment | None, path: str) -> list[Issue]:
    if payment is None:
        return [Issue(path, "unknown_payment", "There is no payment with this id.")]
    if payment.customer_id != invoice.customer_id:
        return [Issue(path, "customer_mismatch", "The payment is another customer's.")]
    if payment.currency != invoice.currency:
        return [Issue(path, "currency_mismatch", f"The payment is in {payment.currency}, the invoice in {invoice.currency}.")]
    return []
