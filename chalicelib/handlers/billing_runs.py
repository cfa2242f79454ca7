"""`/billing-runs`: start a run for one frequency as of an instant, see what it would bill, watch how far it got."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Id, Instant
from chalicelib.handlers.invoice_presenter import InvoiceAnswer, present_invoice
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import billing_runs as service
from chalicelib.services.billing_runs import RunPreview
from chalicelib.services.run_progress import RunProgress, get_progress, list_runs

api = Api(__name__)


class RunInput(Body):
    """A run to start; `as_of` defaults to now, and may lie ahead to try next month today. `preview` keeps nothing."""

    frequency: Literal["daily", "weekly", "monthly"]
    as_of: Instant | None = None
    customer_id: Id | None = None
    preview: bool = False


class RunFailure(BaseModel):
    """A customer that was not billed, and why."""

    customer_id: str
    code: str
    message: str


class RunAnswer(BaseModel):
    """A run and how far it got; `due` and `done` count customers. `failures` and `invoices` name the first 1,000 at most."""

    id: str
    frequency: str | None
    as_of: Instant
    customer_id: str | None
    status: Literal["queued", "running", "done", "failed"]
    due: int
    done: int
    issued: int
    drafts: int
    skipped: int
    failed: int
    failures: list[RunFailure]
    invoices: list[str]
    created_at: Instant


class RunPreviewAnswer(BaseModel):
    """What a run would make: the invoices of the first `previewed` of `due` customers."""

    frequency: str
    as_of: Instant
    due: int
    previewed: int
    invoices: list[InvoiceAnswer]


@api.endpoint(
    "POST",
    "/billing-runs",
    permission="billing:write",
    summary="Start a billing run, or preview it",
    body=RunInput,
    judge=lambda request: _check_customer(request.body),
    answer=RunAnswer | RunPreviewAnswer,
    status=202,
    statuses=(200,),
)
def create_billing_run(request: Request) -> Answer:
    """Have all customers of a frequency billed that are due as of an instant."""
    asked: RunInput = request.body
    frequency, as_of = Frequency(asked.frequency), asked.as_of or request.deps.clock()
    _check_customer(asked)
    if asked.preview:
        return Answer(
            _present_preview(request, service.preview_run(request.deps, frequency, as_of, asked.customer_id)), status=200
        )
    run = service.start_run(request.deps, frequency, as_of, asked.customer_id)
    return Answer(present_run(get_progress(run.id)))


@api.endpoint(
    "GET",
    "/billing-runs",
    permission="billing:read",
    summary="List billing runs, newest first",
    query=PageQuery,
    answer=Page[RunAnswer],
)
def list_billing_runs(request: Request) -> Answer:
    """A page of runs."""
    found, following = list_runs(request.query.limit, request.query.cursor)
    return Answer(page([present_run(progress) for progress in found], following))


@api.endpoint("GET", "/billing-runs/{run_id}", permission="billing:read", summary="How far a billing run got", answer=RunAnswer)
def get_billing_run(request: Request) -> Answer:
    """One run."""
    return Answer(present_run(get_progress(request.path["run_id"])))


def present_run(progress: RunProgress) -> dict[str, Any]:
    """A run with its counts."""
    run = progress.run
    failures = [{"customer_id": f.customer_id, "code": f.code, "message": f.message} for f in progress.failures]
    return {
        "id": run.id,
        "frequency": run.frequency,
        "as_of": run.as_of,
        "customer_id": run.customer_id,
        "status": progress.status,
        "due": progress.due,
        "done": progress.tally.done,
        "issued": progress.tally.issued,
        "drafts": progress.tally.drafts,
        "skipped": progress.tally.skipped,
        "failed": progress.tally.failed,
        "failures": failures,
        "invoices": list(progress.invoices),
        "created_at": run.created_at,
    }


def _present_preview(request: Request, preview: RunPreview) -> dict[str, Any]:
    invoices = [present_invoice(invoice, request.deps.clock()) for invoice in preview.invoices]
    return {
        "frequency": preview.run.frequency,
        "as_of": preview.run.as_of,
        "due": preview.due,
        "previewed": preview.previewed,
        "invoices": invoices,
    }


def _check_customer(asked: RunInput) -> None:
    if asked.customer_id is not None and not service.has_customer(asked.customer_id):
        raise Invalid.of(Issue("customer_id", "unknown_customer", f"There is no customer {asked.customer_id!r}."))
