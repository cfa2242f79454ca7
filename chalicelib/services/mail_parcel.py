"""Making a mail ready to go: what is true of document, customer and operator at this moment, as the bytes to hand over."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.invoice import PdfStatus
from chalicelib.domain.mail import Mail, MailStatus, find_obstacle
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.periods import local_date
from chalicelib.render.mail import render_letter
from chalicelib.render.mail_address import ascii_address
from chalicelib.render.mime import Correspondent, Envelope, build_message
from chalicelib.services.deps import Deps
from chalicelib.services.mail_enclosures import find_enclosures
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.settings import get_settings


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
    enclosures = find_enclosures(deps, mail, invoice, customer)
    if enclosures is None:
        return Obstacle(MailStatus.FAILED, "template_failed") if invoice.pdf_status is PdfStatus.FAILED else None
    envelope = Envelope(
        sender=Correspondent(name=invoice.operator.name, address=sender),
        to=Correspondent(name=invoice.customer.name, address=to),
        reply_to=ascii_address(settings.email) or "",
        thread=f"{mail.invoice_id}~{mail.name}",
        date=mail.created_at,
    )
    letter = render_letter(invoice, mail.reminder, settings.portal_url.replace("{invoice_id}", invoice.id), enclosures.document)
    return Parcel(raw=build_message(letter, envelope, enclosures.files), sender=sender, to=to)


def _find_sender(deps: Deps, settings: OperatorSettings) -> str | None:
    """The operator's choice, else the deployment's identity if that is an address."""
    return ascii_address(settings.email_from or deps.settings.email_identity)
