"""`/usage` and the usage views of a customer: records in, batches, uploads, the summary, call records as CSV."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.domain.customer import Frequency
from chalicelib.domain.usage_batch import Batch
from chalicelib.domain.usage_summary import SummaryRow
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Amount, Day, Instant
from chalicelib.handlers.requests import Body, PageQuery, Query, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import usage as service
from chalicelib.services.usage import BatchDetails, Upload
from chalicelib.services.usage_export import find_usage_file
from chalicelib.services.usage_import import import_records

api = Api(__name__)

MAX_RECORDS = 1_000


class UsageInput(Body):
    """Call records with the fields of the CSV columns. A bad record is listed in the batch's rejects and stops no other."""

    records: list[dict[str, Any]] = Field(min_length=1, max_length=MAX_RECORDS)


class CustomerCounts(BaseModel):
    """What became of one customer's rows; an empty id stands for rows whose customer is unknown."""

    customer_id: str
    accepted: int
    duplicates: int
    rejected: int


class BatchAnswer(BaseModel):
    """An import batch; its id is the SHA-256 of the file. While it runs, the counts grow."""

    id: str
    status: Literal["pending", "processing", "done", "refused"]
    code: str | None
    reason: str | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    customers: int
    source: str
    rejects_url: str | None = Field(description="Null in lists: `GET /usage/batches/{id}` has it once the batch is done.")
    created_at: Instant
    finished_at: Instant | None


class BatchDetailsAnswer(BatchAnswer):
    """A batch with its first customers (`report_url` has them all)."""

    by_customer: list[CustomerCounts]
    report_url: str | None


class UploadInput(Body):
    """What will be uploaded."""

    format: Literal["csv", "csv.gz", "jsonl", "jsonl.gz"] = "csv"


class SummaryQuery(Query):
    """Which rows; without days the last 31 days, 12 weeks or 12 months."""

    granularity: Literal["daily", "weekly", "monthly"] = "daily"
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class RecordsQuery(Query):
    """Which days, both inclusive; `bom=1` for spreadsheets that take UTF-8 for something else without it."""

    from_: Day = Field(alias="from")
    to: Day
    bom: bool = False


class SummaryRowAnswer(BaseModel):
    """A day, week or month of usage, by the day of the calls."""

    start_date: date
    end_date: date
    attempts: int
    connected: int
    asr: Amount | None
    acd_seconds: Amount | None
    duration_seconds: int
    billed_seconds: int
    charge: Amount
    billed: Literal["billed", "partly", "unbilled"]
    invoice_id: str | None
    invoices: list[str]
    unbilled_days: list[date]
    unbilled_charge: Amount
    closed: bool


class SummaryAnswer(BaseModel):
    """Rows, oldest first."""

    customer_id: str
    currency: str
    timezone: str
    granularity: Literal["daily", "weekly", "monthly"]
    items: list[SummaryRowAnswer]
    next_cursor: str | None


class FileAnswer(BaseModel):
    """A link for five minutes, or `preparing`: ask again."""

    status: Literal["ready", "preparing"]
    url: str | None
    expires_at: Instant | None


@api.endpoint(
    "POST",
    "/usage",
    permission="usage:write",
    summary="Send calls",
    body=UsageInput,
    answer=BatchDetailsAnswer,
    status=202,
)
def create_usage(request: Request) -> Answer:
    """Take records in, as if they had come in a file."""
    batch = import_records(request.deps, request.body.records)
    return Answer(present_details(service.get_batch(batch.id)))


@api.endpoint(
    "GET", "/usage/batches", permission="billing:read", summary="List imports", query=PageQuery, answer=Page[BatchAnswer]
)
def list_usage_batches(request: Request) -> Answer:
    """A page of batches, newest first."""
    found, following = service.list_batches(request.query.limit, request.query.cursor)
    return Answer(page([present_batch(batch) for batch in found], following))


@api.endpoint(
    "GET", "/usage/batches/{batch_id}", permission="billing:read", summary="How an import went", answer=BatchDetailsAnswer
)
def get_usage_batch(request: Request) -> Answer:
    """One batch."""
    return Answer(present_details(service.get_batch(request.path["batch_id"])))


@api.endpoint(
    "POST", "/usage/uploads", permission="usage:write", summary="Open an upload", body=UploadInput, answer=Upload, status=201
)
def create_usage_upload(request: Request) -> Answer:
    """A form to post one file with."""
    return Answer(service.open_upload(request.deps, f".{request.body.format}"), headers={"Cache-Control": "no-store"})


@api.endpoint(
    "GET",
    "/customers/{customer_id}/summary",
    permission="billing:read",
    summary="Usage by day, week or month, and what billed it",
    query=SummaryQuery,
    answer=SummaryAnswer,
    customers=True,
)
def get_usage_summary(request: Request) -> Answer:
    """The usage summary of a customer."""
    asked: SummaryQuery = request.query
    granularity = Frequency(asked.granularity)
    summary = service.build_summary(request.deps, request.path["customer_id"], granularity, asked.from_, asked.to)
    return Answer(present_summary(summary))


@api.endpoint(
    "GET",
    "/customers/{customer_id}/usage.csv",
    permission="billing:read",
    summary="Call records of some days as CSV",
    query=RecordsQuery,
    answer=FileAnswer,
    statuses=(202,),
    customers=True,
)
def get_usage_file(request: Request) -> Answer:
    """A link to the call records."""
    query: RecordsQuery = request.query
    found = find_usage_file(request.deps, request.path["customer_id"], query.from_, query.to, with_bom=query.bom)
    if found.url is None:
        return Answer({"status": "preparing", "url": None, "expires_at": None}, status=202, headers={"Retry-After": "5"})
    return Answer({"status": "ready", "url": found.url, "expires_at": found.expires_at})


def present_batch(batch: Batch) -> dict[str, Any]:
    """A batch as lists show it."""
    shown = {name: value for name, value in plain(batch).items() if name != "version"}
    return {**shown, "code": batch.code or None, "reason": batch.reason or None, "rejects_url": None}


def present_details(details: BatchDetails) -> dict[str, Any]:
    """A batch with its reports."""
    return {
        **present_batch(details.batch),
        "rejects_url": details.rejects_url,
        "report_url": details.report_url,
        "by_customer": [plain(count) for count in details.customers],
    }


def present_summary(summary: service.Summary) -> dict[str, Any]:
    """The summary of a customer."""
    customer = summary.customer
    return {
        "customer_id": customer.id,
        "currency": customer.currency,
        "timezone": customer.timezone,
        "granularity": summary.granularity,
        "items": [present_row(row) for row in summary.rows],
        "next_cursor": None,
    }


def present_row(row: SummaryRow) -> dict[str, Any]:
    """A row of the summary; the charge without digits that say nothing."""
    return {**plain(row), "charge": _shortest(row.charge), "unbilled_charge": _shortest(row.unbilled_charge)}


def _shortest(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
