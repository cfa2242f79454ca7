"""Taking in a usage file, whichever door it came by: fingerprint, register, pin the plan, carry it out, report.

May be called twice, at once, or be killed anywhere: the same file is the same batch, and a repetition goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import IO, Any

from chalicelib.domain.errors import BillingError, Conflict, Invalid, NotFound
from chalicelib.domain.usage_batch import SOURCE_CHANGED, Batch, BatchStatus
from chalicelib.services.deps import Deps
from chalicelib.services.usage_commit import record_once
from chalicelib.services.usage_plan import read_plan
from chalicelib.services.usage_prepare import pinned_plan
from chalicelib.services.usage_reading import CHUNK
from chalicelib.services.usage_report import BatchReport
from chalicelib.store import batches
from chalicelib.store import usage_files as files
from chalicelib.store.objects import put_object

PROGRESS_EVERY = 100
"""Parts between two notes of how far the import got."""


def import_object(deps: Deps, key: str) -> Batch:
    """Take in an uploaded file; raises NotFound when it is gone. The same bytes under any name are the same batch."""
    source = files.open_source(key)
    digest = hashlib.sha256()
    while chunk := source.body.read(CHUNK):
        digest.update(chunk)
    batch = Batch(id=digest.hexdigest(), source=key, version=source.version, created_at=deps.clock())
    return _process(deps, batches.register_batch(batch))


def import_records(deps: Deps, records: Sequence[dict[str, Any]]) -> Batch:
    """Take in records that came in a request: kept as a file first, then like any other."""
    body = b"".join(json.dumps(record, separators=(",", ":")).encode() + b"\n" for record in records)
    key = files.posted_key(hashlib.sha256(body).hexdigest())
    put_object(key, body, "application/jsonl")
    return import_object(deps, key)


def resume_batch(deps: Deps, batch_id: str) -> Batch | None:
    """Go on with a batch that was cut off; None when there is no such batch. Harmless for a finished or a running one."""
    batch = batches.find_batch(batch_id)
    return None if batch is None else _process(deps, batch)


def _process(deps: Deps, batch: Batch) -> Batch:
    if not batch.is_open:
        return batch
    begun = replace(batch, status=BatchStatus.PROCESSING)
    batches.save_progress(begun)
    try:
        with pinned_plan(begun, deps.new_id()) as plan:
            done = _carry_out(begun, plan)
    except (Invalid, NotFound, Conflict) as refusal:
        done = _refused(begun, refusal)
    done = replace(done, finished_at=deps.clock())
    batches.save_progress(done)
    return done


def _refused(batch: Batch, refusal: BillingError) -> Batch:
    """Nothing was taken: the only place that refuses is the reading of the file, before the plan is pinned."""
    if isinstance(refusal, NotFound):
        refusal = Conflict(SOURCE_CHANGED)
    return replace(batch, status=BatchStatus.REFUSED, code=refusal.code, reason=refusal.message)


def _carry_out(batch: Batch, plan: IO[bytes]) -> Batch:
    head, parts = read_plan(plan)
    with TemporaryFile() as rejects, TemporaryFile() as counts:
        report = BatchReport(batch, head, rejects, counts)
        for number, part in enumerate(parts):
            report.add(part, record_once(batch.id, head, part) if part.calls else None)
            if number % PROGRESS_EVERY == PROGRESS_EVERY - 1:
                batches.save_progress(report.batch)
        return report.close()
