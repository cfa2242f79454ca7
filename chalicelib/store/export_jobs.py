"""Jobs that make files of many documents, in the work table: one item each, saved step by step under its version."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.export_job import KEPT, ExportJob
from chalicelib.store import codec, keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.work_tables import ExportItem

PK = "EXPORTS"
"""All jobs lie in one partition, by their ids, which are in order of time."""


def put_job_once(job: ExportJob) -> ExportJob:
    """Record a job as open; when it is there already, as it is."""
    first = replace(job, version=1)
    try:
        _save(_item(first, job.created_at), 0)
    except ConditionFailedError:
        return find_job(job.id) or first
    return first


def save_job(job: ExportJob, now: datetime) -> ExportJob | None:
    """Note a step; None when somebody else took one first, to whom the rest may be left.

    While steps are noted, the sweep leaves the job alone.
    """
    saved = replace(job, version=job.version + 1)
    try:
        _save(_item(saved, now), job.version)
    except ConditionFailedError:
        return saved if find_job(job.id) == saved else None  # our own, when the reply was lost
    return saved


@retried
def find_job(job_id: str) -> ExportJob | None:
    """The job as last committed, or None."""
    try:
        return codec.restore(ExportJob, ExportItem.get(PK, job_id, consistent_read=True).doc)
    except ExportItem.DoesNotExist:
        return None


@retried
def list_jobs(limit: int, cursor: str | None) -> tuple[list[ExportJob], str | None]:
    """A page of jobs, newest first, and the cursor to go on with (None at the end). Invalid for a cursor we did not give."""
    before = decode_cursor(cursor)
    condition = ExportItem.sk < before if before else None
    page = list(ExportItem.query(PK, condition, scan_index_forward=False, limit=limit + 1, consistent_read=True))
    following = encode_cursor(page[limit - 1].sk) if len(page) > limit else None
    return [codec.restore(ExportJob, item.doc) for item in page[:limit]], following


def _item(job: ExportJob, now: datetime) -> ExportItem:
    """An unfinished job is an open thing, which the sweep sees to."""
    item = ExportItem(PK, job.id, doc=codec.plain(job), ver=job.version, ttl=int((job.created_at + KEPT).timestamp()))
    if job.finished_at is None:
        item.op, item.os = OPEN, f"{keys.instant(now)}#{PK}#{job.id}"
    return item


@retried
def _save(item: ExportItem, version: int) -> None:
    item.save(condition=ExportItem.ver == version if version else ExportItem.pk.does_not_exist())
