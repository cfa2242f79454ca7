"""Sending again what was sent, given up or cancelled: one delivery, or all of an endpoint since an instant, in slices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import Conflict, Invalid, Issue, NotFound
from chalicelib.domain.webhooks import Delivery, DeliveryStatus, WebhookEndpoint, parse_delivery_id, trial_delivery
from chalicelib.services.deps import Deps
from chalicelib.services.webhooks import delivery_message
from chalicelib.store import keys
from chalicelib.store import webhook_deliveries as store
from chalicelib.store.queue import send_notices
from chalicelib.store.webhooks import get_endpoint

SLICE = 100
"""Deliveries that one message replays."""


def list_deliveries(
    endpoint_id: str, status: DeliveryStatus, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """A page of an endpoint's deliveries in a state, latest first. Raises NotFound."""
    get_endpoint(endpoint_id)
    return store.list_deliveries(endpoint_id, status, limit, cursor)


def send_trial(deps: Deps, endpoint_id: str) -> Delivery:
    """Have the endpoint sent an event that says nothing. Raises NotFound, Conflict `wrong_state` when it is disabled."""
    endpoint = _active(endpoint_id)
    delivery = trial_delivery(endpoint, deps.new_id(), deps.clock())
    store.put_delivery_once(delivery)
    send_notices([delivery_message(endpoint_id, delivery.subject)])
    return delivery


def replay_delivery(deps: Deps, endpoint_id: str, delivery_id: str) -> Delivery:
    """Have one delivery sent again at once, from its first try on, also one that is pending.

    Raises NotFound, Conflict `wrong_state` when the endpoint is disabled, `stale_version` while it is just being sent.
    """
    _active(endpoint_id)
    parts = parse_delivery_id(delivery_id)
    found = store.find_delivery(endpoint_id, *parts) if parts else None
    if found is None:
        raise NotFound("delivery", delivery_id)
    after = found.replayed(deps.clock())
    if not store.save_delivery(found, after):
        raise Conflict("stale_version")
    send_notices([delivery_message(endpoint_id, found.subject)])
    return after


def replay_since(deps: Deps, endpoint_id: str, since: datetime, statuses: Iterable[DeliveryStatus]) -> datetime:
    """Have everything in these states sent again that was announced since then; the instant up to which.

    Raises NotFound, Conflict `wrong_state`, Invalid.
    """
    _active(endpoint_id)
    until = deps.clock()
    if since > until:
        raise Invalid.of(Issue("since", "invalid_date", "The instant lies in the future."))
    send_notices([_slice_message(endpoint_id, status, keys.instant(since), until) for status in dict.fromkeys(statuses)])
    return until


def replay_slice(deps: Deps, message: dict[str, Any]) -> None:
    """Replay a hundred deliveries, and send a message for what is left. A repeated message replays none twice."""
    endpoint_id, status = str(message["endpoint_id"]), DeliveryStatus(message["status"])
    until = datetime.fromisoformat(str(message["until"]))
    found, position = store.list_span(endpoint_id, status, str(message["after"]), until, SLICE)
    now = deps.clock()
    replayed = [one for one in found if _is_meant(one, status, until) and store.save_delivery(one, one.replayed(now))]
    messages = [delivery_message(endpoint_id, subject) for subject in dict.fromkeys(one.subject for one in replayed)]
    if position is not None:
        messages.append(_slice_message(endpoint_id, status, position, until))
    send_notices(messages)


def _is_meant(delivery: Delivery, status: DeliveryStatus, until: datetime) -> bool:
    """Whether the delivery is still as it was when the replay was asked for: what ended later was replayed already."""
    return delivery.status is status and delivery.finished_at is not None and delivery.finished_at <= until


def _slice_message(endpoint_id: str, status: DeliveryStatus, after: str, until: datetime) -> dict[str, Any]:
    return {
        "type": "replay_webhooks",
        "endpoint_id": endpoint_id,
        "status": status.value,
        "after": after,
        "until": until.isoformat(),
    }


def _active(endpoint_id: str) -> WebhookEndpoint:
    endpoint = get_endpoint(endpoint_id)
    if not endpoint.is_active:
        raise Conflict("wrong_state", "The endpoint is disabled; set its status to active first.")
    return endpoint
