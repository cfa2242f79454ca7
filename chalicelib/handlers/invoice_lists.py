"""Lists of invoices and credit notes: all of them, and one customer's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from chalicelib.domain.invoice import InvoiceKind
from chalicelib.domain.invoice_search import InvoiceSearch, ListedStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Day, Id, OneLine
from chalicelib.handlers.invoice_presenter import InvoiceRow, present_row
from chalicelib.handlers.requests import PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import invoice_reading

api = Api(__name__)


class CustomerInvoicesQuery(PageQuery):
    """Filters; all given must match. `from` and `to` are inclusive invoice dates."""

    status: ListedStatus | None = None
    kind: InvoiceKind | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    number: OneLine | None = None


class InvoicesQuery(CustomerInvoicesQuery):
    """Filters, and whose."""

    customer_id: Id | None = None


@api.endpoint(
    "GET",
    "/invoices",
    permission="billing:read",
    summary="All invoices and credit notes, newest invoice date first",
    query=InvoicesQuery,
    answer=Page[InvoiceRow],
    customers=True,
)
def list_invoices(request: Request) -> Answer:
    """A page of what matches; it may be shorter than `limit` though there is more."""
    query: InvoicesQuery = request.query
    found = invoice_reading.list_invoices(
        request.deps, request.actor, _search(request, customer_id=query.customer_id), query.limit, query.cursor
    )
    return _answer(request, found)


@api.endpoint(
    "GET",
    "/customers/{customer_id}/invoices",
    permission="billing:read",
    summary="A customer's invoices and credit notes, newest invoice date first",
    query=CustomerInvoicesQuery,
    answer=Page[InvoiceRow],
    customers=True,
)
def list_customer_invoices(request: Request) -> Answer:
    """A page of one customer's."""
    query: CustomerInvoicesQuery = request.query
    search = _search(request, customer_id=request.path["customer_id"])
    return _answer(
        request, invoice_reading.list_customer_invoices(request.deps, request.actor, search, query.limit, query.cursor)
    )


def _search(request: Request, **whose: Any) -> InvoiceSearch:
    query: CustomerInvoicesQuery = request.query
    return InvoiceSearch(
        as_of=request.deps.clock(),
        status=query.status,
        kind=query.kind,
        first=query.first,
        last=query.last,
        number=query.number,
        **whose,
    )


def _answer(request: Request, found: invoice_reading.InvoiceList) -> Answer:
    as_of = request.deps.clock()
    rows: list[Mapping[str, Any]] = [present_row(row, as_of) for row in found.rows]
    return Answer(page(rows, found.next_cursor))
