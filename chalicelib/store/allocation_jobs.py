"""Jobs that allocate in steps, in the work table: put once, moved on step by step; an unfinished one is an open thing.

A customer has one open job at a time; which was the latest is an item of its own, put in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.allocation_job import AllocationFailure, AllocationJob
from chalicelib.domain.errors import Conflict
from chalicelib.store import codec, keys
from chalicelib.store.allocations import add_mark
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import AllocationJobItem, LatestJobItem, WorkItem

KEPT = timedelta(days=90)
"""How long a finished job can be looked at."""


def put_job_once(job: AllocationJob) -> AllocationJob:
    """Record a job as open, under its request's mark; when it is there already, as it is.

    Conflict `job_open` naming the customer's other job that is not finished; OvertakenError when the request did its work
    without a job before, or another job came in between.
    """
    latest = _find_latest(keys.parse_payment_id(job.payment_id)[0])
    _refuse_while_open(latest, job)
    pk, sk = _key(job.payment_id, job.id)
    item = AllocationJobItem(pk, sk, doc=codec.plain(job), done=job.done, failures=[])
    item.op, item.os = OPEN, f"{keys.instant(job.created_at)}#{pk}#{sk}"
    item.ttl = _end(job)

    def fill(transaction: TransactWrite) -> None:
        add_mark(transaction, job.id, (), job.created_at)
        transaction.save(item, condition=WorkItem.pk.does_not_exist())
        unchanged = WorkItem.pk.does_not_exist() if latest is None else LatestJobItem.job == latest.job
        transaction.save(_latest_item(job), condition=unchanged)

    try:
        commit(fill)
    except ConditionFailedError as error:
        kept = find_job(job.payment_id, job.id)
        if kept is None:
            raise OvertakenError from error
        return kept
    return job


@retried
def find_job(payment_id: str, job_id: str) -> AllocationJob | None:
    """The job as last committed, or None."""
    try:
        item = AllocationJobItem.get(*_key(payment_id, job_id), consistent_read=True)
    except AllocationJobItem.DoesNotExist:
        return None
    failures = codec.restore(tuple[AllocationFailure, ...], item.failures)
    return replace(codec.restore(AllocationJob, item.doc), done=int(item.done), failures=failures)


def advance_job(job: AllocationJob, count: int, failures: Sequence[AllocationFailure]) -> AllocationJob:
    """Note that `count` more lines are done; where somebody else noted it first, the job as it is by now."""
    after = replace(job, done=job.done + count, failures=(*job.failures, *failures))
    try:
        _advance(job, after)
    except ConditionFailedError:
        return find_job(job.payment_id, job.id) or after
    return after


def _refuse_while_open(latest: LatestJobItem | None, job: AllocationJob) -> None:
    """One job at a time: two would want the same money or the same invoices, and each tell failures that are the other's work."""
    found = None if latest is None or latest.job == job.id else find_job(latest.payment, latest.job)
    if found is None or found.is_finished:
        return
    message = f"Job {found.id} of payment {found.payment_id} is still running for the customer; ask again when it is done."
    raise Conflict("job_open", message, payment_id=found.payment_id, job_id=found.id)


def _latest_item(job: AllocationJob) -> LatestJobItem:
    customer_id = keys.parse_payment_id(job.payment_id)[0]
    return LatestJobItem(keys.allocation_jobs_pk(customer_id), keys.HEAD, payment=job.payment_id, job=job.id, ttl=_end(job))


def _end(job: AllocationJob) -> int:
    return int((job.created_at + KEPT).timestamp())


@retried
def _find_latest(customer_id: str) -> LatestJobItem | None:
    try:
        return LatestJobItem.get(keys.allocation_jobs_pk(customer_id), keys.HEAD, consistent_read=True)
    except LatestJobItem.DoesNotExist:
        return None


def _key(payment_id: str, job_id: str) -> tuple[str, str]:
    return keys.allocation_jobs_pk(payment_id), job_id


@retried
def _advance(before: AllocationJob, after: AllocationJob) -> None:
    actions: list[Action] = [
        AllocationJobItem.done.set(after.done),
        AllocationJobItem.failures.set(codec.plain(after.failures)),
    ]
    if after.is_finished:
        actions += [AllocationJobItem.op.remove(), AllocationJobItem.os.remove()]
    item = AllocationJobItem(*_key(before.payment_id, before.id))
    item.update(actions=actions, condition=AllocationJobItem.done == before.done)
