"""Checks money: what payments gave is what documents got, and nothing was given twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from chalicelib.domain.money import exponent
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store.books import Books, StoredAllocation, StoredPayment


def check_money(books: Books) -> Iterator[Finding]:
    """Findings about payments, allocations and what documents show as paid."""
    counted = [one for one in books.allocations if not one.is_reversed]
    given_back: dict[str, Decimal] = defaultdict(Decimal)
    for refund in books.refunds:
        given_back[refund.payment_id] += 0 if refund.is_reversed else refund.amount
    on_invoices, of_payments = Counter[str](), Counter[str]()
    for one in counted:
        on_invoices[one.invoice_suffix] += one.amount
        of_payments[one.payment_id] += one.amount
    for invoice in books.invoices:
        if invoice.paid != on_invoices[invoice.suffix]:
            yield Finding("paid", invoice.id, f"{invoice.paid} paid, {on_invoices[invoice.suffix]} allocated")
    for payment in books.payments:
        yield from _check_payment(payment, of_payments[payment.id], given_back[payment.id])
    yield from _check_ends(books, counted)


def _check_payment(payment: StoredPayment, allocated: int, given_back: Decimal) -> Iterator[Finding]:
    refunded = int(given_back * 10 ** exponent(payment.currency))
    rest = payment.amount - allocated - refunded
    if (payment.left, payment.refunded) != (rest, refunded) or rest < 0:
        detail = f"{payment.amount} − {allocated} allocated − {refunded} refunded leaves {rest}, {payment.left} stands there"
        yield Finding("payment", payment.id, detail)
    if allocated and payment.status != "completed":
        yield Finding("payment", payment.id, f"{allocated} allocated while {payment.status}")


def _check_ends(books: Books, allocations: Iterable[StoredAllocation]) -> Iterator[Finding]:
    payments = {payment.id: payment.currency for payment in books.payments}
    issued = {invoice.suffix: invoice.currency for invoice in books.invoices if invoice.status == "issued"}
    for one in allocations:
        ends = payments.get(one.payment_id), issued.get(one.invoice_suffix)
        if ends != (one.currency, one.currency):
            yield Finding("allocation", one.id, f"{one.payment_id} → {one.invoice_suffix}: {ends}")
