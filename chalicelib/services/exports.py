"""Files of many documents: ask for one, see how far it is, and get the link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.export_job import WITHOUT_DRAFTS, ExportJob, ExportKind, validate_export
from chalicelib.domain.invoice_search import InvoiceSearch
from chalicelib.services.deps import Deps
from chalicelib.services.export_drawing import TYPES
from chalicelib.services.export_steps import send_export
from chalicelib.store import export_jobs as store
from chalicelib.store.customers import find_customer
from chalicelib.store.export_files import file_key
from chalicelib.store.objects import LINK_SECONDS, presign_get


@dataclass(frozen=True, slots=True)
class ExportLink:
    """Where the file can be had until when."""

    url: str
    expires_at: datetime


def check_export(kind: ExportKind, search: InvoiceSearch, *, with_bom: bool) -> None:
    """Raise Invalid with everything that is wrong with what is asked for."""
    issues = validate_export(kind, search, with_bom=with_bom)
    if search.customer_id is not None and find_customer(search.customer_id) is None:
        issues.append(Issue("filters.customer_id", "unknown_customer", f"There is no customer {search.customer_id!r}."))
    if issues:
        raise Invalid.of(*issues)


def start_export(deps: Deps, kind: ExportKind, search: InvoiceSearch, *, with_bom: bool = False) -> ExportJob:
    """Have a file made of the documents that match. Raises Invalid with every issue."""
    check_export(kind, search, with_bom=with_bom)
    matching = replace(search, drafts=kind not in WITHOUT_DRAFTS)
    asked = ExportJob(id=deps.new_id(), kind=kind, search=matching, created_at=deps.clock(), with_bom=with_bom)
    job = store.put_job_once(asked)
    if job.finished_at is None:
        send_export(job.id)
    return job


def get_export(job_id: str) -> ExportJob:
    """A job and how far it is; NotFound."""
    job = store.find_job(job_id)
    if job is None:
        raise NotFound("export", job_id)
    return job


def list_exports(limit: int, cursor: str | None) -> tuple[list[ExportJob], str | None]:
    """A page of jobs, newest first, and the cursor to go on with."""
    return store.list_jobs(limit, cursor)


def find_link(deps: Deps, job: ExportJob) -> ExportLink | None:
    """A link to the file; None while there is none, and when it is no longer kept."""
    now = deps.clock()
    if not job.is_kept(now):
        return None
    ending, content_type = TYPES[job.kind]
    name = f"{job.kind.value.partition('_')[0]}-{job.created_at:%Y%m%d-%H%M%S}.{ending}"
    expires = (now + timedelta(seconds=LINK_SECONDS)).replace(microsecond=0)
    return ExportLink(presign_get(file_key(job.id), name, content_type), expires)
