"""E-mails about a document: what is kept of each, and how answers of the mail service change it. Values and rules; sends nothing.

A mail has a name under its document, and the name can be taken once; so each mail is sent at most once. Only a reminder that
ended without having been handed over may be queued again under its name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.customer import Customer, EmailStatus
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.mail_addresses import COPY, find_trust, is_address_of
from chalicelib.domain.reminders import ReminderTemplate

ISSUED = "issued"
"""Name of the mail that brings a document when it is issued."""
BY_HAND = "hand-"
"""Names of mails that somebody asked for begin so."""
REMINDER = "reminder-"
"""Names of reminders begin so; the template follows."""
FRESH = timedelta(days=7)
"""A document that becomes ready later than this after its issue is not mailed by itself: it was rendered again, or its customer
asked for mails later."""


class MailStatus(StrEnum):
    """How far a mail is. `unknown`: handed over, but whether it was taken is not known; it is never sent again by itself.

    `failed`: it cannot be sent as things are; `dropped`: by the time it was to leave it had become pointless.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


OPEN = frozenset({MailStatus.QUEUED, MailStatus.SENDING})
"""What a mail may still leave by itself."""


class Feedback(StrEnum):
    """What the mail service reports later."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail about a document. `reminder` None: it brings the document. `reason` says why it was not sent, or how it bounced.

    `tried_at` is when it was handed to the mail service, `attempt` names who did, `message_id` is what that called it.
    """

    invoice_id: str
    name: str
    reminder: ReminderTemplate | None = None
    to: str
    status: MailStatus = MailStatus.QUEUED
    reason: str = ""
    created_at: datetime
    date: dt.date
    tried_at: datetime | None = None
    attempt: str = ""
    message_id: str = ""

    @property
    def never_left(self) -> bool:
        """Whether it ended without having been handed to the mail service: nothing of it has arrived or ever will."""
        return self.status in {MailStatus.FAILED, MailStatus.DROPPED} and self.tried_at is None

    @property
    def is_copy(self) -> bool:
        """Whether it is what another address gets along with a mail to the customer."""
        return COPY in self.name


def reminder_name(template: ReminderTemplate) -> str:
    """Name of the mail of a reminder: each template once per invoice.

    >>> reminder_name(ReminderTemplate.FINAL)
    'reminder-final'
    """
    return f"{REMINDER}{template}"


def is_wanted(invoice: Invoice, customer: Customer, at: datetime) -> bool:
    """Whether a document that is ready now is mailed by itself: issued lately, to a customer that asked for it."""
    if not customer.email_invoices or invoice.status is not InvoiceStatus.ISSUED or invoice.issued_at is None:
        return False
    return at - invoice.issued_at <= FRESH


def find_obstacle(mail: Mail, invoice: Invoice, customer: Customer, on: date) -> tuple[MailStatus, str] | None:
    """What keeps a mail from leaving on the customer's local day: the state it ends in, and why. None: let it go."""
    if invoice.status is not InvoiceStatus.ISSUED:
        return MailStatus.DROPPED, "void"
    if mail.reminder is not None and (pointless := _find_pointless(invoice, customer, on)):
        return MailStatus.DROPPED, pointless
    if not mail.to:
        return MailStatus.FAILED, "no_address"
    if mail.is_copy and not is_address_of(customer, mail.to):
        return MailStatus.DROPPED, "address_removed"
    trust = find_trust(customer, mail.to)
    if trust is not EmailStatus.OK and (mail.is_copy or not mail.name.startswith(BY_HAND)):
        return MailStatus.FAILED, f"address_{trust}"
    return None


def may_remind(invoice: Invoice, customer: Customer, on: date) -> bool:
    """Whether anybody is reminded of the invoice on the customer's local day."""
    is_owed = invoice.status is InvoiceStatus.ISSUED and invoice.kind is InvoiceKind.INVOICE
    return is_owed and not _find_pointless(invoice, customer, on)


_FEEDBACK: Mapping[Feedback, tuple[MailStatus, frozenset[MailStatus]]] = {
    Feedback.DELIVERED: (MailStatus.SENT, frozenset({MailStatus.SENDING, MailStatus.UNKNOWN})),
    Feedback.BOUNCED: (MailStatus.BOUNCED, frozenset({MailStatus.SENDING, MailStatus.UNKNOWN, MailStatus.SENT})),
    Feedback.COMPLAINED: (MailStatus.COMPLAINED, frozenset({MailStatus.SENDING, MailStatus.UNKNOWN, MailStatus.SENT})),
}
"""The state that each report leads to, and the states it may change: reports come twice and out of order."""


def apply_feedback(mail: Mail, feedback: Feedback, reason: str) -> Mail | None:
    """The mail as a report changes it; None when it tells nothing new."""
    status, before = _FEEDBACK[feedback]
    return replace(mail, status=status, reason=reason) if mail.status in before else None


def _find_pointless(invoice: Invoice, customer: Customer, on: date) -> str:
    if invoice.amount_due <= 0:
        return "paid"
    paused = customer.reminders_paused_until
    return "paused" if paused is not None and on <= paused else ""
