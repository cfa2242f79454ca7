"""What of an invoice is carried away: its PDF behind a short-lived link, rendering it again, its lines as CSV, its XML."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Instant
from chalicelib.handlers.invoices import RevisionQuery
from chalicelib.handlers.requests import Query, Request
from chalicelib.handlers.responses import Answer, LongText
from chalicelib.services import documents, invoice_reading
from chalicelib.services.accessible_pdfs import draw_accessible_again, find_accessible_link
from chalicelib.services.documents import PdfLink
from chalicelib.services.e_invoices import Syntax, get_e_invoice

api = Api(__name__)

RENDERING_SECONDS = 2
"""When it is worth asking again."""


class Variant(StrEnum):
    """PDF/A-3b, which carries the e-invoice; or PDF/UA-1, which screen readers can read, drawn when it is first asked for."""

    ARCHIVAL = "a3b"
    ACCESSIBLE = "ua"


class VariantQuery(Query):
    """Which of the two PDFs."""

    variant: Variant = Variant.ARCHIVAL


class PdfQuery(RevisionQuery, VariantQuery):
    """`redirect=1` leads a browser straight to the file."""

    redirect: bool = False


class CsvQuery(RevisionQuery):
    """`bom=1` for spreadsheets that take UTF-8 for something else without it."""

    bom: bool = Field(default=False)


class XmlQuery(RevisionQuery):
    """Which syntax of EN 16931: UN/CEFACT CII, or UBL 2.1."""

    syntax: Syntax = Syntax.CII


class PdfAnswer(BaseModel):
    """`ready` with a link that lives until `expires_at`, or still `rendering`."""

    status: Literal["ready", "rendering"]
    url: str | None = None
    expires_at: Instant | None = None


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/pdf",
    permission="billing:read",
    summary="A link to the PDF; a draft's carries the draft mark",
    query=PdfQuery,
    answer=PdfAnswer,
    statuses=(202, 302),
    customers=True,
)
def get_invoice_pdf(request: Request) -> Answer:
    """The link, or 202 while the PDF is being rendered; 409 template_failed with the reason when it cannot be."""
    query: PdfQuery = request.query
    if query.variant is Variant.ACCESSIBLE:
        wanted = invoice_reading.read_invoice(request.actor, request.path["invoice_id"], query.revision)
        return _answer_link(find_accessible_link(request.deps, wanted), redirect=query.redirect)
    invoice = invoice_reading.read_invoice(request.actor, request.path["invoice_id"])
    invoice_reading.check_revision(invoice, query.revision)
    return _answer_link(documents.find_pdf_link(request.deps, invoice, query.revision), redirect=query.redirect)


@api.endpoint(
    "POST",
    "/invoices/{invoice_id}/pdf",
    permission="billing:write",
    summary="Render the PDF again, after a template was repaired",
    query=VariantQuery,
    answer=PdfAnswer,
    status=202,
)
def render_invoice_pdf(request: Request) -> Answer:
    """Have the document in force rendered again from what was frozen."""
    if request.query.variant is Variant.ACCESSIBLE:
        draw_accessible_again(invoice_reading.read_invoice(request.actor, request.path["invoice_id"]))
    else:
        invoice_reading.render_again(request.actor, request.path["invoice_id"])
    return _answer_link(PdfLink(None, None), redirect=False)


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/csv",
    permission="billing:read",
    summary="The lines as CSV, closed by a totals row",
    query=CsvQuery,
    answer=str,
    media="text/csv",
    customers=True,
)
def get_invoice_csv(request: Request) -> Answer:
    """The lines of the document in force, or of one of its revisions."""
    query: CsvQuery = request.query
    name, content = invoice_reading.get_lines_csv(request.actor, request.path["invoice_id"], query.revision, with_bom=query.bom)
    return Answer(
        content,
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'},
    )


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/xml",
    permission="billing:read",
    summary="The issued document as e-invoice (EN 16931)",
    query=XmlQuery,
    answer=str,
    media="application/xml",
    customers=True,
)
def get_invoice_xml(request: Request) -> Answer:
    """The document in force or one of its revisions; 422 with every field that the norm needs and the document lacks."""
    query: XmlQuery = request.query
    name, content = get_e_invoice(request.actor, request.path["invoice_id"], query.revision, query.syntax)
    return Answer(
        LongText(content),
        headers={"Content-Type": "application/xml; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _answer_link(link: PdfLink, *, redirect: bool) -> Answer:
    if link.url is None:
        return Answer(_present_link("rendering", link), status=202, headers={"Retry-After": str(RENDERING_SECONDS)})
    if redirect:
        return Answer(_present_link("ready", link), status=302, headers={"Location": link.url})
    return Answer(_present_link("ready", link))


def _present_link(status: str, link: PdfLink) -> dict[str, Any]:
    found = {"url": link.url, "expires_at": link.expires_at} if link.url else {}
    return {"status": status, **found}
