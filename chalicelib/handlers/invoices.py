"""`/invoices`: by hand made, read, changed, issued, voided, deleted. What comes out on paper is in `invoice_documents`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.invoice_fields import (
    MAX_INVOICE_BODY,
    InvoiceChange,
    InvoiceInput,
    parse_changes,
    parse_new,
)
from chalicelib.handlers.invoice_presenter import InvoiceAnswer, present_invoice
from chalicelib.handlers.requests import PageQuery, Query, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import invoice_changes, invoice_drafts, invoice_reading, invoice_states
from chalicelib.services.e_invoice_gaps import list_gaps_now
from chalicelib.services.invoice_changes import ChangeInvoice
from chalicelib.services.reminding import list_reminders

api = Api(__name__)


class RevisionQuery(Query):
    """Which revision; the one in force unless given."""

    revision: int | None = Field(default=None, ge=0, le=9999)


@api.endpoint(
    "POST",
    "/invoices",
    permission="billing:write",
    summary="Make an invoice by hand",
    body=InvoiceInput,
    judge=lambda request: invoice_drafts.check_new(request.deps, parse_new(request.body)),
    answer=InvoiceAnswer,
    status=201,
    max_body=MAX_INVOICE_BODY,
)
def create_invoice(request: Request) -> Answer:
    """Make a draft, or an issued invoice at once."""
    made = invoice_drafts.create_invoice(request.deps, parse_new(request.body), issue=request.body.issue)
    return answer_invoice(request, made)


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}",
    permission="billing:read",
    summary="An invoice or credit note",
    query=RevisionQuery,
    answer=InvoiceAnswer,
    customers=True,
)
def get_invoice(request: Request) -> Answer:
    """The document in force with what may be done to it, or one of its revisions, to which nothing can be done."""
    revision = request.query.revision
    found = invoice_reading.read_invoice(request.actor, request.path["invoice_id"], revision)
    return answer_invoice(request, found) if revision is None else Answer(_present_revision(found, request.deps.clock()))


@api.endpoint(
    "PATCH",
    "/invoices/{invoice_id}",
    permission="billing:write",
    summary="Edit a draft, or make a new revision of an issued invoice",
    body=InvoiceChange,
    judge=lambda request: invoice_changes.check_changes(request.path["invoice_id"], parse_changes(request.body)),
    answer=InvoiceAnswer,
    require_if_match=True,
    max_body=MAX_INVOICE_BODY,
)
def patch_invoice(request: Request) -> Answer:
    """Change what is given."""
    asked: InvoiceChange = request.body
    command = ChangeInvoice(
        invoice_id=request.path["invoice_id"],
        version=request.if_match,
        changes=parse_changes(asked),
        line_grouping=asked.line_grouping,
    )
    return answer_invoice(request, invoice_changes.change_invoice(request.deps, command))


@api.endpoint("DELETE", "/invoices/{invoice_id}", permission="billing:write", summary="Delete a draft", status=204)
def delete_invoice(request: Request) -> Answer:
    """Delete a draft; its days are unbilled again."""
    invoice_states.delete_draft(request.deps, request.path["invoice_id"], request.if_match)
    return Answer()


@api.endpoint("POST", "/invoices/{invoice_id}/issue", permission="billing:write", summary="Issue a draft", answer=InvoiceAnswer)
def issue_invoice(request: Request) -> Answer:
    """Number and freeze a draft."""
    return answer_invoice(request, invoice_states.issue_invoice(request.deps, request.path["invoice_id"], request.if_match))


@api.endpoint(
    "POST", "/invoices/{invoice_id}/void", permission="billing:write", summary="Void an issued invoice", answer=InvoiceAnswer
)
def void_invoice(request: Request) -> Answer:
    """Void an invoice with nothing paid or credited."""
    return answer_invoice(request, invoice_states.void_invoice(request.deps, request.path["invoice_id"], request.if_match))


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/revisions",
    permission="billing:read",
    summary="The revisions of an invoice, from the one in force back to the first",
    query=PageQuery,
    answer=Page[InvoiceAnswer],
    customers=True,
)
def list_invoice_revisions(request: Request) -> Answer:
    """A page of revisions, each as it was."""
    query: PageQuery = request.query
    found = invoice_reading.list_revisions(request.actor, request.path["invoice_id"], query.limit, query.cursor)
    as_of = request.deps.clock()
    return Answer(page([_present_revision(revision, as_of) for revision in found.revisions], found.next_cursor))


def answer_invoice(request: Request, invoice: Invoice) -> Answer:
    """The document with what may be done to it and its reminders; its version as ETag."""
    actions = invoice_reading.list_actions(request.actor, invoice)
    reminders = [] if invoice.status is InvoiceStatus.DRAFT else list_reminders(invoice.id)
    found = present_invoice(invoice, request.deps.clock(), actions, reminders, list_gaps_now(invoice))
    return Answer(found, version=invoice.version)


def _present_revision(revision: Invoice, as_of: datetime) -> dict[str, Any]:
    """Reads nothing for issued ones, and a draft has but one revision."""
    return present_invoice(revision, as_of, gaps=list_gaps_now(revision))
