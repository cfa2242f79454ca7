"""Looking at usage: the summary of a customer, and import batches; opening an upload. Nothing here takes usage in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.customer import Customer, Frequency
from chalicelib.domain.periods import closed_through, local_date
from chalicelib.domain.usage_batch import Batch, BatchStatus, CustomerCount
from chalicelib.domain.usage_summary import Standing, SummaryRow, summarise, summary_periods
from chalicelib.services.deps import Deps
from chalicelib.services.usage_reading import MAX_BYTES
from chalicelib.services.usage_report import CSV_TYPE, list_customer_counts
from chalicelib.store import batches
from chalicelib.store import usage_files as files
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.customers import get_customer
from chalicelib.store.ledger import load_ledger
from chalicelib.store.objects import LINK_SECONDS, presign_get, presign_post
from chalicelib.store.settings import get_settings
from chalicelib.store.usage import load_roll_ups

END_OF_TIME = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Summary:
    """Rows of a customer's usage, oldest first."""

    customer: Customer
    granularity: Frequency
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDetails:
    """A batch with its first customers, and links to the lists of all rows not taken and of all customers (once finished)."""

    batch: Batch
    customers: tuple[CustomerCount, ...] = ()
    rejects_url: str | None = None
    report_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A form to post one file with: `fields` first, then `file`."""

    url: str
    fields: dict[str, str]
    key: str
    max_bytes: int
    expires_at: datetime


def build_summary(deps: Deps, customer_id: str, granularity: Frequency, first: date | None, last: date | None) -> Summary:
    """The usage of whole days, weeks or months around the asked days (default: up to today); NotFound, or Invalid for the range.

    Late calls lie under later billing days, so everything since the first day is read.
    """
    customer = get_customer(customer_id)
    now = deps.clock()
    today = local_date(now, customer.timezone)
    periods = summary_periods(granularity, customer.schedule, first, last or today)
    closed = closed_through(customer.timezone, get_settings().settling_hours, now)
    standing = Standing(load_ledger(customer_id, periods[0].start), customer_id, today, closed)
    rows = summarise(load_roll_ups(customer_id, periods[0].start, END_OF_TIME), periods, standing)
    return Summary(customer, granularity, tuple(rows))


def get_batch(batch_id: str) -> BatchDetails:
    """A batch as it stands; NotFound."""
    batch = batches.get_batch(batch_id)
    if batch.status is not BatchStatus.DONE:
        return BatchDetails(batch=batch)
    return BatchDetails(
        batch=batch,
        customers=tuple(list_customer_counts(batch)),
        rejects_url=presign_get(files.all_rejects_key(batch_id), f"rejects-{batch_id[:12]}.csv", CSV_TYPE),
        report_url=presign_get(files.report_key(batch_id), f"batch-{batch_id[:12]}.csv", CSV_TYPE),
    )


def list_batches(limit: int, cursor: str | None) -> tuple[list[Batch], str | None]:
    """A page of batches, newest first, and the cursor of the next."""
    found, following = batches.list_batches(limit, decode_cursor(cursor))
    return found, encode_cursor(following) if following else None


def open_upload(deps: Deps, suffix: str) -> Upload:
    """A form for one file of usage; its arrival starts the import."""
    key = files.incoming_key(deps.new_id(), suffix)
    form = presign_post(key, MAX_BYTES)
    return Upload(
        url=form["url"],
        fields=form["fields"],
        key=key,
        max_bytes=MAX_BYTES,
        expires_at=deps.clock() + timedelta(seconds=LINK_SECONDS),
    )
