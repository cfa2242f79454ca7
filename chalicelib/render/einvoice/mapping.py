"""The frozen document as an e-invoice of EN 16931. Pure: the same document gives the same values, whatever was paid since.

Refuses a document that lacks what the norm needs (see `requirements`). Figures are the document's own; only prices are derived.
"""

from __future__ import annotations

from datetime import date

from chalicelib.domain.errors import Invalid
from chalicelib.domain.fingerprint import ALGORITHM, fingerprint
from chalicelib.domain.invoice import Invoice, InvoiceKind
from chalicelib.render.einvoice.items import Items
from chalicelib.render.einvoice.model import EInvoice, PaymentMeans
from chalicelib.render.einvoice.parties import build_buyer, build_seller
from chalicelib.render.einvoice.periods import billed_period
from chalicelib.render.einvoice.requirements import find_gaps
from chalicelib.render.einvoice.taxes import tax_rows
from chalicelib.render.payment_code import find_iban
from chalicelib.render.printable import printable

SEPA_TRANSFER, TRANSFER, UNDEFINED = "58", "30", "1"
"""UNCL 4461."""
SET_OFF = "Set off against what is owed."
"""Terms of a credit note: nobody is asked to pay it (BR-CO-25 wants terms for any amount)."""


def build_einvoice(invoice: Invoice) -> EInvoice:
    """The e-invoice of an issued document; Invalid with every gap of `find_gaps`."""
    if gaps := find_gaps(invoice):
        raise Invalid.of(*gaps)
    is_credit_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    buyer = build_buyer(invoice)
    return EInvoice(
        number=_text(invoice.number or ""),
        is_credit_note=is_credit_note,
        issued_on=invoice.invoice_date,
        due_on=None if is_credit_note else invoice.due_date,
        terms=SET_OFF if is_credit_note else "",
        currency=invoice.currency,
        note="\n".join(filter(None, (_text(invoice.reason), _text(invoice.notes), f"{ALGORITHM} {fingerprint(invoice)}"))),
        buyer_reference=_text(invoice.buyer_reference),
        preceding=_preceding(invoice),
        seller=build_seller(invoice),
        buyer=buyer,
        ship_to=buyer.address.country,
        period=billed_period(invoice),
        payment=None if is_credit_note else _payment(invoice),
        taxes=tax_rows(invoice.taxes),
        subtotal=invoice.subtotal,
        tax_total=invoice.tax_total,
        total=invoice.total,
        prepaid=invoice.total - invoice.amount_due,
        due=invoice.amount_due,
        items=Items(invoice),
    )


def _preceding(invoice: Invoice) -> tuple[str, date | None] | None:
    if not invoice.original_invoice_number:
        return None
    return _text(invoice.original_invoice_number), invoice.original_invoice_date


def _payment(invoice: Invoice) -> PaymentMeans | None:
    """A transfer where exactly one account is certain, else the details as text, else nothing."""
    details, number = _text(invoice.operator.payment_details), _text(invoice.number or "")
    iban = find_iban(invoice.operator.payment_details)
    if iban:
        code = SEPA_TRANSFER if invoice.currency == "EUR" else TRANSFER
        return PaymentMeans(code=code, reference=number, iban=iban, account_name=_text(invoice.operator.name))
    return PaymentMeans(code=UNDEFINED, reference=number, text=" ".join(details.split())) if details else None


def _text(text: str) -> str:
    return str(printable(text)).strip()
