"""`/invoices/{id}/verify` and `/figures`: what the holder of a document compares it with."""

from __future__ import annotations

from pydantic import BaseModel, Field

from chalicelib.domain.fingerprint import ALGORITHM, FORMAT
from chalicelib.domain.invoice import InvoiceStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.invoices import RevisionQuery
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import Answer
from chalicelib.services.verification import Match, get_figures, verify_invoice

api = Api(__name__)

FOUND = ("in_force", "sha256", "document_agrees", "pdf_sha256", "accessible_pdf_sha256", "match")
"""What the answer takes over as it was found."""


class VerifyQuery(RevisionQuery):
    """`sha256`: a hash read off a document, or made of a PDF."""

    sha256: str | None = Field(default=None, pattern="^[0-9a-fA-F]{64}$")


class VerificationAnswer(BaseModel):
    """`sha256` is that of the figures, as page, metadata and XML carry it; `pdf_sha256` that of the PDF as kept now.

    `accessible_pdf_sha256`: of the accessible PDF (`variant=ua`), null unless somebody had it drawn. `in_force`: issued, not
    void, not revised since. `document_agrees`: the frozen document says what the books say. `match` tells which of the three
    the hash asked about is.
    """

    id: str
    number: str | None
    revision: int
    status: InvoiceStatus
    in_force: bool
    algorithm: str
    format: str
    sha256: str
    figures_url: str
    document_agrees: bool | None
    pdf_sha256: str | None
    accessible_pdf_sha256: str | None
    match: Match | None


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/verify",
    permission="billing:read",
    summary="The SHA-256 of a document's figures and of its PDFs",
    query=VerifyQuery,
    answer=VerificationAnswer,
    customers=True,
)
def get_invoice_verification(request: Request) -> Answer:
    """What is known of the document in force or one of its revisions, and whether a hash belongs to it."""
    query: VerifyQuery = request.query
    found = verify_invoice(request.actor, request.path["invoice_id"], query.revision, query.sha256)
    invoice = found.invoice
    return Answer(
        VerificationAnswer(
            **{name: getattr(invoice, name) for name in ("id", "number", "revision", "status")},
            **{name: getattr(found, name) for name in FOUND},
            algorithm=ALGORITHM,
            format=FORMAT,
            figures_url=f"/invoices/{invoice.id}/figures?revision={invoice.revision}",
        )
    )


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/figures",
    permission="billing:read",
    summary="What a document says, as the canonical JSON of its SHA-256",
    query=RevisionQuery,
    answer=str,
    customers=True,
)
def get_invoice_figures(request: Request) -> Answer:
    """The very bytes that were hashed, of the document in force or one of its revisions."""
    query: RevisionQuery = request.query
    name, content = get_figures(request.actor, request.path["invoice_id"], query.revision)
    return Answer(
        content,
        headers={"Content-Type": "application/json; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'},
    )
