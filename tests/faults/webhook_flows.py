"""Flows that tell an endpoint of events. Whatever happens, each arrives, and none before an earlier one of its invoice."""

from __future__ import annotations

import json
from contextlib import suppress

from chalicelib import wiring
from chalicelib.domain.events import EventType
from chalicelib.domain.webhooks import DeliveryStatus
from chalicelib.services.webhook_replay import list_deliveries
from chalicelib.services.webhooks import announce, delivery_message
from chalicelib.store.webhooks import load_endpoints
from tests.faults.flow import Flow
from tests.faults.stage import Stage
from tests.support.notices import an_event
from tests.support.receiver import status
from tests.support.story import raw_event

ALL = 200
EVENTS = (an_event(EventType.INVOICE_ISSUED, sequence=1), an_event(EventType.INVOICE_PAID, sequence=2))

ORDER = [event.type.value for event in EVENTS]


def _listening(stage: Stage) -> None:
    made = stage.api.post("/webhooks", {"url": stage.receiver.local_url})
    stage.notes["webhook"] = stage.story.done(made, 201)["id"]


def _tell_busy(stage: Stage) -> None:
    """The receiver is busy at first, not when the events come again."""
    stage.receiver.answers[:] = [] if stage.notes.get("was_busy") else [status(503)]
    stage.notes["was_busy"] = True
    _tell(stage)


def _tell(stage: Stage) -> None:
    """The stream brings two events of an invoice."""
    with suppress(Exception):  # the platform brings the record again
        for event in EVENTS:
            announce(wiring.get_deps(), event)
    stage.work_off()


def _tell_disabled(stage: Stage) -> None:
    """Somebody disables the endpoint, misses events, and asks for them."""
    path = f"/webhooks/{stage.notes['webhook']}"
    stage.ask("PATCH", path, {"status": "disabled"})
    with suppress(Exception):
        for event in EVENTS:
            announce(wiring.get_deps(), event)
    stage.ask("PATCH", path, {"status": "active"})
    stage.ask("POST", f"{path}/replay", {"since": "2020-01-01T00:00:00Z"})
    stage.work_off()


def _another_worker(stage: Stage) -> None:
    """A second function gets a message about the same invoice."""
    event = raw_event("queue_message")
    body = json.dumps(delivery_message(stage.notes["webhook"], EVENTS[0].subject))
    event["Records"][0].update(messageId="another", body=body)
    stage.invoke("send_notices", event)


def _all_told(stage: Stage) -> list[str]:
    """Events that are still to come, or never came."""
    waiting = [
        f"webhook pending: {one.id}"
        for endpoint in load_endpoints()
        for one in list_deliveries(endpoint.id, DeliveryStatus.PENDING, ALL, None)[0]
    ]
    return waiting if set(_came(stage)) == set(ORDER) else [*waiting, f"webhooks came: {_came(stage)}"]


def _all_told_in_order(stage: Stage) -> list[str]:
    """Also: one that came before an earlier one, or after a later one."""
    came = _came(stage)
    return _all_told(stage) + ([] if came == sorted(came, key=ORDER.index) else [f"webhooks came out of order: {came}"])


def _came(stage: Stage) -> list[str]:
    return [json.loads(one.body)["type"] for one in stage.receiver.received]


FLOWS = (
    Flow(name="webhook", prepare=_listening, act=_tell_busy, check=_all_told_in_order),
    Flow(
        name="webhook_beside_worker",
        prepare=_listening,
        act=_tell,
        rival=_another_worker,
        is_about_rival=True,
        check=_all_told_in_order,
    ),
    Flow(name="webhook_replay", prepare=_listening, act=_tell_disabled, check=_all_told),
)
