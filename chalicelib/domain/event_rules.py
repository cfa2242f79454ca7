"""Which events a change of an invoice or payment amounts to. Looks at the two states and nothing else, so it may be asked again.

`invoice.overdue` is none of them: time passes without anything changing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeGuard

from chalicelib.domain.events import Event, EventType, event_id
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PaymentStatus, PdfStatus
from chalicelib.domain.money import quantise
from chalicelib.domain.payment import Payment, PaymentState

AMOUNTS = ("total", "amount_paid", "amount_credited", "amount_refunded", "amount_due")
TEXTS = ("number", "customer_name", "original_invoice_id", "original_invoice_number", "reason")


def events_of(before: object, after: object, at: datetime) -> tuple[Event, ...]:
    """The events of a change of any object, in the order they came true; `at` is when it was written."""
    if isinstance(after, Invoice):
        earlier = before if isinstance(before, Invoice) else None
        return tuple(invoice_event(kind, after, at) for kind in _of_invoice(earlier, after))
    if isinstance(after, Payment) and _completes(before if isinstance(before, Payment) else None, after):
        return (payment_event(EventType.PAYMENT_COMPLETED, after, at),)
    return ()


def invoice_event(kind: EventType, invoice: Invoice, at: datetime) -> Event:
    """An event of an invoice or credit note, as it is with this version."""
    return Event(
        id=event_id(kind, invoice.id, invoice.version),
        type=kind,
        occurred_at=at,
        customer_id=invoice.customer_id,
        subject=invoice.id,
        sequence=invoice.version,
        data=_invoice_data(invoice),
    )


def payment_event(kind: EventType, payment: Payment, at: datetime) -> Event:
    """An event of a payment, as it is with this version."""
    return Event(
        id=event_id(kind, payment.id, payment.version),
        type=kind,
        occurred_at=at,
        customer_id=payment.customer_id,
        subject=payment.id,
        sequence=payment.version,
        data=_payment_data(payment),
    )


def _of_invoice(before: Invoice | None, after: Invoice) -> Iterator[EventType]:
    if after.status is InvoiceStatus.ISSUED and not _is_issued(before):
        yield EventType.CREDIT_NOTE_ISSUED if after.kind is InvoiceKind.CREDIT_NOTE else EventType.INVOICE_ISSUED
    if after.status is InvoiceStatus.ISSUED and _is_issued(before) and before.revision < after.revision:
        yield EventType.INVOICE_REVISED
    if after.status is InvoiceStatus.VOID and _is_issued(before):
        yield EventType.INVOICE_VOIDED
    if _is_paid(after) and not _is_paid(before):
        yield EventType.INVOICE_PAID
    if after.pdf_status is PdfStatus.READY and (before is None or before.pdf_status is not PdfStatus.READY):
        yield EventType.PDF_READY


def _is_issued(invoice: Invoice | None) -> TypeGuard[Invoice]:
    return invoice is not None and invoice.status is InvoiceStatus.ISSUED


def _is_paid(invoice: Invoice | None) -> bool:
    if invoice is None or invoice.kind is not InvoiceKind.INVOICE or invoice.status is not InvoiceStatus.ISSUED:
        return False
    return invoice.payment_status is PaymentStatus.PAID


def _completes(before: Payment | None, after: Payment) -> bool:
    """Whether money came in by it; the credit of a credit note is none."""
    if after.status is not PaymentState.COMPLETED or after.credit_note_id is not None:
        return False
    return before is None or before.status is not PaymentState.COMPLETED


def _invoice_data(invoice: Invoice) -> dict[str, str]:
    """What the API shows of it in a list; texts that are empty are left out."""
    texts = {name: invoice.customer.name if name == "customer_name" else getattr(invoice, name) for name in TEXTS}
    payable = invoice.kind is InvoiceKind.INVOICE and invoice.status is InvoiceStatus.ISSUED
    return {
        "kind": invoice.kind.value,
        "status": invoice.status.value,
        **({"payment_status": invoice.payment_status.value} if payable else {}),
        "revision": str(invoice.revision),
        "currency": invoice.currency,
        **{name: str(quantise(getattr(invoice, name), invoice.currency)) for name in AMOUNTS},
        "invoice_date": invoice.invoice_date.isoformat(),
        "due_date": invoice.due_date.isoformat(),
        **{name: text for name, text in texts.items() if text},
    }


def _payment_data(payment: Payment) -> dict[str, str]:
    """What the API shows of it, without the description, whose end is internal."""
    amounts = ("amount", "allocated", "unallocated", "refunded")
    texts = {"method": payment.method, "reference": payment.reference}
    return {
        "status": payment.status.value,
        "currency": payment.currency,
        **{name: str(quantise(getattr(payment, name), payment.currency)) for name in amounts},
        "date": payment.date.isoformat(),
        **{name: text for name, text in texts.items() if text},
    }
