"""Which mails there are to be: the one that brings a new document, those that somebody asks for. `mail_sending` sends them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.invoice import Invoice, InvoiceStatus, PdfStatus
from chalicelib.domain.mail import BY_HAND, ISSUED, Mail, MailStatus, find_obstacle, is_wanted
from chalicelib.domain.mail_addresses import copy_name
from chalicelib.domain.party_rules import validate_email
from chalicelib.domain.periods import local_date
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.render.mail_address import ascii_address
from chalicelib.services.deps import Deps
from chalicelib.services.drawing_failures import not_drawn
from chalicelib.services.mail_enclosures import find_enclosed_letter
from chalicelib.services.metrics import count
from chalicelib.store.customers import find_customer, get_customer
from chalicelib.store.invoices import find_invoice, get_invoice
from chalicelib.store.mails import find_mail, list_mails, put_mail_again, put_mail_once
from chalicelib.store.queue import send_mail_work

DRAWING_SECONDS = 30
"""By when a PDF that is being drawn should be there."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A document and its customer as they are now."""

    invoice: Invoice
    customer: Customer


def announce(deps: Deps, *events: Event) -> None:
    """Queue the mails that bring documents whose PDFs are ready, if their customers asked for such mails. Again is harmless."""
    for event in events:
        _announce(deps, event)


def _announce(deps: Deps, event: Event) -> None:
    if event.type is not EventType.PDF_READY:
        return
    customer = find_customer(event.customer_id)
    if customer is None or not customer.email_invoices:
        return
    invoice = find_invoice(event.subject)
    if invoice is not None and is_wanted(invoice, customer, deps.clock()):
        queue_mails(deps, Occasion(invoice, customer), ISSUED)


def send_by_hand(deps: Deps, invoice_id: str, to: str | None) -> Mail:
    """Queue a mail that brings an issued document to an address, by default its customer's all; the same request makes it once.

    Raises NotFound, Invalid without a usable address, Conflict `wrong_state` or `template_failed`.
    """
    invoice = get_invoice(invoice_id)
    if invoice.status is not InvoiceStatus.ISSUED:
        raise Conflict("wrong_state", f"Only issued documents are mailed; this one is {invoice.status}.")
    if invoice.pdf_status is PdfStatus.FAILED:
        raise not_drawn(invoice.pdf_error)
    customer = get_customer(invoice.customer_id)
    address = to or customer.email
    check_address(address)
    occasion, name = Occasion(invoice, customer), BY_HAND + deps.new_id()
    return queue_mail(deps, occasion, name, address) if to else queue_mails(deps, occasion, name)


def check_address(address: str) -> None:
    """Raise Invalid unless mail can go there."""
    if not address:
        raise Invalid.of(Issue("to", "required", "The customer has no e-mail address; name one."))
    issues = validate_email(address, "to")
    if not issues and ascii_address(address) is None:
        issues = [Issue("to", "invalid_value", "Mail servers take only ASCII letters before the @.")]
    if issues:
        raise Invalid.of(*issues)


def list_document_mails(invoice_id: str) -> list[Mail]:
    """Every mail about a document, the oldest first; NotFound."""
    get_invoice(invoice_id)
    return list_mails(invoice_id)


def queue_mails(deps: Deps, occasion: Occasion, name: str, reminder: ReminderTemplate | None = None) -> Mail:
    """Queue a mail to the customer's address, which is returned, and a copy to each of its others.

    The copies come first: where the mail itself is there, its copies are, and an address that was added since gets none. Only
    reminders that did not leave are looked at again with their copies.
    """
    invoice, customer = occasion.invoice, occasion.customer
    if customer.email_cc and (reminder is not None or find_mail(invoice.id, name) is None):
        for address in customer.email_cc:
            queue_mail(deps, occasion, copy_name(name, address), address, reminder)
    return queue_mail(deps, occasion, name, customer.email, reminder)


def queue_mail(deps: Deps, occasion: Occasion, name: str, to: str, reminder: ReminderTemplate | None = None) -> Mail:
    """Keep a mail under its name and have it sent; one that is there already is only sent if it has not left yet.

    What keeps it from leaving is noted on it at once. A reminder that never left is queued again, unless the same keeps it still.
    """
    invoice, now = occasion.invoice, deps.clock()
    today = local_date(now, invoice.customer.timezone)
    mail = Mail(invoice_id=invoice.id, name=name, reminder=reminder, to=to, created_at=now, date=today)
    obstacle = find_obstacle(mail, invoice, occasion.customer, today)
    if obstacle is not None:
        status, reason = obstacle
        mail = replace(mail, status=status, reason=reason)
    kept = put_mail_once(mail, now)
    if reminder is not None and kept.never_left and (kept.status, kept.reason) != (mail.status, mail.reason):
        kept = put_mail_again(kept, mail, now)
    if kept.status is MailStatus.QUEUED:
        letter = find_enclosed_letter(deps, kept, invoice, occasion.customer)
        is_drawn = invoice.pdf_status is PdfStatus.READY and not letter.is_awaited
        send_mail_work([mail_message(kept.invoice_id, kept.name)], delay=0 if is_drawn else DRAWING_SECONDS)
    if kept is mail and kept.status is MailStatus.FAILED:
        count(deps, "MailFailed", invoice=invoice.id, mail=name, reason=kept.reason)
    return kept


def mail_message(invoice_id: str, name: str) -> dict[str, Any]:
    """The message that has a mail sent."""
    return {"type": "send_mail", "invoice_id": invoice_id, "mail": name}
