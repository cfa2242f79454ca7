"""A mail about a document as subject, text and HTML, in the document's language. Sends nothing, and attaches nothing itself.

The same sandbox and catalogues as documents. The text names what the HTML shows: neither is a lesser version of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Template

from chalicelib.domain.invoice import Invoice, InvoiceKind
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.render.enclosure import Enclosure
from chalicelib.render.formats import Formats
from chalicelib.render.html import build_environment
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.printable import keep_latin_order, printable
from chalicelib.render.view import colours_of, footer_lines

FROM_OUTSIDE = ("greeting", "text", "request", "facts", "payment_details", "seller", "footer")
"""Parts that mix the document's language with names and addresses of any script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered mail."""

    subject: str
    text: str
    html: str


def render_letter(invoice: Invoice, reminder: ReminderTemplate | None, link: str, enclosure: Enclosure) -> Letter:
    """The mail that brings a document, or reminds of it. `link` is empty or leads to it."""
    view = build_letter_view(invoice, reminder, link, enclosure)
    text, html = (_template(kind).render(**view) for kind in ("txt", "html"))
    return Letter(subject=" ".join(view["subject"].split()), text=text, html=html)


def build_letter_view(invoice: Invoice, reminder: ReminderTemplate | None, link: str, enclosure: Enclosure) -> dict[str, Any]:
    """Everything that the templates show, formatted for the customer's locale."""
    locale = document_locale(invoice.customer.locale)
    formats, labels = Formats(locale, invoice.currency), Labels(locale)
    kind = reminder or invoice.kind
    words = _words(invoice, formats)
    view = {
        "lang": str(locale).replace("_", "-"),
        "dir": locale.text_direction,
        **colours_of(invoice.operator.accent_colour),
        "labels": labels.all(),
        "subject": labels.text(f"mail_{kind}_subject", **words),
        "greeting": labels.text("mail_hello", name=invoice.customer.name),
        "text": labels.text(f"mail_{kind}_text", **words),
        "request": _request(invoice, reminder, labels, words),
        "facts": _facts(invoice, formats, labels),
        "link": link,
        "document": _document(enclosure, link, labels),
        "payment_details": invoice.operator.payment_details.strip() if _is_owed(invoice) else "",
        "seller": invoice.operator.name,
        "footer": [line for line in footer_lines(invoice.operator) if line != invoice.operator.name],
    }
    clean: dict[str, Any] = printable(view)
    if locale.text_direction == "rtl":
        clean.update({key: keep_latin_order(clean[key]) for key in FROM_OUTSIDE})
    return clean


def _words(invoice: Invoice, formats: Formats) -> dict[str, str]:
    return {
        "number": invoice.number or "",
        "seller": invoice.operator.name,
        "date": formats.date(invoice.invoice_date),
        "due": formats.date(invoice.due_date),
        "total": formats.money(invoice.total),
        "amount": formats.money(invoice.amount_due),
    }


def _request(invoice: Invoice, reminder: ReminderTemplate | None, labels: Labels, words: dict[str, str]) -> str:
    """What an invoice asks for; a reminder says it in its own words."""
    if reminder not in {None, ReminderTemplate.UPCOMING} or not _is_owed(invoice):
        return ""
    return labels.text("please_pay", amount=words["amount"], due=words["due"], number=words["number"])


def _facts(invoice: Invoice, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    facts = [(invoice.kind.value, invoice.number or ""), ("issued", formats.date(invoice.invoice_date))]
    if invoice.kind is InvoiceKind.INVOICE:
        facts.append(("due", formats.date(invoice.due_date)))
        facts += [("total", formats.money(invoice.total)), ("amount_due", formats.money(invoice.amount_due))]
    else:
        facts.append(("credit_total", formats.money(invoice.total)))
    return [{"label": labels.text(key), "value": value} for key, value in facts]


def _document(enclosure: Enclosure, link: str, labels: Labels) -> str:
    if enclosure is Enclosure.ATTACHED:
        return labels.text("mail_attached")
    return "" if link else labels.text("mail_too_large")


def _is_owed(invoice: Invoice) -> bool:
    return invoice.kind is InvoiceKind.INVOICE and invoice.amount_due > 0


@cache
def _template(kind: str) -> Template:
    """Parsed once per process; in plain text nothing is escaped, since nothing is read as markup there."""
    environment = build_environment().overlay(autoescape=kind == "html")
    return environment.get_template(f"email/message.{kind}")
