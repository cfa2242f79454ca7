"""What others are told about: an event says that something became true of an invoice or a payment. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventType(StrEnum):
    """What may become true. Names are part of the interface: they are added, never changed."""

    INVOICE_ISSUED = "invoice.issued"
    INVOICE_REVISED = "invoice.revised"
    INVOICE_VOIDED = "invoice.voided"
    INVOICE_PAID = "invoice.paid"
    INVOICE_OVERDUE = "invoice.overdue"
    CREDIT_NOTE_ISSUED = "credit_note.issued"
    PAYMENT_COMPLETED = "payment.completed"
    PDF_READY = "pdf.ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that became true, in terms of the API. It may come more than once, always with the same `id`.

    `subject` is the public id of the invoice or payment, `sequence` the version of it that made the event true, so it grows per
    subject. `data` is flat and holds what the API shows of the subject: amounts as decimal strings, dates as YYYY-MM-DD.
    """

    id: str
    type: EventType
    occurred_at: datetime
    customer_id: str
    subject: str
    sequence: int
    data: dict[str, str]


def event_id(kind: EventType, subject: str, sequence: int) -> str:
    """The id of what became true of a subject with one of its versions: the same change has the same id, whoever derives it.

    >>> event_id(EventType.INVOICE_PAID, "acme.20261101.R", 4)
    'invoice.paid:acme.20261101.R:4'
    """
    return f"{kind}:{subject}:{sequence}"
