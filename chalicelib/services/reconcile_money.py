"""Checks money: what payments gave is what documents got, and nothing was given twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.money import exponent
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store.books import Books, StoredAllocation, StoredPayment


def check_money(books: Books) -> Iterator[Finding]:
    """Findings about payments, allocations and what documents show as paid."""
    counted = [one for one in books.allocations if not one.is_reversed]
    on_invoices, of_payments = Counter[str](), Counter[str]()
    for one in counted:
        on_invoices[one.invoice_suffix] += one.amount
        of_payments[one.payment_id] += one.amount
    for invoice in books.invoices:
        if invoice.paid != on_invoices[invoice.suffix]:
            yield Finding("paid", invoice.id, f"{invoice.paid} paid, {on_invoices[invoice.suffix]} allocated")
    for payment in books.payments:
        yield from _check_payment(books, payment, of_payments[payment.id])
    for one in counted:
        yield from _check_ends(books, one)


def _check_payment(books: Books, payment: StoredPayment, allocated: int) -> Iterator[Finding]:
    unit = 10 ** exponent(payment.currency)
    given = (one for one in books.refunds if one.payment_id == payment.id and not one.is_reversed)
    refunded = sum(int(one.amount * unit) for one in given)
    rest = payment.amount - allocated - refunded
    if (payment.left, payment.refunded) != (rest, refunded) or rest < 0:
        detail = f"{payment.amount} − {allocated} allocated − {refunded} refunded leaves {rest}, {payment.left} stands there"
        yield Finding("payment", payment.id, detail)
    if allocated and payment.status != "completed":
        yield Finding("payment", payment.id, f"{allocated} allocated while {payment.status}")


def _check_ends(books: Books, allocation: StoredAllocation) -> Iterator[Finding]:
    payments = {payment.id: payment.currency for payment in books.payments}
    issued = {invoice.suffix: invoice.currency for invoice in books.invoices if invoice.status == "issued"}
    ends = payments.get(allocation.payment_id), issued.get(allocation.invoice_suffix)
    if ends != (allocation.currency, allocation.currency):
        yield Finding("allocation", allocation.id, f"{allocation.payment_id} → {allocation.invoice_suffix}: {ends}")
