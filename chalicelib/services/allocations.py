"""Allocating a payment to invoices: previewed, or carried out, or begun where there are more than one transaction holds.

When somebody else is faster the plan is made again on the new state, and refused if it no longer fits. A repetition of the
same request meets the rows it made before and answers with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.allocation import MAX_ALLOCATIONS
from chalicelib.domain.allocation_job import AllocationJob
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.services.allocation_plans import AllocatePayment, Plan, build_plan
from chalicelib.services.deps import Deps
from chalicelib.store import allocation_jobs as jobs
from chalicelib.store import allocations as store
from chalicelib.store.allocations import AllocationWork
from chalicelib.store.contention import OvertakenError, replanned
from chalicelib.store.payments import get_payment
from chalicelib.store.queue import send_messages

JOB_MESSAGE = "allocate_in_steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """The payment as it is now, and the rows that the request made; or the `job` that makes them in steps."""

    payment: Payment
    rows: tuple[Allocation, ...]
    job: AllocationJob | None = None


def preview_allocation(deps: Deps, command: AllocatePayment) -> Plan:
    """What `allocate_payment` would do now; nothing is kept. Raises the same."""
    request = deps.new_id()
    return replanned(lambda: build_plan(command, request=request, at=deps.entry_instant()))


def allocate_payment(deps: Deps, command: AllocatePayment) -> Allocated:
    """Carry the allocation out; by strategy, nothing may fit, and nothing happens.

    Raises NotFound; Invalid with every issue; Conflict: stale_version, stale_plan, wrong_state, over_allocated, and, for what
    takes a job, `job_open`; Unavailable.
    """
    request = deps.new_id()
    return replanned(lambda: _allocate_once(deps, command, request))


def _allocate_once(deps: Deps, command: AllocatePayment, request: str) -> Allocated:
    """What stands in the way may be what an earlier try of this request did."""
    try:
        return _allocate(deps, command, request)
    except (Conflict, Invalid, OvertakenError):
        earlier = _find_earlier(command, request)
        if earlier is None:
            raise
        return earlier


def _allocate(deps: Deps, command: AllocatePayment, request: str) -> Allocated:
    at = deps.entry_instant()
    plan = build_plan(command, request=request, at=at)
    if not plan.rows:
        return _find_earlier(command, request) or Allocated(payment=plan.payment, rows=())
    if len(plan.rows) > MAX_ALLOCATIONS:
        return Allocated(payment=plan.payment, rows=(), job=_start_job(plan, request, at))
    work = AllocationWork(payment=plan.payment, invoices=plan.invoices, rows=plan.rows, request=request, at=at)
    return Allocated(payment=store.allocate(work, deps.settings.list_shards), rows=plan.rows)


def job_message(payment_id: str, job_id: str) -> dict[str, Any]:
    """The message that drives a job."""
    return {"type": JOB_MESSAGE, "payment_id": payment_id, "job_id": job_id}


def _start_job(plan: Plan, request: str, at: datetime) -> AllocationJob:
    job = AllocationJob(
        id=request,
        payment_id=plan.payment.id,
        date=plan.rows[0].date,
        lines=tuple((row.invoice_id, row.amount) for row in plan.rows),
        created_at=at,
    )
    kept = jobs.put_job_once(job)
    send_messages([job_message(kept.payment_id, kept.id)])
    return kept


def _find_earlier(command: AllocatePayment, request: str) -> Allocated | None:
    rows, job = store.find_allocated(request), jobs.find_job(command.payment_id, request)
    if rows is None and job is None:
        return None
    return Allocated(payment=get_payment(command.payment_id), rows=rows or (), job=job)
