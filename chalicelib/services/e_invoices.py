"""E-invoices: an issued document as XML of EN 16931, for those who may read it. Made from the frozen document, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.render.einvoice.cii import write_cii
from chalicelib.render.einvoice.mapping import build_einvoice
from chalicelib.render.einvoice.ubl import write_ubl
from chalicelib.services.invoice_reading import name_file, read_invoice
from chalicelib.store.frozen_documents import find_frozen_amounts


class Syntax(StrEnum):
    """The two syntaxes of the norm."""

    CII = "cii"
    UBL = "ubl"


WRITERS = {Syntax.CII: write_cii, Syntax.UBL: write_ubl}


def get_e_invoice(actor: Actor, invoice_id: str, revision: int | None, syntax: Syntax) -> tuple[str, Iterator[str]]:
    """(file name, XML piece by piece) of the document in force or of one of its revisions, as it was when frozen.

    Raises NotFound, Conflict(wrong_state) for a draft or a void document, Invalid with everything that the norm needs and the
    document lacks.
    """
    invoice = read_invoice(actor, invoice_id, revision)
    if invoice.status is not InvoiceStatus.ISSUED:
        raise Conflict("wrong_state", f"A {invoice.status} document is no e-invoice.")
    return name_file(invoice, f"{syntax}.xml"), WRITERS[syntax](build_einvoice(_as_frozen(invoice)))


def _as_frozen(invoice: Invoice) -> Invoice:
    """What the PDF was made of: what was paid since is left out. Moments after the issue it may not be there yet."""
    amounts = find_frozen_amounts(invoice.id, invoice.revision)
    if amounts is None:
        return invoice
    paid, credited, refunded = amounts
    return replace(invoice, amount_paid=paid, amount_credited=credited, amount_refunded=refunded)
