"""`/invoices/{id}/credit-notes`: taking back all or part of an issued invoice. They are read and printed like invoices."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.domain.credit_requests import CreditRequest, LineCredit
from chalicelib.domain.line_rules import MAX_LINES
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Amount, Day, Text
from chalicelib.handlers.invoice_fields import MAX_INVOICE_BODY
from chalicelib.handlers.invoice_presenter import InvoiceAnswer, present_invoice
from chalicelib.handlers.invoices import answer_invoice
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import credit_notes
from chalicelib.services.credit_notes import CreditInvoice

api = Api(__name__)


class CreditLineInput(Body):
    """Part of a line: a net amount, or else a quantity at the line's own price. Signs are those of the line."""

    line_id: str = Field(max_length=40)
    net: Amount | None = None
    quantity: Amount | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.net is None) == (self.quantity is None):
            raise PydanticCustomError("invalid_value", "Send either net or quantity.")
        return self


class CreditNoteInput(Body):
    """What is taken back: a gross `amount`, some `lines`, or (without both) all that is left. Without date: today."""

    reason: Text
    invoice_date: Day | None = None
    amount: Amount | None = None
    lines: list[CreditLineInput] | None = Field(default=None, max_length=MAX_LINES)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.amount is not None and self.lines is not None:
            raise PydanticCustomError("invalid_value", "Send either amount or lines, or neither to credit all that is left.")
        return self


@api.endpoint(
    "POST",
    "/invoices/{invoice_id}/credit-notes",
    permission="billing:write",
    summary="Credit an issued invoice: all that is left, an amount, or parts of lines",
    body=CreditNoteInput,
    judge=lambda request: credit_notes.check_request(request.deps, request.path["invoice_id"], parse_request(request.body)),
    answer=InvoiceAnswer,
    status=201,
    max_body=MAX_INVOICE_BODY,
)
def create_credit_note(request: Request) -> Answer:
    """Issue a credit note of the invoice."""
    command = CreditInvoice(invoice_id=request.path["invoice_id"], request=parse_request(request.body), version=request.if_match)
    return answer_invoice(request, credit_notes.credit_invoice(request.deps, command))


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/credit-notes",
    permission="billing:read",
    summary="The credit notes of an invoice, first to last",
    query=PageQuery,
    answer=Page[InvoiceAnswer],
    customers=True,
)
def list_credit_notes(request: Request) -> Answer:
    """A page of what took the invoice back."""
    query: PageQuery = request.query
    found, following = credit_notes.list_credit_notes(request.actor, request.path["invoice_id"], query.limit, query.cursor)
    as_of = request.deps.clock()
    return Answer(page([present_invoice(note, as_of) for note in found], following))


def parse_request(asked: CreditNoteInput) -> CreditRequest:
    """The credit note asked for; one that is judged though its reason does not fit has none."""
    lines = None if asked.lines is None else tuple(LineCredit(**line.model_dump()) for line in asked.lines)
    return CreditRequest(reason=asked.reason or "", invoice_date=asked.invoice_date, amount=asked.amount, lines=lines)
