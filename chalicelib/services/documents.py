"""The paper: frozen documents, their PDFs and the links to them. Rendering reads the frozen document and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.errors import Invalid
from chalicelib.domain.invoice import Invoice, InvoiceStatus, PdfStatus
from chalicelib.services.deps import Deps
from chalicelib.services.draft_papers import as_paper
from chalicelib.services.drawing_failures import not_drawn
from chalicelib.services.e_invoice_gaps import count_gaps
from chalicelib.services.metrics import count
from chalicelib.services.template_choice import draw_document, with_template_version
from chalicelib.services.wanted_pdfs import want
from chalicelib.store import codec, objects, pdf_marks


@dataclass(frozen=True, slots=True)
class PdfLink:
    """Where a PDF can be had until when; without a url it is still being rendered."""

    url: str | None
    expires_at: datetime | None


def announce_document(invoice: Invoice) -> None:
    """Put the frozen document of the present revision; the storage event renders it.

    Again is harmless: same input, same bytes.
    """
    objects.put_object(objects.document_key(invoice.id, invoice.revision), codec.dump(invoice), "application/json")


def render_document(deps: Deps, key: str) -> PdfStatus | None:
    """Render the frozen document under a key to its PDF and note the result on the invoice; None for keys that are no documents.

    A document that cannot be rendered is noted as failed with the reason (and counted for the alarm): its invoice stays issued.
    """
    parsed = objects.parse_document_key(key)
    frozen = objects.find_object(key) if parsed else None
    if parsed is None or frozen is None:
        return None
    (invoice_id, revision), invoice = parsed, codec.load(Invoice, frozen)
    count_gaps(deps, invoice)
    try:
        pdf = draw_document(invoice)
    except Invalid as error:
        count(deps, "RenderFailed", invoice=invoice_id, revision=revision, reason=error.message)
        _note_failure(invoice, error.message)
        return PdfStatus.FAILED
    objects.put_object(objects.pdf_key(invoice_id, revision), pdf, "application/pdf")
    pdf_marks.mark_pdf(invoice_id, revision, PdfStatus.READY, "")
    return PdfStatus.READY


def _note_failure(frozen: Invoice, reason: str) -> None:
    """On the invoice; of a draft, whose paper has a number of its own, beside it."""
    if frozen.status is InvoiceStatus.DRAFT:
        objects.put_object(objects.draft_failure_key(frozen.id, frozen.revision), reason.encode(), "text/plain; charset=utf-8")
    else:
        pdf_marks.mark_pdf(frozen.id, frozen.revision, PdfStatus.FAILED, reason)


def render_again(invoice: Invoice) -> None:
    """Put the frozen document once more: the retry after a failed rendering.

    As it is, unless nobody ever got its paper because the template failed: then with the template as that is today.
    """
    key = objects.document_key(invoice.id, invoice.revision)
    frozen = objects.find_object(key) or codec.dump(invoice)
    if invoice.pdf_status is PdfStatus.FAILED:
        frozen = codec.dump(with_template_version(codec.load(Invoice, frozen)))
    pdf_marks.mark_pdf(invoice.id, invoice.revision, PdfStatus.RENDERING, "")
    objects.put_object(key, frozen, "application/json")


def find_pdf_link(deps: Deps, invoice: Invoice, revision: int | None = None) -> PdfLink:
    """A link to the PDF of a revision (default: the present one); without url while it is being rendered.

    A draft's PDF carries the draft mark and is rendered on demand, as it would be issued now. Raises Conflict(template_failed)
    with the reason when rendering failed.
    """
    if invoice.status is InvoiceStatus.DRAFT:
        return _draft_link(deps, as_paper(invoice))
    wanted = invoice.revision if revision is None else revision
    key = objects.pdf_key(invoice.id, wanted)
    is_present = wanted == invoice.revision
    if is_present and invoice.pdf_status is PdfStatus.FAILED:
        raise not_drawn(invoice.pdf_error)
    if (is_present and invoice.pdf_status is PdfStatus.READY) or objects.has_object(key):
        return link_to(deps, key, invoice)
    return PdfLink(None, None)


def _draft_link(deps: Deps, paper: Invoice) -> PdfLink:
    """Drafts are rendered by the same storage event, each paper once; one that failed, again whenever it is asked for."""
    key = objects.pdf_key(paper.id, paper.revision)
    if objects.has_object(key):
        return link_to(deps, key, paper)
    reason = objects.find_object(objects.draft_failure_key(paper.id, paper.revision))
    if reason is not None:
        announce_document(paper)
        raise not_drawn(reason.decode())
    want(deps, objects.document_key(paper.id, paper.revision), codec.dump(paper))
    return PdfLink(None, None)


def link_to(deps: Deps, key: str, invoice: Invoice) -> PdfLink:
    """A link that downloads a PDF under the invoice's number."""
    name = f"{invoice.number or 'draft'}.pdf".replace("/", "-").replace('"', "")
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    return PdfLink(objects.presign_get(key, name, "application/pdf"), expires.replace(microsecond=0))
