"""Accessible PDFs (PDF/UA-1) on request: drawn by the storage event when somebody first asks, from what was frozen, then kept.

A variant changes nothing of the document and is not noted on it: a failure of one never makes the document's own PDF one.
"""

from __future__ import annotations

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.render.accessible import MAX_LINES
from chalicelib.services.deps import Deps
from chalicelib.services.documents import PdfLink, link_to
from chalicelib.services.draft_papers import as_paper
from chalicelib.services.drawing_failures import not_drawn
from chalicelib.services.metrics import count
from chalicelib.services.wanted_pdfs import want
from chalicelib.store import codec, objects


def find_accessible_link(deps: Deps, invoice: Invoice) -> PdfLink:
    """A link to the accessible PDF of this revision; without url while it is being drawn.

    Raises Invalid for a document that is too long, Conflict template_failed with the reason when it could not be drawn.
    """
    paper = _on_paper(invoice)
    if objects.has_object(objects.accessible_pdf_key(paper.id, paper.revision)):
        return link_to(deps, objects.accessible_pdf_key(paper.id, paper.revision), invoice)
    reason = objects.find_object(objects.accessible_failure_key(paper.id, paper.revision))
    if reason is not None:
        raise not_drawn(reason.decode())
    want(deps, objects.accessible_key(paper.id, paper.revision), _frozen(paper))
    return PdfLink(None, None)


def draw_accessible_again(invoice: Invoice) -> None:
    """Have the accessible PDF of this revision drawn once more. Raises as `find_accessible_link` for one that is too long."""
    paper = _on_paper(invoice)
    objects.put_object(objects.accessible_key(paper.id, paper.revision), _frozen(paper), "application/json")


def render_accessible(deps: Deps, key: str) -> None:
    """Draw the document under a key as accessible PDF, or note why not; nothing for keys that are no wish for one."""
    from chalicelib.render.pdf import render_accessible_pdf  # noqa: PLC0415  # only the render function pays for it

    parsed = objects.parse_accessible_key(key)
    frozen = objects.find_object(key) if parsed else None
    if parsed is None or frozen is None:
        return
    try:
        pdf = render_accessible_pdf(codec.load(Invoice, frozen))
    except Invalid as error:
        count(deps, "RenderFailed", invoice=parsed[0], revision=parsed[1], variant="ua", reason=error.message)
        objects.put_object(objects.accessible_failure_key(*parsed), error.message.encode(), "text/plain; charset=utf-8")
        return
    objects.put_object(objects.accessible_pdf_key(*parsed), pdf, "application/pdf")


def _on_paper(invoice: Invoice) -> Invoice:
    """The invoice, a draft as it would be issued now."""
    if len(invoice.lines) > MAX_LINES:
        raise Invalid.of(Issue("variant", "too_long", f"Documents of more than {MAX_LINES:,} lines have no accessible variant."))
    return as_paper(invoice) if invoice.status is InvoiceStatus.DRAFT else invoice


def _frozen(paper: Invoice) -> bytes:
    """What the archival PDF was drawn from, without what was paid since; for a draft, what it says now."""
    found = objects.find_object(objects.document_key(paper.id, paper.revision))
    return codec.dump(paper) if found is None else found
