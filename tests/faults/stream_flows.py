"""Flows of the stream of the books: each change is written down once, and told of at least once, under one id.

The platform brings the records of a batch again from the one that failed, or from its last checkpoint; a second reader may
have the same ones at the same time.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

from tests.faults.flow import Flow
from tests.faults.people import a_payment, an_issued_invoice, customer
from tests.faults.stage import Stage
from tests.support.changes import Changes, Record

LOG = {
    "invoice": ["allocation allocated", "invoice issued", "invoice paid"],
    "payment": ["allocation allocated", "payment allocated", "payment created"],
}
"""What the histories must tell in the end, in order of letters."""
TOLD = ["invoice.issued", "invoice.paid", "payment.completed"]
TRIES = 3
UNREADABLE = {"B": "bm9uc2Vuc2U="}


def _paid(stage: Stage) -> None:
    """An invoice was issued and paid; the stream has not been read yet. An endpoint waits."""
    made = stage.api.post("/webhooks", {"url": stage.receiver.local_url})
    stage.story.done(made, 201)
    customer(stage, "busy")
    changes = Changes(stage.cloud, stage.story.client)
    changes.take()
    stage.notes["invoice"] = an_issued_invoice(stage)
    stage.notes["payment"] = a_payment(stage, "busy", "12.00")
    pay = {"payment_id": stage.notes["payment"], "amount": "12.00"}
    path = f"/invoices/{stage.notes['invoice']}/payments"
    stage.story.done(stage.api.post(path, pay, headers={"Idempotency-Key": "pay"}), 201)
    stage.notes["records"] = changes.take()


def _read(stage: Stage) -> None:
    """The batch comes; what it leaves in the queues is sent when all is settled."""
    _deliver(stage, stage.notes["records"])


def _read_partly(stage: Stage) -> None:
    """A record in the middle cannot be read at first: what follows it comes again with it."""
    records: list[Record] = copy.deepcopy(stage.notes["records"])
    middle = len(records) // 2
    records[middle]["dynamodb"]["NewImage"]["doc"] = UNREADABLE
    _deliver(stage, stage.notes["records"], answer=stage.invoke("record_changes", {"Records": records}))


def _deliver(stage: Stage, records: list[Record], *, answer: Any = None) -> None:
    """As the platform does: from the record that failed on, or all of them when the function failed."""
    for _ in range(TRIES):
        answer = answer or stage.invoke("record_changes", {"Records": copy.deepcopy(records)})
        failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]] if answer else []
        if answer and not failed:
            return
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        records = records[numbers.index(failed[0]) if failed else 0 :]
        answer = None


def _second_reader(stage: Stage) -> None:
    """Another invocation has the same batch, one by one, and of other items first."""
    by_item = sorted(stage.notes["records"], key=lambda record: record["dynamodb"]["Keys"]["SK"]["S"], reverse=True)
    for record in by_item:
        stage.invoke("record_changes", {"Records": [copy.deepcopy(record)]})


def _told_once(stage: Stage) -> list[str]:
    """What the log, the bus and the endpoint know: each change once, each event under one id."""
    told = {kind: _history(stage, f"/{kind}s/{stage.notes[kind]}") for kind in LOG}
    wrong = [f"log of {kind}: {told[kind]}" for kind, expected in LOG.items() if told[kind] != expected]
    wrong += _apart("bus", [(one["id"], one["type"], one) for one in stage.bus.events])
    hooks = [(one.headers["webhook-id"], json.loads(one.body)) for one in stage.receiver.received]
    return wrong + _apart("webhooks", [(name, hook["type"], hook) for name, hook in hooks])


def _history(stage: Stage, path: str) -> list[str]:
    entries = stage.story.done(stage.api.get(f"{path}/history"), 200)["items"]
    return sorted(f"{one['object']} {one['action']}" for one in entries)


def _apart(where: str, events: list[tuple[str, str, Any]]) -> list[str]:
    """Events that never came, or came with two ids, or otherwise than before."""
    variants = {(name, kind, json.dumps(shown, sort_keys=True)) for name, kind, shown in events}
    kinds = Counter(kind for _name, kind, _shown in variants)
    return [] if sorted(kinds.elements()) == TOLD else [f"{where}: {kinds}"]


FLOWS = (
    Flow(name="record_changes", prepare=_paid, act=_read, rival=_second_reader, check=_told_once),
    Flow(name="record_changes_partly", prepare=_paid, act=_read_partly, check=_told_once),
)
