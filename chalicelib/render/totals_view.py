"""The bottom of a document as display strings: tax summary, totals, the highlighted figure, how to pay.

Every figure is the stored one; nothing is added up here.
"""

from __future__ import annotations

from typing import Any

from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.tax import TaxCategory, TaxGroup
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels
from chalicelib.render.payment_code import build_payment_code
from chalicelib.render.printable import keep_latin_order


def tax_rows(invoice: Invoice, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    """One row per (category, percent) with the category in words and the reason why no tax is charged."""
    return [
        {
            "name": f"{group.name} {formats.percent_in_text(group.percent)}".strip(),
            "note": _note(group, labels),
            "net": formats.money(group.net),
            "tax": formats.money(group.tax),
        }
        for group in invoice.taxes
    ]


def total_rows(invoice: Invoice, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    """Subtotal, tax, then (where they differ from the highlighted figure) total, paid, credited and refunded."""
    rows = [("subtotal", invoice.subtotal), ("tax", invoice.tax_total)]
    settled = [("paid", -invoice.amount_paid), ("credited", -invoice.amount_credited), ("refunded", invoice.amount_refunded)]
    moved = [(key, amount) for key, amount in settled if amount]
    if moved and invoice.kind is InvoiceKind.INVOICE:
        rows += [("total", invoice.total), *moved]
    return [{"label": labels.text(key), "value": formats.money(amount)} for key, amount in rows]


def highlighted(invoice: Invoice, formats: Formats, labels: Labels) -> dict[str, str]:
    """The figure a reader looks for first: amount due, a credit note's total, or the total of what is void."""
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return {"label": labels.text("credit_total"), "value": formats.money(invoice.total)}
    if invoice.status is InvoiceStatus.VOID:
        return {"label": labels.text("total"), "value": formats.money(invoice.total)}
    return {"label": labels.text("amount_due"), "value": formats.money(invoice.amount_due)}


def payment_view(invoice: Invoice, formats: Formats, labels: Labels, *, draft: bool) -> dict[str, Any] | None:
    """How to pay; None where nothing is to be paid (credit note, void, nothing due). A draft never carries a payment code."""
    payable = invoice.kind is InvoiceKind.INVOICE and invoice.status is not InvoiceStatus.VOID
    if not payable or invoice.amount_due <= 0:
        return None
    values = {"amount": formats.money(invoice.amount_due), "due": formats.date(invoice.due_date)}
    sentence = (
        labels.segments("please_pay", number=invoice.number, **values)
        if invoice.number
        else labels.segments("please_pay_draft", **values)
    )
    return {
        "sentence": [{"text": segment.text, "strong": segment.strong} for segment in sentence],
        "details": invoice.operator.payment_details.strip(),
        "has_code": not draft and build_payment_code(invoice) is not None,
    }


def _note(group: TaxGroup, labels: Labels) -> str:
    """Category and reason, each in its own order of reading."""
    parts = list(filter(None, (_category(group, labels), group.reason)))
    return " · ".join(keep_latin_order(parts) if labels.locale.text_direction == "rtl" else parts)


def _category(group: TaxGroup, labels: Labels) -> str:
    if group.category is TaxCategory.STANDARD:
        return ""
    return f"{labels.text(f'category_{group.category}')} ({group.category})"
