"""A month of call records as CSV: CPU seconds and peak memory of one file of a million calls.

The records lie in the bucket as four imports left them. The cloud is replaced at the edge of botocore, and the store functions
that speak to DynamoDB by their answers; reading, unpacking, choosing, drawing and handing over the parts remain.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

from botocore.client import BaseClient

from bench.cases.import_usage import ENVIRONMENT, SETTINGS, write_calls
from bench.fake_cloud import Cloud
from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds, peak_mib
from chalicelib import wiring
from chalicelib.domain.usage_calls import Judge, free_columns
from chalicelib.domain.usage_records import present_instant
from chalicelib.services import usage_export
from chalicelib.services.call_records import pack_records
from chalicelib.services.deps import Deps
from chalicelib.services.usage_plan import PlanHead, PlanWriter
from chalicelib.store import usage_files
from chalicelib.store.members import Member
from tests.support.builders import a_customer

BATCHES = 4
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TARGET_SECONDS, TARGET_MIB = 5, 512
MESSAGE = {"customer_id": "acme", "from": "2026-11-01", "to": "2026-11-30"}


def run(size: Size) -> list[Figure]:
    """CPU seconds of the file, and memory of the process that makes it."""
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:  # its memory is not what is measured
            members = list(apart.map(_store, [folder] * BATCHES, range(BATCHES), [size.calls // BATCHES] * BATCHES))
        cloud = Cloud(Path(folder), [])
        before = peak_mib()
        with _edges_replaced(cloud, members):
            deps = Deps(clock=lambda: NOW, new_id=str, settings=SETTINGS)
            seconds = cpu_seconds(lambda: usage_export.export_usage(deps, MESSAGE))
        size_mb, lines = _measured(cloud.uploaded)
    rows = sum(member.accepted for member in members)
    assert lines == rows + 1, cloud.calls
    what = f"{rows:,} calls of {BATCHES} imports, {size_mb:,.0f} MB"
    seconds_at_most, mib_at_most = (TARGET_SECONDS, TARGET_MIB) if size.is_full else (None, None)
    return [
        Figure(name="usage CSV", value=seconds, unit="CPU s", at_most=seconds_at_most, note=what),
        Figure(name="usage CSV, peak memory", value=peak_mib(), unit="MiB", at_most=mib_at_most, note=f"{before:,.0f} before"),
    ]


def _store(folder: str, number: int, calls: int) -> Member:
    """What an import of so many calls of one customer leaves in the bucket."""
    cloud, batch_id = Cloud(Path(folder), []), f"batch-{number}"
    source = Path(folder) / batch_id
    write_calls(source, calls, ["acme"])
    header, _, text = source.read_text().partition("\n")
    columns = header.split(",")
    judged = Judge(columns, int(NOW.timestamp())).judge_text(range(calls), text.removesuffix("\n"))
    packed = pack_records(judged.calls)
    cloud.on_PutObject(Key=usage_files.rows_key(batch_id, "t"), Body=packed)
    plan = io.BytesIO()
    PlanWriter(plan, PlanHead("t", free_columns(columns))).close()
    cloud.on_PutObject(Key=usage_files.plan_key(batch_id), Body=plan.getvalue())
    starts = judged.calls.starts
    return Member(
        customer_id="acme",
        batch_id=batch_id,
        tag="t",
        number=0,
        span_from=present_instant(starts[0]),
        span_to=present_instant(starts[-1]),
        offset=0,
        length=len(packed),
        ids_offset=0,
        ids_count=len(starts),
        accepted=len(starts),
        duplicates=0,
    )


@contextmanager
def _edges_replaced(cloud: Cloud, members: list[Member]) -> Iterator[None]:
    """AWS answered by the fake, the store's items by what was made; the process is the case's own, so nothing is put back."""
    os.environ.update(ENVIRONMENT)
    wiring.configure(SETTINGS)
    answers = {"get_customer": a_customer(), "list_members": members, "has_object": False}
    for name, answer in answers.items():
        setattr(usage_export, name, lambda *_, answer=answer: answer)
    with patch.object(BaseClient, "_make_api_call", lambda _self, name, params: cloud.answer(name, params)):
        yield


def _measured(path: Path) -> tuple[float, int]:
    """Megabytes and lines of a file."""
    with path.open("rb") as file:
        return path.stat().st_size / 1e6, sum(1 for _ in file)
