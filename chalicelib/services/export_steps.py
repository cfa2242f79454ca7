"""Driving an export: list the documents, draw the file in segments, join them. Each step is noted before the next.

So a step may be cut off, repeated and done twice at once: what it makes is pinned or the same. After a while a message goes on
with it, for functions are stopped; the sweep does when that is lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.domain.export_job import ExportJob, ExportKind
from chalicelib.services.deps import Deps
from chalicelib.services.export_drawing import IsTime, draw_segments, write_workbook
from chalicelib.services.export_joining import join
from chalicelib.services.export_listing import list_page
from chalicelib.store.export_jobs import find_job, save_job
from chalicelib.store.queue import send_messages

MESSAGE = "make_export"
DURATION = timedelta(minutes=2)
"""After this a message brings the rest about."""


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
        after = join(deps, job)
    return save_job(after, deps.clock())
