"""`/exports`: files of many documents (lists, accounting, an archive of PDFs), made by the queue. Staff only."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.domain.export_job import ExportJob, ExportKind, ExportStatus
from chalicelib.domain.invoice import InvoiceKind
from chalicelib.domain.invoice_search import InvoiceSearch, ListedStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Day, Id, Instant, OneLine
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import exports as service

api = Api(__name__)


class ExportFilters(Body):
    """Which documents, as `GET /invoices` takes it; all given must match. `from` and `to` are inclusive invoice dates."""

    customer_id: Id | None = None
    status: ListedStatus | None = Field(default=None, strict=False)
    kind: InvoiceKind | None = Field(default=None, strict=False)
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    number: OneLine | None = None


class ExportInput(Body):
    """A file to be made; `bom` for spreadsheets that take a CSV in UTF-8 for something else without it."""

    kind: ExportKind = Field(strict=False)
    filters: ExportFilters = ExportFilters()
    bom: bool = False


class ExportAnswer(BaseModel):
    """A file and how far it is: `done` of `due` documents (null while they are being listed).

    Of these `missing` are not in an archive, for there was no PDF: its `missing.txt` says why. 0 for other kinds.
    `url` is there once it is done, for five minutes; the file itself is kept for two days. `code` and `reason` say why it failed.
    """

    id: str
    kind: ExportKind
    filters: dict[str, str]
    status: ExportStatus
    due: int | None
    done: int
    missing: int
    bytes: int | None
    url: str | None
    expires_at: Instant | None
    code: str | None
    reason: str | None
    created_at: Instant
    finished_at: Instant | None


def _check(request: Request) -> None:
    asked: ExportInput = request.body
    service.check_export(asked.kind, _search(request, asked.filters), with_bom=asked.bom)


@api.endpoint(
    "POST",
    "/exports",
    permission="billing:read",
    summary="Have a file made of many documents",
    body=ExportInput,
    judge=_check,
    answer=ExportAnswer,
    status=202,
)
def create_export(request: Request) -> Answer:
    """Begin to make the file; ask for it until it is done."""
    asked: ExportInput = request.body
    job = service.start_export(request.deps, asked.kind, _search(request, asked.filters), with_bom=asked.bom)
    return Answer(_present(request, job))


@api.endpoint(
    "GET",
    "/exports",
    permission="billing:read",
    summary="Files of the last two days, newest first",
    query=PageQuery,
    answer=Page[ExportAnswer],
)
def list_exports(request: Request) -> Answer:
    """A page of them."""
    found, following = service.list_exports(request.query.limit, request.query.cursor)
    return Answer(page([_present(request, job) for job in found], following))


@api.endpoint(
    "GET", "/exports/{export_id}", permission="billing:read", summary="How far a file is, and its link", answer=ExportAnswer
)
def get_export(request: Request) -> Answer:
    """One file."""
    return Answer(_present(request, service.get_export(request.path["export_id"])))


def _search(request: Request, filters: ExportFilters) -> InvoiceSearch:
    return InvoiceSearch(
        as_of=request.deps.clock(),
        customer_id=filters.customer_id,
        status=filters.status,
        kind=filters.kind,
        first=filters.first,
        last=filters.last,
        number=filters.number,
    )


def _present(request: Request, job: ExportJob) -> dict[str, Any]:
    link = service.find_link(request.deps, job)
    return {
        "id": job.id,
        "kind": job.kind,
        "filters": _present_filters(job.search),
        "status": job.status,
        "due": job.due,
        "done": job.done,
        "missing": job.missing,
        "bytes": job.size if job.status is ExportStatus.DONE else None,
        "url": link.url if link else None,
        "expires_at": link.expires_at if link else None,
        "code": job.failure.code if job.failure else None,
        "reason": job.failure.message if job.failure else None,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def _present_filters(search: InvoiceSearch) -> dict[str, str]:
    """What was asked for, as it was sent."""
    given = {
        "customer_id": search.customer_id,
        "status": search.status,
        "kind": search.kind,
        "from": search.first,
        "to": search.last,
        "number": search.number,
    }
    return {name: str(value) for name, value in given.items() if value is not None}
