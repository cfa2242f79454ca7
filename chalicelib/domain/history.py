"""A customer's account over time: what was open, unallocated and moved, on any day, as known at any instant.

Reads documents, payments, refunds and allocations that were loaded elsewhere. What counts on a day follows from business dates
alone; what was known at an instant from the instants of entry alone. So the same question gets the same answer for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from chalicelib.domain.ageing import OpenItem
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.money import ZERO, total
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund, Use
from chalicelib.domain.periods import local_date

_Use = TypeVar("_Use", bound=Use)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All issued and void documents, payments, refunds and allocations of one customer.

    `revisions` are the earlier revisions by invoice, latest first, where the question may need them.
    """

    documents: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    revisions: Mapping[str, tuple[Invoice, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What was open and what was unallocated at the end of a day."""

    open_items: tuple[OpenItem, ...]
    unallocated: Decimal


def check_known_at(known_at: datetime | None, now: datetime) -> None:
    """Raise Invalid for an instant to come: what will be known by then is not known yet."""
    if known_at is not None and known_at > now:
        raise Invalid.of(Issue("known_at", "invalid_date", "The instant is to come; nobody knows what will be known by then."))


def restrict_to_known(history: History, known_at: datetime) -> History:
    """The account as the books had it at the instant: later entries, revisions, voids and reversals have not happened."""
    return History(
        documents=tuple(_known_documents(history, known_at)),
        payments=tuple(_known_payments(history.payments, known_at)),
        refunds=tuple(_known_uses(history.refunds, known_at)),
        allocations=tuple(_known_uses(history.allocations, known_at)),
    )


def calculate_position(history: History, as_of: date) -> Position:
    """Open amounts by invoice, and money without an invoice, by business dates.

    An allocation counts only while both its payment and its invoice do, so neither side can owe more than it is.
    What a credit note gave the customer is money like any other, so its document counts without that. Credit beyond what an
    invoice owes on that day stands with the unallocated money.
    """
    invoices = {one.id: one for one in history.documents if _is_invoice(one) and _stands(one, as_of)}
    payments = {one.id: one for one in history.payments if _counts(one) and one.date <= as_of}
    allocated = [one for one in history.allocations if _connects(one, invoices, payments) and one.is_effective(as_of)]
    given = {one.credit_note_id: one.amount for one in payments.values() if one.credit_note_id}
    owed = _amounts_owed(invoices, allocated, [one for one in history.documents if _stands(one, as_of)], given)
    refunded = total(one.amount for one in history.refunds if one.payment_id in payments and one.is_effective(as_of))
    money = total(one.amount for one in payments.values()) - refunded - total(one.amount for one in allocated)
    return Position(
        open_items=tuple(_item(invoices[key], amount) for key, amount in owed.items() if amount > 0),
        unallocated=money - total(amount for amount in owed.values() if amount < 0),
    )


def void_date(invoice: Invoice) -> date | None:
    """The business day from which a void document counts no more: the day it was voided, but not before its own date."""
    if invoice.voided_at is None:
        return None
    return max(local_date(invoice.voided_at, invoice.customer.timezone), invoice.invoice_date)


def _is_invoice(document: Invoice) -> bool:
    return document.kind is InvoiceKind.INVOICE


def _counts(payment: Payment) -> bool:
    return payment.status is PaymentState.COMPLETED


def _stands(document: Invoice, as_of: date) -> bool:
    ended = void_date(document)
    return document.invoice_date <= as_of and (ended is None or as_of < ended)


def _connects(allocation: Allocation, invoices: Mapping[str, Invoice], payments: Mapping[str, Payment]) -> bool:
    return allocation.invoice_id in invoices and allocation.payment_id in payments


def _amounts_owed(
    invoices: Mapping[str, Invoice],
    allocated: Iterable[Allocation],
    standing: Iterable[Invoice],
    given: Mapping[str, Decimal],
) -> dict[str, Decimal]:
    owed = {key: invoice.total for key, invoice in invoices.items()}
    for allocation in allocated:
        owed[allocation.invoice_id] -= allocation.amount
    for document in standing:
        if not _is_invoice(document):
            original = document.original_invoice_id or document.id
            owed[original] = owed.get(original, ZERO) - document.total + given.get(document.id, ZERO)
    return owed


def _item(invoice: Invoice, amount: Decimal) -> OpenItem:
    return OpenItem(customer_id=invoice.customer_id, due_date=invoice.due_date, amount_due=amount)


def _known_documents(history: History, known_at: datetime) -> Iterable[Invoice]:
    for document in history.documents:
        if document.issued_at is not None and document.issued_at <= known_at:
            known = _known_revision(document, history.revisions.get(document.id, ()), known_at)
            if document.voided_at is not None and document.voided_at <= known_at:
                yield known
            else:
                yield replace(known, status=InvoiceStatus.ISSUED, voided_at=None)


def _known_revision(document: Invoice, earlier: Iterable[Invoice], known_at: datetime) -> Invoice:
    """The revision in force at the instant, with the end that the document came to."""
    for revision in (document, *earlier):
        if revision.revised_at is None or revision.revised_at <= known_at:
            return replace(revision, status=document.status, voided_at=document.voided_at)
    raise AssertionError("the first revision has no instant of revision")


def _known_payments(payments: Iterable[Payment], known_at: datetime) -> Iterable[Payment]:
    for payment in payments:
        completed = payment.completed_at is not None and payment.completed_at <= known_at
        if completed and (payment.cancelled_at is None or known_at < payment.cancelled_at):
            yield replace(payment, status=PaymentState.COMPLETED)


def _known_uses(uses: Iterable[_Use], known_at: datetime) -> Iterable[_Use]:
    for use in uses:
        if use.created_at <= known_at:
            is_back = use.reversed_at is not None and use.reversed_at <= known_at
            yield use if is_back else replace(use, reversed_at=None, reversed_date=None)
