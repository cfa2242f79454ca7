"""A frozen document as one plain mapping of display strings: all that a template can see.

Nothing internal passes (customer id, external id, package and assignment ids, claimed days, who made it), and no object with
methods does.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from chalicelib.domain.fingerprint import fingerprint
from chalicelib.domain.invoice import CustomerSnapshot, Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.paper_rows import count_rows, fill_rows
from chalicelib.render.address import address_lines
from chalicelib.render.cover_lines import annex_note, cover_lines
from chalicelib.render.drawable import drawable
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.totals_view import highlighted, payment_view, tax_rows, total_rows

DEFAULT_ACCENT = "#2563eb"
INK, PAPER_WHITE = "#0f172a", "#ffffff"
DARK_BELOW = 150
"""Perceived brightness (0-255) under which white text is the more legible one on the accent colour."""
NO_BREAK = "\u00a0"
WIDE_FIGURES = {"unit_price": 12, "tax": 7, "amount": 14}
"""Characters from which figures get the layout with wide columns; in the narrow one they would be torn."""
WIDE_NET = 15
"""As above, in the tax summary."""
FROM_OUTSIDE = ("number", "seller", "buyer", "facts", "lines", "payment", "reason", "notes", "footer")
"""Parts that mix the document's language with names and addresses of any script."""


def build_view(invoice: Invoice, *, draft: bool = False, whole: bool = False) -> dict[str, Any]:
    """Everything a template shows, formatted for customer.locale.

    `draft` marks a preview of an issued document; `whole` puts all lines in the table, however many they are.
    """
    locale = document_locale(invoice.customer.locale)
    formats, labels = Formats(locale, invoice.currency), Labels(locale)
    draft = draft or invoice.status is InvoiceStatus.DRAFT
    view = {
        **page_view(invoice.operator, invoice.customer, labels),
        **_head(invoice, labels, draft=draft),
        "created": moment_of(invoice).isoformat(timespec="seconds"),
        "facts": _facts(invoice, formats, labels),
        "lines": cover_lines(invoice, formats, labels, whole=whole),
        "annex": "" if whole else annex_note(invoice, formats, labels),
        "taxes": tax_rows(invoice, formats, labels),
        "totals": total_rows(invoice, formats, labels),
        "highlight": highlighted(invoice, formats, labels),
        "payment": payment_view(invoice, formats, labels, draft=draft),
        "reason": invoice.reason.strip() if invoice.kind is InvoiceKind.CREDIT_NOTE else "",
        "notes": invoice.notes.strip(),
        "fingerprint": "" if draft else fingerprint(invoice),
    }
    clean: dict[str, Any] = drawable(view)
    clean["wide"] = _has_wide_figures(clean)
    if locale.text_direction == "rtl":
        clean.update({key: keep_latin_order(clean[key]) for key in FROM_OUTSIDE})
    return clean


def moment_of(invoice: Invoice) -> datetime:
    """The instant the document bears: of issue, or of making while it is a draft. Never the clock, so that bytes repeat."""
    return invoice.issued_at or invoice.created_at


def colours_of(accent_colour: str) -> dict[str, str]:
    """The operator's colour, and the one of text on it."""
    accent = accent_colour.lower()
    accent = accent if re.fullmatch("#[0-9a-f]{6}", accent) else DEFAULT_ACCENT
    red, green, blue = (int(accent[i : i + 2], 16) for i in (1, 3, 5))
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < DARK_BELOW
    return {"accent": accent, "accent_ink": PAPER_WHITE if dark else INK}


def footer_lines(operator: OperatorSnapshot) -> list[str]:
    """Who the operator is and how to reach it, and its own words: the small print of papers and mails."""
    address = operator.address
    town = f"{address.postcode} {address.city}".strip()
    identity = [operator.name, address.line1, town, operator.registration]
    contact = [operator.email, operator.phone, operator.website]
    return [line for line in [*fill_rows(identity), *fill_rows(contact), operator.footer.strip()] if line]


def page_label(labels: Labels) -> dict[str, str]:
    """The words around the page number and the count of pages, which the print engine fills in."""
    before, between, after = labels.text("page", page="\n", pages="\n").split("\n")
    return {"before": before, "between": between, "after": after}


def page_view(operator: OperatorSnapshot, customer: CustomerSnapshot, labels: Labels) -> dict[str, Any]:
    """What all papers show: language, paper, colours, parties and footer; number, mark and fingerprint are empty."""
    footer = footer_lines(operator)
    return {
        "lang": str(labels.locale).replace("_", "-"),
        "dir": labels.locale.text_direction,
        "paper": operator.paper.value,
        **colours_of(operator.accent_colour),
        "labels": labels.all(),
        "page_label": page_label(labels),
        "pages": "",
        "seller": seller_view(operator, labels),
        "buyer": buyer_view(customer, labels),
        "buyer_label": labels.text("addressee"),
        "footer": footer,
        "footer_rows": sum(map(count_rows, footer)),
        **dict.fromkeys(("number", "mark", "fingerprint"), ""),
    }


def _head(invoice: Invoice, labels: Labels, *, draft: bool) -> dict[str, Any]:
    mark = "void" if invoice.status is InvoiceStatus.VOID else "draft" if draft else ""
    credit_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    inclusive = invoice.prices_include_tax
    return {
        "title": labels.text(invoice.kind.value),
        "number": invoice.number or "",
        "mark": labels.text(mark) if mark else "",
        "buyer_label": labels.text("credit_to" if credit_note else "bill_to"),
        "unit_price_label": labels.text("unit_price_with_tax" if inclusive else "unit_price"),
        "amount_label": labels.text("net_amount" if inclusive else "amount"),
    }


def seller_view(operator: OperatorSnapshot, labels: Labels) -> dict[str, Any]:
    """The issuer: name, address and tax id as lines."""
    tax_id = [labels.text("tax_id", id=operator.tax_id)] if operator.tax_id else []
    lines = [*address_lines(operator.address, labels.locale), *tax_id]
    return {"name": operator.name, "lines": lines, "has_logo": bool(operator.logo)}


def buyer_view(customer: CustomerSnapshot, labels: Labels) -> dict[str, Any]:
    """The customer: name, address and tax id as lines."""
    tax_id = [labels.text("tax_id", id=customer.tax_id)] if customer.tax_id else []
    return {"name": customer.name, "lines": [*address_lines(customer.address, labels.locale), *tax_id]}


def _facts(invoice: Invoice, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    credit_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    facts = [
        ("issued", formats.date(invoice.invoice_date)),
        ("due", "" if credit_note else formats.date(invoice.due_date)),
        ("original_invoice", _original(invoice, formats) if credit_note else ""),
        ("period", formats.period(invoice.period) if invoice.period else ""),
        ("your_ref", invoice.buyer_reference),
    ]
    return [{"label": labels.text(key), "value": value} for key, value in facts if value]


def _original(invoice: Invoice, formats: Formats) -> str:
    """Number and date of the invoice that a credit note takes back, the date never torn; nothing where it has none."""
    on = invoice.original_invoice_date
    dated = f"({formats.date(on)})".replace(" ", NO_BREAK) if on else ""
    return f"{invoice.original_invoice_number or ''} {dated}".strip()


def _has_wide_figures(view: dict[str, Any]) -> bool:
    figures = [(line[name], most) for line in view["lines"] for name, most in WIDE_FIGURES.items()]
    figures += [(group["net"], WIDE_NET) for group in view["taxes"]]
    return any(len(figure) >= most for figure, most in figures)
