"""Every amount that stands in two places is the same in both, for random ledgers that were made over HTTP."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.store import list_months, objects, operators, shards
from tests.support.amounts_told import Walk
from tests.support.changes import Bus, Changes, listened
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.notices import PostOffice
from tests.support.random_ledger import STEPS, Ledger
from tests.support.receiver import Receiver, receiving
from tests.support.story import Story, raw_event
from tests.support.world import World

SEEDS = (1, 2)
"""Of ledgers; each has every kind of step, so a few find much."""
PAPERS = 2
"""Documents printed of each ledger: drawing one takes as long as reading fifty."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a ledger: events as the bus and a receiver of webhooks got them, and the documents that were printed."""

    events: list[dict[str, Any]]
    bodies: list[dict[str, Any]]
    papers: list[dict[str, Any]]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_amount_is_the_same_everywhere(deployment: Cloud, seed: int) -> None:
    """Details, lists, revisions, CSV, XML, PDF, statement, balance, ageing, allocations, events, webhooks, audit log."""
    ledger, changes = opened(deployment, seed)
    with receiving() as receiver, listened(bus := Bus()):
        told = play(ledger, changes, bus, receiver)
    walk = Walk(ledger)
    walk.over_all()
    walk.events("event", bus.events)
    walk.events("webhook", with_sequences(told))
    for document in told.papers:
        walk.paper(document, first_of(ledger, document))
    walk.statement_paper("one")
    assert set(STEPS) - {"draft"} <= set(ledger.done)
    assert walk.table.disagreements() == {}
    assert {"CSV", "cii", "ubl", "PDF", "statement", "event", "webhook", "audit log"} <= set(walk.table.places())
    assert walk.missing == []
    assert ledger.story.done(ledger.story.api.get("/reports/reconciliation"), 200)["findings"] == []


def opened(deployment: Cloud, seed: int) -> tuple[Ledger, Changes]:
    """A ledger on empty tables, and the stream of its books."""
    deployment.clear()
    for module in (operators, list_months, shards):
        module.forget()
    client = Client(app)
    return Ledger(Story(ApiClient(deployment, client), client), Random(seed)), Changes(deployment, client)  # noqa: S311  # a play of chance


def play(ledger: Ledger, changes: Changes, bus: Bus, receiver: Receiver) -> Told:
    """The ledger is made, some of it printed, and everybody told."""
    office = PostOffice(World(now=datetime.now(UTC)), receiver)
    office.endpoint()
    ledger.open()
    ledger.play()
    papers = print_some(ledger)
    changes.drain()
    office.work_off()
    bodies = [json.loads(received.body) for received in receiver.received]
    assert len(bodies) == len(bus.events) > 0
    return Told(bus.events, bodies, papers)


def print_some(ledger: Ledger) -> list[dict[str, Any]]:
    """Some documents, and a statement, are drawn; the documents as they are then."""
    documents = [one for name in ledger.customers for one in ledger.documents(name) if one["status"] != "draft"]
    chosen = ledger.chance.sample(documents, PAPERS)
    for document in chosen:
        draw(ledger, objects.document_key(document["id"], document["revision"]))
    assert ledger.story.api.get("/customers/one/statement.pdf").status == 202
    [statement] = objects.list_keys("documents/statements/")
    draw(ledger, statement)
    return [ledger.look("invoice", document["id"]) for document in chosen]


def draw(ledger: Ledger, key: str) -> None:
    """The storage event of a frozen document."""
    event = raw_event("object_created")
    event["detail"]["object"]["key"] = key
    ledger.story.client.lambda_.invoke("render_document", event)


def first_of(ledger: Ledger, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it was when its revision was made, before any money moved; as of then it is printed."""
    of_revision = [
        one
        for one in ledger.answers.values()
        if one["id"] == document["id"] and one.get("revision") == document["revision"] and one["status"] != "draft"
    ]
    return min(of_revision, key=lambda one: int(one["version"]))


def with_sequences(told: Told) -> list[dict[str, Any]]:
    """Webhooks as events: a receiver gets those of one type and subject in the order in which the bus got them."""
    sequences = defaultdict(list)
    for event in told.events:
        sequences[event["type"], event["subject"]].append(event["sequence"])
    subjects = [(body["type"], body["data"]["id"]) for body in told.bodies]
    numbered = zip(told.bodies, subjects, strict=True)
    return [{"subject": key[1], "sequence": sequences[key].pop(0), "data": body["data"]} for body, key in numbered]
