"""Drawing an export in segments: each is drawn from the listed documents, written under its digest, and pinned with its notes.

A step that is repeated, or done twice at once, goes on from the pinned segment, so no document is lost or there twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from tempfile import TemporaryFile
from typing import Any

from chalicelib.domain.export_job import ExportJob, ExportKind
from chalicelib.services.deps import Deps
from chalicelib.services.export_contents import CONTENTS
from chalicelib.services.export_listing import PAGE, read_documents
from chalicelib.store import codec, export_files
from chalicelib.store.export_jobs import save_job
from chalicelib.store.objects import find_size, put_object
from chalicelib.store.usage_files import put_file

SEGMENT = 8 << 20
"""Bytes at which a segment ends; from 5 MiB on it can be joined by a copy inside the bucket."""
TYPES: dict[ExportKind, tuple[str, str]] = {
    ExportKind.INVOICES_CSV: ("csv", "text/csv; charset=utf-8"),
    ExportKind.INVOICES_XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ExportKind.PDF_ZIP: ("zip", "application/zip"),
    ExportKind.ACCOUNTING_CSV: ("csv", "text/csv; charset=utf-8"),
}
"""Ending of the file's name, and its content type."""

IsTime = Callable[[], bool]
"""Whether there is time for another step."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the file: where its bytes are, how many documents it holds, and what later ones must know of it."""

    key: str
    size: int
    documents: int
    is_last: bool
    note: dict[str, Any]


def draw_segments(deps: Deps, job: ExportJob, is_time: IsTime) -> ExportJob | None:
    """Draw a segment, and more while there is time; the job as it is then, None when somebody else is faster."""
    drawn = [load_segment(job.id, number) for number in range(len(job.sizes))]
    while True:
        drawn.append(_pin(job.id, len(drawn), _draw(job, drawn, is_time)))
        saved = save_job(_count(job, drawn), deps.clock())
        if saved is None or saved.is_drawn or not is_time():
            return saved
        job = saved


def _count(job: ExportJob, drawn: Sequence[Segment]) -> ExportJob:
    """The job with what its segments hold; only archives note what is missing."""
    return replace(
        job,
        sizes=tuple(one.size for one in drawn),
        done=sum(one.documents for one in drawn),
        missing=sum(len(one.note.get("missing", ())) for one in drawn),
        is_drawn=drawn[-1].is_last,
    )


def load_segment(job_id: str, number: int) -> Segment:
    """The pinned description of a segment."""
    return codec.unpack(Segment, export_files.load_pinned(job_id, _name(number)))


def write_workbook(deps: Deps, job: ExportJob) -> ExportJob:
    """The workbook, in one go: the job is finished then."""
    from chalicelib.render import invoice_workbook  # noqa: PLC0415  # no other step pays for it

    documents = chain.from_iterable(read_documents(job, 0, PAGE))
    with TemporaryFile() as file:
        invoice_workbook.write_workbook(file, documents, job.search.as_of)
        put_file(export_files.file_key(job.id), file, TYPES[job.kind][1])
    size = find_size(export_files.file_key(job.id)) or 0
    return replace(job, done=job.found, sizes=(size,), is_drawn=True, finished_at=deps.clock())


def _draw(job: ExportJob, drawn: list[Segment], is_time: IsTime) -> Segment:
    """The next segment, as this worker draws it; shorter when the time is over."""
    start = sum(one.documents for one in drawn)
    content = CONTENTS[job.kind](job, [one.note for one in drawn], sum(one.size for one in drawn))
    count = 0
    for some in read_documents(job, start, content.batch):
        content.add(some)
        count += len(some)
        if content.size >= SEGMENT or not is_time():
            break
    is_last = start + count == job.found
    if is_last:
        content.close()
    body = content.take()
    key = export_files.segment_key(job.id, len(drawn), hashlib.sha256(body).hexdigest())
    put_object(key, body)
    return Segment(key, len(body), count, is_last, content.note())


def _pin(job_id: str, number: int, segment: Segment) -> Segment:
    """The segment that counts: this one, or the one that somebody pinned before."""
    return codec.unpack(Segment, export_files.pin(job_id, _name(number), codec.pack(segment)))


def _name(number: int) -> str:
    return f"segments/{number:05d}"
