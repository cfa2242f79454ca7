"""The daily look at invoices that are due: who is told that one became overdue, and who is reminded of it.

Candidates come from the list index; each is decided by itself, on consistent reads, as its customer's local day has it. The look
goes through the queue of mails, a page and then an invoice a message, so that it may be cut off and repeated anywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.event_rules import invoice_event
from chalicelib.domain.events import EventType
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.invoice_search import InvoiceSearch, InvoiceSummary, ListedStatus
from chalicelib.domain.mail import REMINDER, Mail, MailStatus, may_remind, reminder_name
from chalicelib.domain.periods import local_date
from chalicelib.domain.reminders import ReminderStep, ReminderTemplate, days_ahead, find_due_step, find_reminder
from chalicelib.services.deps import Deps
from chalicelib.services.event_listeners import announce
from chalicelib.services.mailing import Occasion, queue_mails
from chalicelib.store.customers import find_customer
from chalicelib.store.invoice_list import list_invoices
from chalicelib.store.invoices import find_invoice
from chalicelib.store.mails import list_mails
from chalicelib.store.overdue import mark_overdue, note_told
from chalicelib.store.queue import send_mail_work
from chalicelib.store.settings import get_settings

PAGE = 200
"""Invoices looked at by one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder of an invoice: which step, on which day of the customer, and how far its mail is."""

    step: ReminderTemplate
    date: dt.date
    status: MailStatus


def remind_page(deps: Deps, as_of: datetime, cursor: str | None) -> None:
    """Have a page of the invoices that may be due at an instant looked at, and then the next page."""
    steps = get_settings().reminders
    horizon = as_of + timedelta(days=days_ahead(steps) + 1)
    search = InvoiceSearch(as_of=horizon, status=ListedStatus.OVERDUE)
    rows, following = list_invoices(search, shards=deps.settings.list_shards, limit=PAGE, cursor=cursor)
    at = as_of.isoformat()
    messages: list[dict[str, Any]] = [
        {"type": "remind_invoice", "invoice_id": row.id, "as_of": at} for row in rows if _is_candidate(row, steps, as_of)
    ]
    if following is not None:
        messages.append({"type": "remind_page", "as_of": at, "cursor": following})
    send_mail_work(messages)


def remind_invoice(deps: Deps, invoice_id: str, as_of: datetime) -> None:
    """Tell others that an invoice is overdue, once per due date, and queue the mail of the reminder that is due, each once.

    A reminder that never left does not count: while its step is still due, it is queued again.
    """
    invoice = find_invoice(invoice_id)
    customer = find_customer(invoice.customer_id) if invoice else None
    if invoice is None or customer is None:
        return
    today = local_date(as_of, invoice.customer.timezone)
    if invoice.is_overdue(today):
        _tell_overdue(deps, invoice)
    if not may_remind(invoice, customer, today):
        return
    reminded = [mail.reminder for mail in _list_main(invoice_id) if mail.reminder is not None and not mail.never_left]
    step = find_reminder(get_settings().reminders, reminded, invoice.due_date, today)
    if step is not None:
        queue_mails(deps, Occasion(invoice, customer), reminder_name(step.template), step.template)


def list_reminders(invoice_id: str) -> list[Reminder]:
    """The reminders of an invoice, the oldest first."""
    return [
        Reminder(step=mail.reminder, date=mail.date, status=mail.status)
        for mail in _list_main(invoice_id)
        if mail.reminder is not None
    ]


def _list_main(invoice_id: str) -> list[Mail]:
    """Reminders to the customer's own address: these decide which step comes next, copies only go along."""
    return [mail for mail in list_mails(invoice_id, REMINDER) if not mail.is_copy]


def _is_candidate(row: InvoiceSummary, steps: Sequence[ReminderStep], as_of: datetime) -> bool:
    today = local_date(as_of, row.timezone)
    return row.is_overdue(as_of) or find_due_step(steps, row.due_date, today) is not None


def _tell_overdue(deps: Deps, invoice: Invoice) -> None:
    """The event carries the version that was marked first, so it has one id however often it has to be told."""
    mark = mark_overdue(invoice.id, invoice.due_date, invoice.version)
    if mark.is_told:
        return
    found = replace(invoice, version=mark.version)
    announce(deps, [invoice_event(EventType.INVOICE_OVERDUE, found, deps.clock())])
    note_told(invoice.id, mark)
