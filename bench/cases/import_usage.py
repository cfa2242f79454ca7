"""The import of a usage file: rows per CPU second and peak memory of our own code.

The whole import runs, from the event's key to the finished batch. The cloud is replaced at the edge of botocore. CPU time inside
the replacement, and inside the store's functions that speak to DynamoDB (PynamoDB included), is left out; reading, judging,
hashing, adding up, packing and planning are what remains. Memory is the whole process.
"""

from __future__ import annotations

import csv
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from botocore.client import BaseClient

from bench.fake_cloud import Cloud
from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds, peak_mib
from chalicelib import wiring
from chalicelib.config import Settings
from chalicelib.services import usage_commit, usage_prepare
from chalicelib.services.deps import Deps
from chalicelib.services.usage_import import import_object
from chalicelib.store import batches, clients

KEY = "usage/incoming/bench.csv"
NOW = datetime(2026, 11, 15, tzinfo=UTC)
HEADER = "call_id,customer_id,started_at,destination,duration_seconds,billed_seconds,charge,cli\n"
TARGET_ROWS, TARGET_MIB = 100_000, 256
PLAIN_LOOP = "csv.DictReader and three sums: no validation, no ids, no records kept"
SETTINGS = Settings(
    billing_table="billing",
    work_table="work",
    bucket="bucket",
    bill_queue_url="q",
    notices_queue_url="n",
    mails_queue_url="m",
    jwt_issuer="i",
    jwt_audience="a",
)
ENVIRONMENT = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
STORE_CALLS = (
    (usage_commit, ("load_head", "list_members", "record_part", "load_ledger")),
    (usage_prepare, ("find_zones",)),
    (batches, ("register_batch", "save_progress")),
)
"""Store functions as the import names them."""


def run(size: Size) -> list[Figure]:
    """Rows per CPU second of our own code, and memory."""
    customers = [f"customer-{number:05d}" for number in range(size.callers)]
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder), customers)
        write_calls(cloud.path(KEY), size.calls, customers)
        with _edges_replaced(cloud):
            clients.s3()  # made once a process, not once a file
            total = _import(size.calls)
        plain = cpu_seconds(lambda: _add_up_plainly(cloud.path(KEY)))
    own = total - cloud.seconds
    calls = ", ".join(f"{name} {count:,}" for name, count in sorted(cloud.calls.items()))
    what = f"{size.calls:,} rows of {size.callers:,} customers"
    return [
        Figure(name="import", value=size.calls / own, unit="rows per own CPU s", at_least=TARGET_ROWS, note=what),
        Figure(name="import, store calls included", value=size.calls / total, unit="rows per CPU s", note=calls),
        Figure(name="import, the plain loop beside it", value=size.calls / plain, unit="rows per CPU s", note=PLAIN_LOOP),
        Figure(name="import, peak memory", value=peak_mib(), unit="MiB", at_most=TARGET_MIB, note="whole process"),
    ]


def _import(rows: int) -> float:
    """CPU seconds of one import of the file."""
    numbers = iter(range(rows))
    deps = Deps(clock=lambda: NOW, new_id=lambda: f"{next(numbers):026d}", settings=SETTINGS)
    batches_made = []
    seconds = cpu_seconds(lambda: batches_made.append(import_object(deps, KEY)))
    assert batches_made[0].accepted == rows, batches_made
    return seconds


def _add_up_plainly(path: Path) -> dict[tuple[str, str, str], list[float]]:
    """What one writes first: a dictionary a row, nothing checked, nothing kept. It shows how fast processor and Python are."""
    sums: dict[tuple[str, str, str], list[float]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            key = row["customer_id"], row["started_at"][:10], row["destination"]
            found = sums.setdefault(key, [0, 0, 0])
            found[0] += int(row["duration_seconds"])
            found[1] += int(row["billed_seconds"])
            found[2] += float(row["charge"])
    return sums


@contextmanager
def _edges_replaced(cloud: Cloud) -> Iterator[None]:
    """AWS answered by the fake, store functions put aside; the process is the case's own, so nothing is put back."""
    os.environ.update(ENVIRONMENT)
    wiring.configure(SETTINGS)
    for module, functions in STORE_CALLS:
        for name in functions:
            setattr(module, name, cloud.apart(getattr(module, name)))
    with patch.object(BaseClient, "_make_api_call", lambda _self, name, params: cloud.answer(name, params)):
        yield


def write_calls(path: Path, rows: int, customers: list[str]) -> None:
    """A day of calls, in order of time, some with an offset of another zone."""
    chance = random.Random(7)
    places = [f"Destination {number} Mobile" for number in range(20)]
    begin = datetime(2026, 11, 5, tzinfo=UTC)
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(rows):
            at = (begin + timedelta(seconds=number * 86_399 // rows)).strftime("%Y-%m-%dT%H:%M:%SZ")
            seconds = chance.randrange(600)
            charge = f"0.{chance.randrange(10_000):04d}"
            who = customers[chance.randrange(len(customers))]
            sums = f"{seconds},{seconds // 60 * 60 + 60},{charge}"
            file.write(f"call-{number:012d},{who},{at},{chance.choice(places)},{sums},44207{number:07d}\n")
