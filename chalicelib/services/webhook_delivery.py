"""Sending what waits for an endpoint about one subject: in order, one at a time, each try claimed before it is made.

A claim is a lease: when its holder dies, the delivery is due again after it. So a receiver may get a message twice, and knows it
by its id; it never gets a later event of a subject before an earlier one was taken or given up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from chalicelib.domain.errors import Conflict
from chalicelib.domain.webhook_signing import WebhookSecret, sign
from chalicelib.domain.webhooks import Delivery, DeliveryStatus, DisabledReason, Health, WebhookEndpoint, pause_after
from chalicelib.outbound.post import Outcome, post
from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.services.webhooks import delivery_message
from chalicelib.store.queue import LONGEST_DELAY, send_notices
from chalicelib.store.webhook_deliveries import load_lane, save_delivery
from chalicelib.store.webhook_health import add_failure, clear_health, find_health, pause
from chalicelib.store.webhooks import find_signed, save_endpoint

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""For how long a try holds its delivery: well more than a try takes."""
PATIENCE = timedelta(seconds=5)
"""How long one message may begin new tries, so that a batch of slow ones ends in time; a further message does the rest."""
SKEW = timedelta(seconds=2)
"""By how much clocks of two functions may differ, and whole seconds round."""
AGENT = "billing-webhooks/1"


@dataclass(frozen=True, slots=True)
class Lane:
    """An endpoint that is told about a subject, with what it needs to be told."""

    endpoint: WebhookEndpoint
    secrets: Sequence[WebhookSecret]
    subject: str
    health: Health


def deliver(deps: Deps, endpoint_id: str, subject: str) -> None:
    """Send what is due to the endpoint about the subject. Nothing for an endpoint that is gone, or is left alone for now."""
    found = find_signed(endpoint_id)
    if found is None:
        return
    endpoint, keyring = found
    if not endpoint.is_active:
        _cancel(deps, endpoint_id, subject)
        return
    health = find_health(endpoint_id)
    if not health.is_paused(deps.clock()):
        _work_off(deps, Lane(endpoint, keyring.secrets, subject, health))


def deliver_message(deps: Deps, message: dict[str, Any]) -> None:
    """What a message of the notices queue asks for."""
    deliver(deps, str(message["endpoint_id"]), str(message["subject"]))


def _cancel(deps: Deps, endpoint_id: str, subject: str) -> None:
    for delivery in load_lane(endpoint_id, subject):
        save_delivery(
            delivery, delivery.finished(DeliveryStatus.CANCELLED, deps.clock(), delivery.response_status, delivery.error)
        )


def _work_off(deps: Deps, lane: Lane) -> None:
    begun = deps.clock()
    while waiting := load_lane(lane.endpoint.id, lane.subject):
        now = deps.clock()
        if not waiting[0].is_due(now + SKEW):
            _hold_back(waiting[0], waiting[1:])
            return
        if now - begun > PATIENCE:
            send_notices([delivery_message(lane.endpoint.id, lane.subject)])
            return
        claimed = replace(waiting[0], attempts=waiting[0].attempts + 1, next_at=now + LEASE)
        if not save_delivery(waiting[0], claimed) or not _try(deps, lane, claimed):
            return


def _hold_back(first: Delivery, others: Sequence[Delivery]) -> None:
    """What has to wait for the first is not due before it, or the sweep would find it again and again."""
    for other in others:
        if other.next_at < first.next_at:
            save_delivery(other, replace(other, next_at=first.next_at))


def _try(deps: Deps, lane: Lane, claimed: Delivery) -> bool:
    """Send once and note what came of it; whether the next one may follow."""
    body = claimed.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        **sign(lane.secrets, claimed.message_id, deps.clock(), body),
    }
    outcome = post(deps.network, lane.endpoint.url, body, headers)
    if outcome.error:
        return _note_failure(deps, lane, claimed, outcome)
    save_delivery(claimed, claimed.finished(DeliveryStatus.DELIVERED, deps.clock(), outcome.status))
    if lane.health.failures:
        clear_health(lane.endpoint.id)
    return True


def _note_failure(deps: Deps, lane: Lane, claimed: Delivery, outcome: Outcome) -> bool:
    """Whether the next one may follow: only after one that was given up, and not at a door that is closed for good."""
    now = deps.clock()
    after = claimed.failed_once(now, outcome.status, outcome.error)
    log.warning("webhook %s to %s failed, try %d: %s", claimed.id, lane.endpoint.id, claimed.attempts, outcome.error)
    if not save_delivery(claimed, after):
        return False
    if outcome.status == HTTPStatus.GONE:
        _disable(deps, lane, DisabledReason.GONE)
        return False
    if _is_left_alone(deps, lane):
        return False
    if after.is_pending:
        _come_again(after, after.next_at - now)
    return not after.is_pending


def _come_again(delivery: Delivery, wait: timedelta) -> None:
    """Short waits are the queue's business, long ones the sweep's."""
    seconds = int(wait.total_seconds()) + 1
    if seconds <= LONGEST_DELAY:
        send_notices([delivery_message(delivery.endpoint_id, delivery.subject)], delay=seconds)


def _is_left_alone(deps: Deps, lane: Lane) -> bool:
    """Count the failure; whether the endpoint is left alone from now on, for a while or for good."""
    now = deps.clock()
    health = add_failure(lane.endpoint.id, now)
    if health.is_hopeless(now):
        _disable(deps, lane, DisabledReason.FAILING)
        return True
    wait = pause_after(health.failures)
    if wait is not None:
        pause(lane.endpoint.id, now + wait)
    return wait is not None


def _disable(deps: Deps, lane: Lane, reason: DisabledReason) -> None:
    """Not told any more, until somebody says otherwise; what waits about other subjects is cancelled when it is driven."""
    try:
        save_endpoint(lane.endpoint.disabled(reason, deps.clock()))
    except Conflict:  # somebody changed it just now, so they know better
        return
    log.error("webhook endpoint %s is disabled: %s", lane.endpoint.id, reason)
    count(deps, "WebhookDisabled", endpoint=lane.endpoint.id, reason=reason.value)
    _cancel(deps, lane.endpoint.id, lane.subject)
