"""Measures the import of a usage file: rows per CPU second and peak memory of our own code.

Method: the whole import runs, from the event's key to the finished batch, in this process. The cloud is replaced at the edge of
botocore: `BaseClient._make_api_call` answers from dictionaries and files. CPU time inside the replacement, and inside the store's
functions that speak to DynamoDB (PynamoDB included), is measured, printed and left out; reading, judging, hashing, adding up,
packing and planning are what remains. Calls are counted. Peak memory is the resident maximum of the process.

    python bench/import_usage.py [rows] [customers]
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.update(
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_ACCESS_KEY_ID="bench",
    AWS_SECRET_ACCESS_KEY="bench",  # noqa: S106  # nothing is called
)

from chalicelib import wiring  # needs the environment above
from chalicelib.config import Settings
from chalicelib.services import usage_commit, usage_prepare
from chalicelib.services.deps import Deps
from chalicelib.services.usage_import import import_object
from chalicelib.store import batches

KEY = "usage/incoming/bench.csv"
NOW = datetime(2026, 11, 15, tzinfo=UTC)
HEADER = "call_id,customer_id,started_at,destination,duration_seconds,billed_seconds,charge,cli\n"
MIB = 1 << 20


class Body:
    """An S3 body over a file."""

    def __init__(self, path: Path, start: int = 0, length: int | None = None) -> None:
        """Read from `start`, at most `length` bytes."""
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = path.stat().st_size - start if length is None else length

    def read(self, size: int | None = None) -> bytes:
        """The next bytes."""
        body = self._file.read(self._left if size is None else min(size, self._left))
        self._left -= len(body)
        return body

    def iter_chunks(self, size: int) -> Any:
        """All bytes in chunks."""
        while chunk := self.read(size):
            yield chunk


class Cloud:
    """Tables and bucket in dictionaries and files; takes no condition into account but put-once."""

    def __init__(self, folder: Path, customers: list[str]) -> None:
        """Know these customers."""
        self.folder, self.customers = folder, set(customers)
        self.items: dict[tuple[str, str], Any] = {}
        self.calls: Counter[str] = Counter()
        self.seconds = 0.0

    def answer(self, name: str, params: dict[str, Any]) -> Any:
        """The answer to one call."""
        self.calls[name] += 1
        return self.apart(getattr(self, f"on_{name}"))(**params)

    def apart(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with its CPU time put aside (once, however calls are nested)."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun, before = time.process_time(), self.seconds
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds = before + time.process_time() - begun

        return timed

    def path(self, key: str) -> Path:
        """The file of an object."""
        return self.folder / hashlib.sha256(key.encode()).hexdigest()

    def on_GetObject(self, *, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:  # noqa: N802, N803  # names of AWS
        """An object, or a range of it."""
        path = self.path(Key)
        if not path.exists():
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        if not Range:
            return {"Body": Body(path), "ETag": "1"}
        start, end = (int(part) for part in Range.removeprefix("bytes=").split("-"))
        return {"Body": Body(path, start, end - start + 1), "ETag": "1"}

    def on_PutObject(self, *, Key: str, Body: Any, **_: Any) -> dict[str, Any]:  # noqa: N802, N803  # names of AWS
        """Keep an object."""
        source = io.BytesIO(Body) if isinstance(Body, bytes) else Body
        with self.path(Key).open("wb") as file:
            while chunk := source.read(MIB):
                file.write(chunk)
        return {}

    def on_BatchGetItem(self, *, RequestItems: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Customers that exist."""
        ((table, wanted),) = RequestItems.items()
        found = [
            {**key, "t": {"S": "cus"}, "ver": {"N": "1"}, "doc": {"S": '{"timezone":"Europe/Paris"}'}}
            for key in wanted["Keys"]
            if key["PK"]["S"].removeprefix("C#") in self.customers
        ]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def on_GetItem(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """An item."""
        item = self.items.get((Key["PK"]["S"], Key["SK"]["S"]))
        return {"Item": item} if item else {}

    def on_PutItem(self, *, Item: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Keep an item."""
        self.items[Item["PK"]["S"], Item["SK"]["S"]] = Item
        return {}

    def on_Query(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        """No customer has usage yet."""
        return {"Items": [], "Count": 0, "ScannedCount": 0}

    def on_TransactWriteItems(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Keep all items."""
        for action in TransactItems:
            if "Put" in action:
                self.on_PutItem(Item=action["Put"]["Item"])
        return {}


STORE_CALLS = (
    (usage_commit, ("load_head", "list_members", "record_part", "load_ledger")),
    (usage_prepare, ("find_zones",)),
    (batches, ("register_batch", "save_progress")),
)
"""Store functions as the import names them."""


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


def measure(rows: int, customers: int) -> None:
    """Run the import once and print what it took."""
    names = [f"customer-{number:05d}" for number in range(customers)]
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder), names)
        write_calls(cloud.path(KEY), rows, names)
        BaseClient._make_api_call = lambda _self, name, params: cloud.answer(name, params)  # noqa: SLF001  # the edge
        settings = Settings(
            billing_table="billing", work_table="work", bucket="bucket", bill_queue_url="q", jwt_issuer="i", jwt_audience="a"
        )
        wiring.configure(settings)
        for module, functions in STORE_CALLS:
            for name in functions:
                setattr(module, name, cloud.apart(getattr(module, name)))
        numbers = iter(range(rows))
        deps = Deps(clock=lambda: NOW, new_id=lambda: f"{next(numbers):026d}", settings=settings)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        begun, wall = time.process_time(), time.perf_counter()
        batch = import_object(deps, KEY)
        total, passed = time.process_time() - begun, time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert batch.accepted == rows, batch
        size = cloud.path(KEY).stat().st_size / MIB
        own = total - cloud.seconds
        print(f"{rows:,} rows of {customers:,} customers, {size:.0f} MiB")
        print(f"CPU {total:.2f} s, of which store calls {cloud.seconds:.2f} s; wall {passed:.2f} s")
        print(f"{rows / own:,.0f} rows per CPU second of our own code; peak memory {after:.0f} MiB ({before:.0f} before)")
        print("calls: " + ", ".join(f"{name} {count}" for name, count in sorted(cloud.calls.items())))


if __name__ == "__main__":
    measure(*(int(text) for text in (sys.argv[1:] or ["1000000", "2000"])))
