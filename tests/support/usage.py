"""Usage for tests: files of calls, customers in the store, imports, and what came of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from chalicelib.config import read_settings
from chalicelib.domain.customer import Customer
from chalicelib.domain.usage import Tally
from chalicelib.domain.usage_batch import Batch
from chalicelib.services.deps import Deps
from chalicelib.services.usage_import import import_object
from chalicelib.store import codec, keys
from chalicelib.store import usage_files as files
from chalicelib.store.objects import find_object, put_object
from chalicelib.store.tables import CustomerItem
from chalicelib.store.usage import load_roll_ups
from tests.support.builders import NOW, a_customer
from tests.support.usage_rows import to_rows

HEADER = ("call_id", "customer_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge", "cli")
ALWAYS = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Call:
    """A row of a usage file, as text."""

    call_id: str
    customer_id: str = "acme"
    started_at: str = "2026-11-05T10:00:00Z"
    destination: str = "UK Mobile"
    duration_seconds: str = "61"
    billed_seconds: str = "120"
    charge: str = "0.0272"
    cli: str = "442071234567"


def usage_deps(now: datetime = NOW) -> Deps:
    """Dependencies with a fixed clock and counted ids."""
    numbers = count(1)
    return Deps(clock=lambda: now, new_id=lambda: f"{next(numbers):026d}", settings=read_settings())


def save_customer(customer: Customer | None = None) -> Customer:
    """Keep a customer in the table as its service would."""
    customer = customer or a_customer()
    CustomerItem(keys.customer_pk(customer.id), keys.PROFILE, ver=1, doc=codec.plain(customer)).save()
    return customer


def csv_file(calls: Iterable[Call], header: Sequence[str] = HEADER) -> bytes:
    """Calls as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([[getattr(call, name) for name in header] for call in calls])
    return text.getvalue().encode()


def json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    """Records as JSON Lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def upload(body: bytes, name: str = "calls.csv") -> str:
    """Put a file where uploads go; its key."""
    key = f"usage/incoming/{name}"
    put_object(key, body)
    return key


def import_file(body: bytes, name: str = "calls.csv", deps: Deps | None = None) -> Batch:
    """Upload a file and take it in."""
    return import_object(deps or usage_deps(), upload(body, name))


def rejects(batch: Batch) -> list[dict[str, str]]:
    """The rows of a batch that were not taken."""
    body = find_object(files.all_rejects_key(batch.id))
    assert body is not None
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def billed_days(customer_id: str = "acme") -> dict[tuple[date, date, str], Tally]:
    """Everything rolled up for a customer: (billing day, day of the calls, destination) → sums over all batches."""
    found: dict[tuple[date, date, str], Tally] = {}
    for roll_up in load_roll_ups(customer_id, *ALWAYS):
        for row in to_rows(roll_up.usage):
            key = roll_up.billing_day, row.day, row.destination
            found[key] = found.get(key, Tally()) + Tally(*row[2:])
    return found


def total_charge() -> Decimal:
    """The sum of all charges of the customer `acme`."""
    return sum((tally.charge for tally in billed_days().values()), Decimal(0))


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).astimezone(UTC)
