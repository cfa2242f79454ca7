"""Billing runs and their chunks in the work table.

A chunk stays in the index of open things until its outcome is known and its documents are rendered; the sweep re-drives what
stays. Chunks are numbered without gaps: where the last one ends, the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import ChunkItem, RunItem, WorkItem

OPEN = "OPEN"
RUN_LIST = "RUNS"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as asked for; `id` is its natural key (frequency, instant, customer), so asking twice is one run."""

    id: str
    frequency: str | None
    as_of: datetime
    customer_id: str | None
    created_at: datetime
    dispatched: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """One task of a run: which customers (or days) to bill, the numbers it got, and its outcome once done."""

    run_id: str
    number: int
    task: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None

    @property
    def owner(self) -> str:
        """How the chunk signs its claims in the day ledger."""
        return f"{self.run_id}/{self.number}"


def parse_owner(owner: str) -> tuple[str, int] | None:
    """(run id, chunk number) that a claim is signed with; None for claims not made by a chunk."""
    run_id, _, number = owner.rpartition("/")
    return (run_id, int(number)) if run_id and number.isdecimal() else None


def put_run_once(run: Run) -> bool:
    """Record a run; False when the same run was asked for before."""
    item = RunItem(keys.run_pk(run.id), keys.HEAD, dispatched=run.dispatched)
    item.doc = {
        "id": run.id,
        "frequency": run.frequency,
        "as_of": keys.instant(run.as_of),
        "customer_id": run.customer_id,
        "created_at": keys.instant(run.created_at),
    }
    if not run.dispatched:
        item.op, item.os = OPEN, f"{keys.instant(run.created_at)}#{run.id}"
    try:
        commit(lambda transaction: _put_both(transaction, item, _listed(run)))
    except ConditionFailedError:
        return False
    return True


def get_run(run_id: str) -> Run:
    """A run, or NotFound."""
    item = _find(RunItem, keys.run_pk(run_id), keys.HEAD)
    if item is None:
        raise NotFound("billing run", run_id)
    return _run(item)


def mark_dispatched(run_id: str) -> None:
    """Note that every chunk of the run exists and was sent."""
    _update_run(run_id)


def put_chunk_once(chunk: Chunk, now: datetime) -> bool:
    """Record a chunk, open from now on; False when the number was taken."""
    item = ChunkItem(keys.run_pk(chunk.run_id), keys.chunk_sk(chunk.number), task=chunk.task)
    item.op, item.os = OPEN, f"{keys.instant(now)}#{chunk.owner}"
    return _put_once(item)


def find_chunk(run_id: str, number: int) -> Chunk | None:
    """A chunk as last committed, or None."""
    item = _find(ChunkItem, keys.run_pk(run_id), keys.chunk_sk(number))
    return None if item is None else _chunk(item)


def get_chunk(run_id: str, number: int) -> Chunk:
    """A chunk as last committed, or NotFound."""
    chunk = find_chunk(run_id, number)
    if chunk is None:
        raise NotFound("chunk", f"{run_id}/{number}")
    return chunk


@retried
def list_last_chunks(run_id: str, count: int) -> list[Chunk]:
    """The newest chunks of a run, in order."""
    chunks = ChunkItem.sk.startswith("K#")
    found = ChunkItem.query(keys.run_pk(run_id), chunks, consistent_read=True, scan_index_forward=False, limit=count)
    return [_chunk(item) for item in found][::-1]


@retried
def load_chunks(run_id: str, numbers: Iterable[int]) -> dict[int, Chunk]:
    """Some chunks of a run by their numbers, at most 100."""
    wanted = [(keys.run_pk(run_id), keys.chunk_sk(number)) for number in numbers]
    chunks = [_chunk(item) for item in ChunkItem.batch_get(wanted)]
    return {chunk.number: chunk for chunk in chunks}


def add_numbers(transaction: TransactWrite, chunk: Chunk, numbers: dict[str, Any]) -> None:
    """Set the chunk's numbers within the transaction that takes them; fails when it has some already."""
    item = ChunkItem(keys.run_pk(chunk.run_id), keys.chunk_sk(chunk.number))
    transaction.update(item, actions=[ChunkItem.numbers.set(numbers)], condition=ChunkItem.numbers.does_not_exist())


@retried
def finish_chunk(chunk: Chunk, outcome: dict[str, Any], *, rendered: bool) -> None:
    """Set the outcome; a chunk whose documents are all rendered (or has none) leaves the index of open things."""
    item = ChunkItem(keys.run_pk(chunk.run_id), keys.chunk_sk(chunk.number))
    actions: list[Action] = [ChunkItem.outcome.set(outcome)]
    if rendered:
        actions += [ChunkItem.op.remove(), ChunkItem.os.remove()]
    item.update(actions=actions, condition=ChunkItem.pk.exists())


def postpone(pk: str, sk: str, now: datetime) -> None:
    """Note that an open thing was driven again just now, so it is left alone for a while; what is closed stays closed."""
    later: list[Action] = [WorkItem.os.set(f"{keys.instant(now)}#{pk}#{sk}")]
    with suppress(ConditionFailedError):
        # as a transaction, because a plain update insists on knowing what kind of item it is
        commit(lambda transaction: transaction.update(WorkItem(pk, sk), actions=later, condition=WorkItem.op.exists()))


@retried
def list_recent_runs(limit: int, before: str | None) -> tuple[list[str], str | None]:
    """Ids of runs, newest first, and the key to go on before (None at the end)."""
    condition = RunItem.sk < before if before else None
    page = list(RunItem.query(RUN_LIST, condition, scan_index_forward=False, limit=limit + 1))
    more = len(page) > limit
    return [item.sk.partition("#")[2] for item in page[:limit]], page[limit - 1].sk if more else None


@retried
def list_open(before: datetime, limit: int) -> list[tuple[str, str, str]]:
    """(since, partition, sort key) of things open since before an instant, oldest first. From an index: may lag."""
    found = WorkItem.by_open.query(OPEN, WorkItem.os < keys.instant(before), limit=limit)
    return [(item.os.partition("#")[0], item.pk, item.sk) for item in found]


def _put_both(transaction: TransactWrite, item: RunItem, listed: RunItem) -> None:
    transaction.save(item, condition=RunItem.pk.does_not_exist())
    transaction.save(listed)


def _listed(run: Run) -> RunItem:
    item = RunItem(RUN_LIST, f"{keys.instant(run.created_at)}#{run.id}")
    item.doc = {}
    return item


def _run(item: RunItem) -> Run:
    doc = item.doc
    as_of, created = datetime.fromisoformat(doc["as_of"]), datetime.fromisoformat(doc["created_at"])
    return Run(doc["id"], doc["frequency"], as_of, doc["customer_id"], created, dispatched=bool(item.dispatched))


def _chunk(item: ChunkItem) -> Chunk:
    run_id, number = item.pk.removeprefix("RUN#"), int(item.sk.removeprefix("K#"))
    return Chunk(run_id, number, item.task, item.numbers, item.outcome)


def _put_once(item: WorkItem) -> bool:
    try:
        _save_new(item)
    except ConditionFailedError:
        return False
    return True


@retried
def _save_new(item: WorkItem) -> None:
    item.save(WorkItem.pk.does_not_exist())


@retried
def _update_run(run_id: str) -> None:
    closed: list[Action] = [RunItem.dispatched.set(True), RunItem.op.remove(), RunItem.os.remove()]
    RunItem(keys.run_pk(run_id), keys.HEAD).update(actions=closed)


@retried
def _find(kind: type[Any], pk: str, sk: str) -> Any:
    try:
        return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        return None
