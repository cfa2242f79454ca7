"""Jobs that allocate in steps, in the work table: put once, moved on step by step; an unfinished one is an open thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.allocation_job import AllocationFailure, AllocationJob
from chalicelib.store import codec, keys
from chalicelib.store.allocations import add_mark
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import AllocationJobItem, WorkItem

KEPT = timedelta(days=90)
"""How long a finished job can be looked at."""


def put_job_once(job: AllocationJob) -> AllocationJob:
    """Record a job as open, under its request's mark; when it is there already, as it is.

    OvertakenError when the request did its work without a job before.
    """
    pk, sk = _key(job.payment_id, job.id)
    item = AllocationJobItem(pk, sk, doc=codec.plain(job), done=job.done, failures=[])
    item.op, item.os = OPEN, f"{keys.instant(job.created_at)}#{pk}#{sk}"
    item.ttl = int((job.created_at + KEPT).timestamp())

    def fill(transaction: TransactWrite) -> None:
        add_mark(transaction, job.id, (), job.created_at)
        transaction.save(item, condition=WorkItem.pk.does_not_exist())

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
