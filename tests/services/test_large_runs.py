"""Runs too large for one function: dispatched in shares, resumed after a crash, watched at little cost, flat in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.customer import Frequency
from chalicelib.services import billing, billing_runs
from chalicelib.services.deps import Deps
from chalicelib.services.run_progress import get_progress
from chalicelib.store import clients, numbering, runs
from chalicelib.store.tables import CustomerItem
from tests.support.aws_calls import counted, meanwhile
from tests.support.builders import a_rollup, a_usage_row
from tests.support.crowd import put_crowd, put_usage
from tests.support.kills import Killed, killed_at
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

CROWD, CHUNK = 300, 50
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def world(cloud: Cloud) -> World:
    """An empty operator on the morning of 1 December 2026."""
    return World()


@pytest.fixture
def deps(world: World) -> Deps:
    """Chunks of one customer in three shards of the due index, so that few customers make a long run."""
    found = world.with_chunks_of(1)
    return replace(found, settings=replace(found.settings, due_shards=3))


def put_due(world: World, deps: Deps, count: int) -> list[str]:
    """Customers that are due, with clocks in all shards."""
    names = [f"c{number:02d}" for number in range(count)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUE_SHARDS", str(deps.settings.due_shards))
        for name in names:
            world.customer(name)
    return names


def customers_of(run_id: str) -> list[str]:
    """Everybody in the chunks of a run, in order."""
    return [customer for chunk in runs.list_last_chunks(run_id, 1000) for customer in chunk.task["customers"]]


def messages() -> list[str]:
    """The bodies of everything in the queue, which is empty afterwards."""
    found: list[str] = []
    while some := clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in some:
            clients.sqs().delete_message(QueueUrl=clients.names.bill_queue_url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
    return found


def start(world: World, deps: Deps) -> str:
    """A run on record that nobody has dispatched yet; its id."""
    run = billing_runs.start_run(deps, Frequency.MONTHLY, world.now)
    messages()
    return run.id


def test_a_long_run_is_dispatched_in_shares(world: World, deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call makes its share of chunks and leaves a message for the rest; every customer is in exactly one chunk."""
    monkeypatch.setattr(billing_runs, "SHARE", 10)
    names = put_due(world, deps, 23)
    run_id = start(world, deps)
    for known in (10, 20):
        billing_runs.dispatch_run(deps, run_id)
        assert (len(customers_of(run_id)), get_progress(run_id).status) == (known, "running")
        assert sum('"dispatch_run"' in body for body in messages()) == 1
    billing_runs.dispatch_run(deps, run_id)
    assert not [body for body in messages() if '"dispatch_run"' in body]
    assert sorted(customers_of(run_id)) == names
    assert (get_progress(run_id).due, runs.get_run(run_id).dispatched) == (23, True)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_killed_dispatcher_resumes(world: World, deps: Deps, side: Any) -> None:
    """Killed at any write, the next one sends what was not sent and adds who is missing, nobody twice."""
    names = put_due(world, deps, 12)
    for at in range(1, 30):
        world.pass_time(minutes=1)
        run_id = start(world, deps)
        try:
            with killed_at(at, side):
                billing_runs.dispatch_run(deps, run_id)
        except Killed:
            billing_runs.dispatch_run(deps, run_id)
        else:
            break
        sent = {body for body in messages() if '"bill_chunk"' in body}
        assert (sorted(customers_of(run_id)), len(sent)) == (names, 12)
        assert runs.get_run(run_id).dispatched
    assert at == 16  # 12 chunks, 2 batches of messages, the end of the run; then a try without a kill


def test_two_dispatchers_make_one_chain(world: World, deps: Deps) -> None:
    """Another one that dispatches everything in between leaves the first nothing to add."""
    names = put_due(world, deps, 12)
    run_id = start(world, deps)
    with meanwhile("PutItem", 3, lambda: billing_runs.dispatch_run(deps, run_id)):
        billing_runs.dispatch_run(deps, run_id)
    assert sorted(customers_of(run_id)) == names
    assert get_progress(run_id).due == 12


def test_progress_is_cheap_however_many_chunks_there_are(world: World, deps: Deps) -> None:
    """Four reads, none of them of all tasks; failures and invoices are all counted and the first ones named."""
    put_due(world, deps, 12)
    run_id = start(world, deps)
    billing_runs.dispatch_run(deps, run_id)
    for number in range(1, 12):
        billing.bill_chunk(deps, run_id, number)
    with counted() as calls:
        progress = get_progress(run_id)
    assert calls == {"GetItem": 1, "Query": 2}  # nobody had usage: no chunk has anything to name
    assert (progress.status, progress.due, progress.tally.done, progress.tally.skipped) == ("running", 12, 11, 11)
    billing.bill_chunk(deps, run_id, 12)
    assert get_progress(run_id).status == "done"


def test_a_crowd_is_billed_chunk_by_chunk(world: World) -> None:
    """300 customers, one of them broken: it is listed with its reason, all others get consecutive numbers.

    Every chunk costs the same calls.
    """
    names = [f"c{number:04d}" for number in range(CROWD)]
    put_crowd(names, NOVEMBER)
    put_usage(names, a_rollup(a_usage_row(date(2026, 11, 5))))
    broken = CustomerItem.get("C#c0133", "J")
    broken.doc = {**broken.doc, "timezone": "Nowhere/Atall"}
    broken.save()
    deps = world.with_chunks_of(CHUNK)
    run = billing_runs.run_schedule(deps, Frequency.MONTHLY, datetime(2026, 12, 1, 6, tzinfo=UTC))
    assert run
    calls = [count_calls(deps, run.id, number) for number in range(1, CROWD // CHUNK + 1)]
    progress = get_progress(run.id)
    assert (progress.status, progress.due, progress.tally.done, progress.tally.issued) == ("done", CROWD, CROWD, CROWD - 1)
    assert [failure.customer_id for failure in progress.failures] == ["c0133"]
    assert [(block.first, block.last) for block in numbering.list_blocks("invoices")][-1][1] == 1000 + CROWD - 1
    assert max(calls) <= 5 * CHUNK + 17


def count_calls(deps: Deps, run_id: str, number: int) -> int:
    """AWS calls of billing a chunk."""
    with counted() as calls:
        billing.bill_chunk(deps, run_id, number)
    return calls.total()
