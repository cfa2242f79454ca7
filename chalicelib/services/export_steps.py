"""Driving an export: list the documents, draw the file in segments, join them. Each step is noted before the next.

So a step may be cut off, repeated and done twice at once: what it makes is pinned or the same. After a while a message goes on
with it, for functions are stopped; the sweep does when that is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.export_job import ExportJob, ExportKind
from chalicelib.services.deps import Deps
from chalicelib.services.export_drawing import TYPES, IsTime, draw_segments, load_segment, write_workbook
from chalicelib.services.export_listing import list_page
from chalicelib.store import export_files
from chalicelib.store.export_jobs import find_job, save_job
from chalicelib.store.objects import has_object
from chalicelib.store.queue import send_messages

MESSAGE = "make_export"
DURATION = timedelta(minutes=2)
"""After this a message brings the rest about."""
COPIES = 20
"""Segments that are joined before it is noted."""


def send_export(job_id: str) -> None:
    """Have the work queue make the file; sending it twice is harmless."""
    send_messages([{"type": MESSAGE, "export_id": job_id}])


def drive_message(deps: Deps, message: dict[str, Any]) -> None:
    """Take steps until the file is there, somebody else is faster, or the time is over; nothing for a job that is gone."""
    until = deps.clock() + DURATION
    job = find_job(str(message["export_id"]))
    while job is not None and job.finished_at is None:
        if deps.clock() >= until:
            send_export(job.id)
            return
        job = _step(deps, job, lambda: deps.clock() < until)


def _step(deps: Deps, job: ExportJob, is_time: IsTime) -> ExportJob | None:
    """One step, noted; the job as it is then, None when somebody else is faster."""
    if job.is_listed and not job.is_drawn and job.kind is not ExportKind.INVOICES_XLSX:
        return draw_segments(deps, job, is_time)
    if not job.is_listed:
        after = list_page(deps, job)
    elif job.kind is ExportKind.INVOICES_XLSX:
        after = write_workbook(deps, job)
    else:
        after = _join(deps, job)
    return save_job(after, deps.clock())


def _join(deps: Deps, job: ExportJob) -> ExportJob:
    """The job with its upload opened, with more segments joined, or finished."""
    if not job.upload:
        return replace(job, upload=export_files.open_upload(job.id, TYPES[job.kind][1]))
    if len(job.tags) < job.segments:
        return _copy(job)
    is_joined = export_files.close_upload(job.id, job.upload, job.tags) or has_object(export_files.file_key(job.id))
    return replace(job, finished_at=deps.clock()) if is_joined else _begin_again(job)


def _copy(job: ExportJob) -> ExportJob:
    """Some segments more; where the upload is gone it begins again, unless it made the file."""
    tags = list(job.tags)
    for number in range(len(tags), min(len(tags) + COPIES, job.segments)):
        tag = export_files.copy_part(job.id, job.upload, number + 1, load_segment(job.id, number).key)
        if tag is None:
            return _begin_again(job)
        tags.append(tag)
    return replace(job, tags=tuple(tags))


def _begin_again(job: ExportJob) -> ExportJob:
    """Segments are there for ever, so joining them anew gives the same file."""
    return replace(job, upload="", tags=())
