"""Proof for those who hold a document: its figures as canonical JSON, their SHA-256, and those of the PDFs that are kept.

Nothing is stored for it: figures follow from what was frozen, so documents of before this version have them, too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Conflict
from chalicelib.domain.fingerprint import fingerprint, write_figures
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.services.invoice_reading import name_file, read_invoice
from chalicelib.store import codec, objects


class Match(StrEnum):
    """What a hash from outside is the hash of."""

    FIGURES = "figures"
    PDF = "pdf"
    ACCESSIBLE_PDF = "accessible_pdf"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`invoice` is the revision asked for. `document_agrees`: whether the frozen document says what the books say.

    It is None, as the hashes of the two PDFs are, while there is none yet; `match` is None where nothing was claimed.
    """

    invoice: Invoice
    in_force: bool
    sha256: str
    document_agrees: bool | None
    pdf_sha256: str | None
    accessible_pdf_sha256: str | None
    match: Match | None


def verify_invoice(actor: Actor, invoice_id: str, revision: int | None, claimed: str | None) -> Verification:
    """What is known of an issued or void document, and what a `claimed` SHA-256 belongs to.

    Raises NotFound, Conflict wrong_state for a draft.
    """
    invoice = _read_final(actor, invoice_id, revision)
    present = invoice if revision is None else read_invoice(actor, invoice_id)
    figures, pdf = fingerprint(invoice), _hash_kept(objects.pdf_key(invoice.id, invoice.revision))
    accessible = _hash_kept(objects.accessible_pdf_key(invoice.id, invoice.revision))
    meanings = {figures: Match.FIGURES, pdf: Match.PDF, accessible: Match.ACCESSIBLE_PDF}
    return Verification(
        invoice=invoice,
        in_force=present.revision == invoice.revision and present.status is InvoiceStatus.ISSUED,
        sha256=figures,
        document_agrees=_compare_frozen(invoice, figures),
        pdf_sha256=pdf,
        accessible_pdf_sha256=accessible,
        match=meanings.get(claimed.lower(), Match.NOTHING) if claimed else None,
    )


def get_figures(actor: Actor, invoice_id: str, revision: int | None) -> tuple[str, str]:
    """(file name, canonical JSON) of what the document says: the very text whose SHA-256 is the fingerprint. Raises as above."""
    invoice = _read_final(actor, invoice_id, revision)
    return name_file(invoice, "figures.json"), "".join(write_figures(invoice))


def _read_final(actor: Actor, invoice_id: str, revision: int | None) -> Invoice:
    invoice = read_invoice(actor, invoice_id, revision)
    if invoice.status is InvoiceStatus.DRAFT:
        raise Conflict("wrong_state", "A draft has no figures to rely on.")
    return invoice


def _compare_frozen(invoice: Invoice, figures: str) -> bool | None:
    frozen = objects.find_object(objects.document_key(invoice.id, invoice.revision))
    return None if frozen is None else fingerprint(codec.load(Invoice, frozen)) == figures


def _hash_kept(key: str) -> str | None:
    pdf = objects.find_object(key)
    return None if pdf is None else hashlib.sha256(pdf).hexdigest()
