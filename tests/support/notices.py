"""The platform's part in webhooks: it delivers what is in the notices queue, and the sweep comes by; a receiver listens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

from chalicelib.domain.events import Event, EventType, event_id
from chalicelib.domain.webhooks import Delivery, DeliveryStatus, WebhookEndpoint
from chalicelib.services.deps import Deps
from chalicelib.services.webhook_delivery import deliver_message
from chalicelib.services.webhook_endpoints import create_endpoint
from chalicelib.services.webhook_replay import list_deliveries, replay_slice
from chalicelib.services.webhooks import announce, drive_due
from chalicelib.store import clients
from tests.support.receiver import Received, Receiver
from tests.support.world import World

MESSAGES = {"deliver_webhook": deliver_message, "replay_webhooks": replay_slice}


@dataclass(slots=True)
class PostOffice:
    """Endpoints at one receiver in a world whose clock the test moves."""

    world: World
    receiver: Receiver
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def deps(self) -> Deps:
        """Dependencies whose network knows the receiver."""
        return replace(self.world.deps, network=self.receiver.network())

    def endpoint(self, **fields: Any) -> WebhookEndpoint:
        """An endpoint at the receiver; its secret is kept in `secrets`."""
        endpoint, self.secrets[fields.get("description", "")] = create_endpoint(self.deps, self.receiver.url, fields)
        return endpoint

    def tell(self, *events: Event) -> None:
        """The events happen, and the queue is worked off."""
        announce(self.deps, *events)
        self.work_off()

    def sweep(self, **duration: int) -> int:
        """Time passes, the sweep comes by, and the queue is worked off; how many messages the sweep sent."""
        self.world.pass_time(**duration)
        count = drive_due(self.deps)
        self.work_off()
        return count

    def work_off(self) -> None:
        """Deliver every message that is not held back."""
        while messages := receive_notices():
            for message in messages:
                MESSAGES[message["type"]](self.deps, message)

    def deliveries(self, endpoint: WebhookEndpoint, status: DeliveryStatus) -> list[Delivery]:
        """The deliveries to the endpoint in a state."""
        return list_deliveries(endpoint.id, status, 200, None)[0]

    def told(self) -> list[str]:
        """What came to the receiver: type and subject."""
        bodies = [json.loads(received.body) for received in self.receiver.received]
        return [f"{body['type']} {body['data']['id']}" for body in bodies]


def receive_notices() -> list[dict[str, Any]]:
    """Take messages from the notices queue."""
    url = clients.names.notices_queue_url
    found = clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def held_back() -> int:
    """How many notices wait for their delay."""
    url, name = clients.names.notices_queue_url, "ApproximateNumberOfMessagesDelayed"
    return int(clients.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def an_event(
    kind: EventType = EventType.INVOICE_ISSUED, subject: str = "acme.20261101.R", sequence: int = 1, **data: str
) -> Event:
    """An event of an invoice of acme."""
    return Event(
        id=event_id(kind, subject, sequence),
        type=kind,
        occurred_at=datetime.fromisoformat("2026-12-01T02:00:00+00:00"),
        customer_id="acme",
        subject=subject,
        sequence=sequence,
        data=data,
    )


def is_signed(received: Received, secret: str) -> bool:
    """Whether one of the message's signatures is what the library of Standard Webhooks makes of it with the secret."""
    headers = received.headers
    stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]))  # noqa: DTZ006  # the library takes it for UTC as it is
    signature = Webhook(secret).sign(headers["webhook-id"], stamp, received.body.decode())
    return signature in headers["webhook-signature"].split(" ")
