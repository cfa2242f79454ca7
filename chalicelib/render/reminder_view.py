"""A reminder letter as one plain mapping of display strings; it says what the mail of the same step says."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.reminder_letter import ReminderLetter
from chalicelib.render.drawable import drawable
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.payment_code import build_payment_code
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.view import page_view

FROM_OUTSIDE = ("title", "seller", "buyer", "facts", "greeting", "text", "owed", "payment", "footer")


def build_reminder_view(letter: ReminderLetter) -> dict[str, Any]:
    """Everything the template shows, formatted for the customer's locale."""
    invoice = letter.invoice
    locale = document_locale(invoice.customer.locale)
    formats, labels = Formats(locale, invoice.currency), Labels(locale)
    words = {
        "number": invoice.number or "",
        "due": formats.date(invoice.due_date),
        "amount": formats.money(invoice.amount_due),
    }
    view = {
        **page_view(invoice.operator, invoice.customer, labels),
        "title": labels.text(f"mail_{letter.step}_subject", **words),
        "created": f"{letter.made_on.isoformat()}T00:00:00+00:00",
        "facts": _facts(letter, formats, labels),
        "greeting": labels.text("mail_hello", name=invoice.customer.name),
        "text": labels.text(f"mail_{letter.step}_text", **words),
        "owed": {**words, "issued": formats.date(invoice.invoice_date), **_owed(letter, formats)},
        "payment": _payment(invoice, labels),
    }
    clean: dict[str, Any] = drawable(view)
    if locale.text_direction == "rtl":
        clean.update({key: keep_latin_order(clean[key]) for key in FROM_OUTSIDE})
    return clean


def _owed(letter: ReminderLetter, formats: Formats) -> dict[str, str]:
    days = formats.number(letter.days_overdue) if letter.days_overdue else ""
    return {"days": days, "total": formats.money(letter.invoice.total)}


def _payment(invoice: Invoice, labels: Labels) -> dict[str, Any]:
    """What to quote, where to pay to, and whether there is a code to scan."""
    quote = labels.segments("please_quote", number=invoice.number or "")
    return {
        "sentence": [{"text": segment.text, "strong": segment.strong} for segment in quote],
        "details": invoice.operator.payment_details.strip(),
        "has_code": build_payment_code(invoice) is not None,
    }


def _facts(letter: ReminderLetter, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    invoice: Invoice = letter.invoice
    facts = [("movement_date", formats.date(letter.made_on)), ("your_ref", invoice.buyer_reference)]
    return [{"label": labels.text(key), "value": value} for key, value in facts if value]
