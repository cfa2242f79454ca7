"""A run over very many customers, from the schedule to the last chunk: calls and CPU per customer, flat memory, cheap progress.

In process, on a cloud on disk. The dispatcher is killed on the way and one customer is broken; the run must come out whole.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

from botocore.client import BaseClient

from bench.disk_cloud import DiskCloud
from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds
from chalicelib import wiring
from chalicelib.domain.customer import Frequency
from chalicelib.handlers import on_queue
from chalicelib.services import billing_runs
from chalicelib.services.run_progress import RunProgress, get_progress
from chalicelib.store.tables import CustomerItem
from tests.support.builders import a_rollup, a_usage_row
from tests.support.crowd import put_crowd, put_usage

AS_OF = datetime(2026, 12, 1, 6, tzinfo=UTC)
NAMES = (
    "BUCKET",
    "BILL_QUEUE_URL",
    "NOTICES_QUEUE_URL",
    "MAILS_QUEUE_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "JWT_PUBLIC_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)
ENVIRONMENT = {
    **dict.fromkeys(NAMES, "bench"),
    "BILLING_TABLE": "billing",
    "WORK_TABLE": "work",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "DUE_SHARDS": "4",
    "LOG_LEVEL": "CRITICAL",
}
KILLED_AT = 0.4
"""The dispatcher dies after this part of its messages."""
WARM = 0.2
"""Memory counts from this part of the chunks on: until then caches fill."""


class KilledError(Exception):
    """The end of the dispatcher."""


def run(size: Size) -> list[Figure]:
    """Figures of one run."""
    with tempfile.TemporaryDirectory() as folder, _cloud(Path(folder)) as cloud:
        names = [f"customer-{number:06d}" for number in range(size.crowd)]
        put_crowd(names, date(2026, 11, 1))
        put_usage(names, a_rollup(a_usage_row(date(2026, 11, 5)), a_usage_row(date(2026, 11, 5), destination="France Fixed")))
        _break(names[len(names) // 2])
        cloud.calls.clear()
        run_id, dispatching = _dispatch(cloud, len(names))
        begun = cloud.seconds
        memory: list[float] = []
        seconds = cpu_seconds(lambda: memory.extend(_bill(cloud)))
        calls = cloud.calls.total()
        progress = get_progress(run_id)
        _check(progress, names)
    warm = memory[int(len(memory) * WARM) :]
    note = f"{len(names):,} customers with a usage line each on two destinations, dispatcher killed once"
    return [
        Figure(name="AWS requests", value=calls / len(names), unit="per customer", at_most=6, note=note),
        Figure(name="CPU with the SDK", value=(seconds - (cloud.seconds - begun)) / len(names) * 1000, unit="ms per customer"),
        Figure(name="dispatching", value=dispatching, unit="CPU s", note="what the killed dispatcher left"),
        Figure(name="memory growth", value=warm[-1] - warm[0], unit="MiB", at_most=16, note="of the process, after warming up"),
        Figure(name="reading progress", value=cloud.calls.total() - calls, unit="requests", at_most=5),
    ]


@contextmanager
def _cloud(folder: Path) -> Iterator[DiskCloud]:
    cloud = DiskCloud(folder)
    edge = patch.object(BaseClient, "_make_api_call", lambda _client, name, params: cloud.answer(name, params))
    with patch.dict(os.environ, ENVIRONMENT), edge:
        wiring.reset()
        wiring.get_deps()
        yield cloud


def _break(name: str) -> None:
    item = CustomerItem.get(f"C#{name}", "J")
    item.doc = {**item.doc, "timezone": "Nowhere/Atall"}
    item.save()


def _dispatch(cloud: DiskCloud, customers: int) -> tuple[str, float]:
    """The run's id, and the CPU seconds it took to dispatch what a killed dispatcher had left."""
    deps = wiring.get_deps()
    limit = int(customers / deps.settings.chunk_size * KILLED_AT)

    def die(params: dict[str, object]) -> dict[str, object]:
        if len(cloud.sent) >= limit:
            raise KilledError
        return send(params)

    send = cloud._SendMessageBatch  # noqa: SLF001  # the place to die at
    with patch.object(cloud, "_SendMessageBatch", die), suppress(KilledError):
        billing_runs.run_schedule(deps, Frequency.MONTHLY, AS_OF)
    run_id = billing_runs.build_run(deps, "monthly", AS_OF, None).id
    begun = cloud.seconds
    seconds = cpu_seconds(lambda: billing_runs.dispatch_run(deps, run_id))
    return run_id, seconds - (cloud.seconds - begun)


def _bill(cloud: DiskCloud) -> Iterator[float]:
    """Work the queue off; the memory of the process after each message, in MiB."""
    while cloud.sent:
        body = cloud.sent.pop(0)
        answer = on_queue.handle_messages({"Records": [{"messageId": "1", "body": body}]})
        assert answer == {"batchItemFailures": []}, body
        yield _resident_mib()


def _check(progress: RunProgress, names: list[str]) -> None:
    assert (progress.status, progress.due, progress.tally.done) == ("done", len(names), len(names)), progress
    assert (progress.tally.issued, progress.tally.failed) == (len(names) - 1, 1), progress
    assert [failure.customer_id for failure in progress.failures] == [names[len(names) // 2]]


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)
