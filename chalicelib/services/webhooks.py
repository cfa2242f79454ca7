"""Telling endpoints of events: a delivery recorded for each, then a message that has it sent; the sweep sends what was not.

Sends nothing itself. What a message names is an endpoint and a subject: all that waits there is sent in order.
"""

from __future__ import annotations

from typing import Any

from chalicelib.domain.events import Event
from chalicelib.domain.webhooks import Health, WebhookEndpoint, announce_to
from chalicelib.services.deps import Deps
from chalicelib.store.queue import send_notices
from chalicelib.store.webhook_deliveries import list_due, put_delivery_once
from chalicelib.store.webhook_health import load_health
from chalicelib.store.webhooks import load_endpoints

SWEPT = 500
"""Deliveries of an endpoint that one sweep looks at."""


def announce(deps: Deps, *events: Event) -> None:
    """Have every endpoint told that wants such events; an event that was announced before adds nothing.

    The endpoints are read once for all: one that is made or changed in this moment is told of the next batch.
    """
    endpoints = load_endpoints() if events else []
    now = deps.clock()
    wanted = [(endpoint, event) for event in events for endpoint in endpoints if endpoint.wants(event.type.value)]
    for endpoint, event in wanted:
        put_delivery_once(announce_to(endpoint, event, now))
    send_notices([delivery_message(endpoint.id, event.subject) for endpoint, event in wanted if endpoint.is_active])


def drive_due(deps: Deps) -> int:
    """Send messages for deliveries whose time has come, and of disabled endpoints to cancel them; how many messages."""
    endpoints = load_endpoints()
    health = load_health([endpoint.id for endpoint in endpoints]) if endpoints else {}
    messages = [
        delivery_message(endpoint.id, subject)
        for endpoint in endpoints
        for subject in _due(deps, endpoint, health.get(endpoint.id, Health()))
    ]
    send_notices(messages)
    return len(messages)


def delivery_message(endpoint_id: str, subject: str) -> dict[str, Any]:
    """Has an endpoint sent what waits about a subject."""
    return {"type": "deliver_webhook", "endpoint_id": endpoint_id, "subject": subject}


def _due(deps: Deps, endpoint: WebhookEndpoint, health: Health) -> list[str]:
    """Subjects to drive; of an endpoint that keeps failing, one, which is enough to learn whether it is back."""
    now = deps.clock()
    if endpoint.is_active and health.is_paused(now):
        return []
    subjects = list_due(endpoint.id, now, SWEPT)
    return subjects[:1] if endpoint.is_active and health.needs_probe else subjects
