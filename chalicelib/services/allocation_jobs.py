"""Allocating to many invoices in steps of one transaction each, by the work queue; every step happens once, whoever drives it.

A step that does not fit as a whole (an invoice was paid or voided since) is made invoice by invoice: what fits is allocated, what
does not is a failure of the job with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from chalicelib.domain.allocation import MAX_ALLOCATIONS
from chalicelib.domain.allocation_job import AllocationFailure, AllocationJob
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.payment import Allocation
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment, job_message
from chalicelib.services.deps import Deps
from chalicelib.store import allocation_jobs as store
from chalicelib.store.allocations import close_request
from chalicelib.store.payments import get_payment
from chalicelib.store.queue import send_messages

Lines = Sequence[tuple[str, Decimal]]


def get_job(payment_id: str, job_id: str) -> AllocationJob:
    """The job and how far it got; NotFound."""
    get_payment(payment_id)
    job = store.find_job(payment_id, job_id)
    if job is None:
        raise NotFound("allocation job", job_id)
    return job


def drive_message(deps: Deps, message: dict[str, Any]) -> None:
    """Drive the job that a message names to its end, from where it stopped."""
    job = get_job(str(message["payment_id"]), str(message["job_id"]))
    while not job.is_finished:
        lines = job.lines[job.done : job.done + MAX_ALLOCATIONS]
        job = store.advance_job(job, len(lines), _step(deps, job, lines))


def send_job(payment_id: str, job_id: str) -> None:
    """Have the work queue drive a job."""
    send_messages([job_message(payment_id, job_id)])


def _step(deps: Deps, job: AllocationJob, lines: Lines) -> list[AllocationFailure]:
    """Allocate the lines at once, else one by one; the failures."""
    if _at_once(deps, job, lines):
        return []
    tried = [_try(deps, job, line, f"{job.id}l{place:04d}") for place, line in enumerate(lines, job.done)]
    return [failure for failure in tried if failure is not None]


def _at_once(deps: Deps, job: AllocationJob, lines: Lines) -> bool:
    """Whether the step was made as a whole. Once it was not, it never will be, so that no line is allocated in both ways."""
    request = f"{job.id}s{job.done:04d}"
    try:
        return bool(_allocate(deps, job, lines, request))
    except (Conflict, Invalid):
        return bool(close_request(request, deps.clock()))


def _try(deps: Deps, job: AllocationJob, line: tuple[str, Decimal], request: str) -> AllocationFailure | None:
    """Allocate one line; why not, where the state forbids it by now."""
    try:
        _allocate(deps, job, [line], request)
    except (Conflict, Invalid) as error:
        return AllocationFailure(invoice_id=line[0], code=error.code, message=error.message)
    return None


def _allocate(deps: Deps, job: AllocationJob, lines: Lines, request: str) -> tuple[Allocation, ...]:
    """Allocate under the request's id, which makes it once; none when the request was closed."""
    once = replace(deps, new_id=lambda: request)
    return allocate_payment(once, AllocatePayment(payment_id=job.payment_id, amounts=lines, date=job.date)).rows
