"""The daily reconciliation: everybody is looked at once, however often it is cut off, and what it found is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.errors import Unavailable
from chalicelib.handlers import on_queue, on_schedule
from chalicelib.services import checkup, reconcile, reconcile_numbers
from chalicelib.services.checkup import find_last, go_on, start_checkup
from chalicelib.services.deps import Deps
from chalicelib.services.sweep import sweep
from chalicelib.store import clients
from chalicelib.store.checkups import Checkup, save_checkup
from chalicelib.store.tables import InvoiceItem
from tests.support.aws_calls import Call, Watcher, counted, watched
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.kills import Killed, Side, killed_at
from tests.support.story import Story

CUSTOMERS = 7
STEPS = 9
"""One begins, four look at blocks of numbers, four at customers."""
NIGHT = datetime(2026, 11, 20, 3, 20, tzinfo=UTC)


@pytest.fixture
def shards(cloud: Cloud) -> Iterator[int]:
    """The list of customers has three shards, so there are three lanes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIST_SHARDS", "3")
        wiring.reset()
        yield 3
    wiring.reset()


@pytest.fixture
def books(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Seven customers with an invoice each, checked in steps of two."""
    client = Client(app)
    story = Story(ApiClient(cloud, client), client)
    monkeypatch.setattr(checkup, "PAGE", 2)
    monkeypatch.setattr(reconcile_numbers, "BLOCKS", 2)
    for number in range(CUSTOMERS):
        story.customer(id=f"c{number}", name=f"C{number}")
        lines = [{"description": "Work", "unit_price": "10.00"}]
        story.done(story.api.post("/invoices", {"customer_id": f"c{number}", "lines": lines, "issue": True}), 201)
    return story


def spoil(customer_id: str, body: bytes | None = None) -> None:
    """Somebody's hand in the tables: 12.00 were due."""
    (item,) = InvoiceItem.query(f"C#{customer_id}", InvoiceItem.sk.startswith("I#"))
    item.due, item.doc = 1, body or item.doc
    item.save()


def last() -> Checkup:
    """The last daily reconciliation."""
    found = find_last()
    assert found is not None
    return found


def messages() -> list[str]:
    """Types of the messages in the work queue; they are taken."""
    answer = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"])["type"] for message in answer.get("Messages", [])]


def test_sound_books_are_looked_at_and_nothing_is_found(books: Story, capsys: pytest.CaptureFixture[str]) -> None:
    """The schedule's door checks everybody, notes when, and raises no alarm."""
    on_schedule.reconcile({"time": "2026-11-20T03:20:00Z"})
    assert (last().day, last().place, last().checked, last().found) == (NIGHT.date(), None, CUSTOMERS, 0)
    assert last().finished_at is not None
    assert "BooksDiffer" not in capsys.readouterr().out


def test_findings_are_kept_and_alarm(books: Story, capsys: pytest.CaptureFixture[str]) -> None:
    """Of customers on any page, with code and place."""
    spoil("c0")
    spoil("c6")
    start_checkup(wiring.get_deps(), NIGHT)
    assert last().found == 4
    assert {(one.code, one.where.split(".")[0]) for one in last().findings} == {
        (code, customer) for code in ("due", "list_state") for customer in ("c0", "c6")
    }
    assert capsys.readouterr().out.count('"BooksDiffer": 1') == 2


def test_a_day_is_reconciled_once(books: Story) -> None:
    """The event that comes again changes nothing; the next day's begins anew."""
    start_checkup(wiring.get_deps(), NIGHT)
    first = last()
    start_checkup(wiring.get_deps(), NIGHT)
    assert last() == first
    start_checkup(wiring.get_deps(), NIGHT + timedelta(days=1))
    assert (last().day, last().checked) == ((NIGHT + timedelta(days=1)).date(), CUSTOMERS)


@pytest.mark.parametrize("side", ["before", "after"])
def test_it_goes_on_wherever_it_was_cut_off(books: Story, side: Side) -> None:
    """Killed at each write in turn, it is brought to its end by the next event, and everybody was looked at once."""
    for step in range(1, STEPS + 1):
        day = NIGHT + timedelta(days=step)
        with killed_at(step, side), pytest.raises(Killed):
            start_checkup(wiring.get_deps(), day)
        start_checkup(wiring.get_deps(), day)
        assert (last().day, last().place, last().checked) == (day.date(), None, CUSTOMERS)


def test_after_a_while_a_message_goes_on(books: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions are stopped, so the rest is asked for in time; the sweep asks again for what was lost."""
    monkeypatch.setattr(checkup, "DURATION", timedelta(seconds=-1))
    start_checkup(wiring.get_deps(), NIGHT)
    assert (messages(), last().checked) == (["reconcile_books"], 0)
    deps = wiring.get_deps()
    later = Deps(
        clock=lambda: deps.clock() + timedelta(hours=1), new_id=deps.new_id, settings=deps.settings, network=deps.network
    )
    assert sweep(later)["CHU"] == 1
    assert messages() == ["reconcile_books"]
    monkeypatch.undo()
    record = {"messageId": "1", "body": json.dumps({"type": "reconcile_books", "lane": 0})}
    assert on_queue.handle_messages({"Records": [record]}) == {"batchItemFailures": []}
    assert (last().checked, last().place) == (CUSTOMERS, None)


def test_of_two_at_once_one_goes_on(books: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that somebody else took is not taken again: nobody is counted twice."""
    monkeypatch.setattr(checkup, "DURATION", timedelta(seconds=-1))
    start_checkup(wiring.get_deps(), NIGHT)
    monkeypatch.undo()
    begun = last()
    assert save_checkup(begun, NIGHT) is not None
    assert save_checkup(begun, NIGHT) is None
    go_on(wiring.get_deps(), {"lane": 0})
    assert last().checked == CUSTOMERS


def test_books_that_cannot_be_read_do_not_hide_those_of_others(books: Story) -> None:
    """They are a finding."""
    spoil("c2", body=b"?")
    spoil("c6")
    start_checkup(wiring.get_deps(), NIGHT)
    assert last().checked == CUSTOMERS
    assert {("unreadable", "c2"), ("due", "c6")} <= {(one.code, one.where.split(".")[0]) for one in last().findings}


def test_a_cloud_that_does_not_answer_is_no_finding(books: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is repeated later."""

    def unavailable(_customer_id: str) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(reconcile, "get_account", unavailable)
    with pytest.raises(Unavailable):
        start_checkup(wiring.get_deps(), NIGHT)
    assert (last().checked, last().found) == (0, 0)


def test_there_may_be_nobody_yet(cloud: Cloud) -> None:
    """Without customers and numbers it is done at once."""
    start_checkup(wiring.get_deps(), NIGHT)
    assert (last().place, last().checked) == (None, 0)


def work_off(*, deliveries: int = 1) -> list[int]:
    """Do the messages of the work queue, each so often; the lanes they were for."""
    answer = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10)
    records = [{"messageId": "1", "body": message["Body"]} for message in answer.get("Messages", [])]
    for record in records * deliveries:
        assert on_queue.handle_messages({"Records": [record]}) == {"batchItemFailures": []}
    return sorted(json.loads(record["body"])["lane"] for record in records)


def test_lanes_look_at_everybody_once(shards: int, books: Story) -> None:
    """Each shard's customers in a message of their own, delivered twice; the report is whole when the last one is."""
    spoil("c0")
    spoil("c6")
    start_checkup(wiring.get_deps(), NIGHT)
    assert last().place is not None
    assert (last().finished_at, last().checked < CUSTOMERS) == (None, True)
    assert work_off(deliveries=2) == list(range(1, shards))
    assert (last().place, last().checked, last().found) == (None, CUSTOMERS, 4)
    assert {one.where.split(".")[0] for one in last().findings} == {"c0", "c6"}


@pytest.mark.parametrize("side", ["before", "after"])
def test_lanes_go_on_wherever_they_were_cut_off(shards: int, books: Story, side: Side) -> None:
    """Killed at each write in turn: the event that comes again brings what was not sent, and the sweep what was not finished."""
    with killed_at(0, side) as count:
        start_checkup(wiring.get_deps(), NIGHT)
    work_off()
    for step in range(1, count.writes + 1):
        day = NIGHT + timedelta(days=step)
        with killed_at(step, side), pytest.raises(Killed):
            start_checkup(wiring.get_deps(), day)
        start_checkup(wiring.get_deps(), day)
        assert set(work_off()) == {1, 2}
        assert (last().day, last().place, last().checked) == (day.date(), None, CUSTOMERS)


def test_customers_are_looked_at_side_by_side(books: Story) -> None:
    """Two wait for the cloud at the same time; and one costs the same few requests however many there are."""
    together = Together(Barrier(2))
    with watched(together):
        found = reconcile.reconcile_customers([0], CUSTOMERS, None)
    assert (found.checked, found.findings) == (CUSTOMERS, ())
    with counted() as calls:
        reconcile.reconcile_customer("c0")
    with counted() as all_calls:
        reconcile.reconcile_customers([0], CUSTOMERS, None)
    listing = 2
    assert all_calls.total() == CUSTOMERS * calls.total() + listing
    assert calls.total() <= 7


@dataclass
class Together(Watcher):
    """Lets the first reads of customers go on only when two have come."""

    barrier: Barrier
    met: int = 0

    def before(self, call: Call) -> None:
        """Wait for another one; fails when nobody comes."""
        if call.operation == "Query" and threading.current_thread() is not threading.main_thread() and self.met < 2:
            self.met += 1
            self.barrier.wait(timeout=10)
