"""Making a mail ready to go: what is true of document, customer and operator at this moment, as the bytes to hand over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.invoice import Invoice, PdfStatus
from chalicelib.domain.mail import Mail, MailStatus, find_obstacle
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.periods import local_date
from chalicelib.render.mail import Enclosure, render_letter
from chalicelib.render.mime import Correspondent, Envelope, ascii_address, build_message
from chalicelib.services.deps import Deps
from chalicelib.store import objects
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.settings import get_settings

MAX_ATTACHMENT = 5 * 1024 * 1024
"""Bytes of a PDF that goes along; many mailboxes refuse more than 10 MB, and a third is added on the way."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message and where it goes from and to."""

    raw: bytes
    sender: str
    to: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a mail does not leave: the state it ends in."""

    status: MailStatus
    reason: str


def pack_parcel(deps: Deps, mail: Mail) -> Parcel | Obstacle | None:
    """The mail as it is to be handed over, or what keeps it from leaving; None while its PDF is being drawn."""
    invoice, settings = get_invoice(mail.invoice_id), get_settings()
    customer = get_customer(invoice.customer_id)
    obstacle = find_obstacle(mail, invoice, customer, local_date(deps.clock(), invoice.customer.timezone))
    if obstacle is not None:
        return Obstacle(*obstacle)
    sender, to = _find_sender(deps, settings), ascii_address(mail.to)
    if sender is None or to is None:
        return Obstacle(MailStatus.FAILED, "no_sender" if sender is None else "bad_address")
    size = objects.find_size(objects.pdf_key(invoice.id, invoice.revision))
    if size is None:
        return Obstacle(MailStatus.FAILED, "template_failed") if invoice.pdf_status is PdfStatus.FAILED else None
    envelope = Envelope(
        sender=Correspondent(name=invoice.operator.name, address=sender),
        to=Correspondent(name=invoice.customer.name, address=to),
        reply_to=ascii_address(settings.email) or "",
        thread=f"{mail.invoice_id}~{mail.name}",
        date=mail.created_at,
    )
    return Parcel(raw=_build(mail, invoice, settings, envelope, size), sender=sender, to=to)


def _build(mail: Mail, invoice: Invoice, settings: OperatorSettings, envelope: Envelope, size: int) -> bytes:
    link = settings.portal_url.replace("{invoice_id}", invoice.id)
    enclosure = Enclosure.ATTACHED if size <= MAX_ATTACHMENT else Enclosure.TOO_LARGE
    letter = render_letter(invoice, mail.reminder, link, enclosure)
    pdf = objects.find_object(objects.pdf_key(invoice.id, invoice.revision)) if enclosure is Enclosure.ATTACHED else None
    name = f"{_UNSAFE.sub('-', invoice.number or 'document')}.pdf"
    return build_message(letter, envelope, {name: pdf} if pdf else {})


def _find_sender(deps: Deps, settings: OperatorSettings) -> str | None:
    """The operator's choice, else the deployment's identity if that is an address."""
    return ascii_address(settings.email_from or deps.settings.email_identity)
