"""Webhooks as values: endpoints that want to be told, and what became of telling each of them each event.

Follows Standard Webhooks (standardwebhooks.com). Makes no connection and keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zlib import crc32

from chalicelib.domain.events import Event, EventType

TEST_EVENT = "webhook.test"
"""The type of an event that says nothing but that it came."""

RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait after each failed try; the tenth failure, after three days, is the last. The schedule of Standard Webhooks."""
JITTER_PERCENT = 10
"""By how much a wait is stretched at most, so that what failed together does not come again together."""

FAILURES_UNTIL_PAUSE = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
"""A failing endpoint is left alone, ever longer, so that waiting for it does not hold up the others."""
FAILING_UNTIL_DISABLED = timedelta(days=5)
"""An endpoint that took nothing for so long, though it was tried, is disabled."""
RANKS = {kind.value: rank for rank, kind in enumerate(EventType)}
"""The types of events in the order in which they come true."""

_DELIVERY_ID = re.compile(r"([a-z_.]{1,60}):([^:]{1,300}):([0-9]{1,12})")


class EndpointStatus(StrEnum):
    """Whether an endpoint is told."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint is not told: somebody said so, it answered 410 Gone, or it took nothing for days."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """What became of telling an endpoint an event. Cancelled: the endpoint was disabled."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Where to send events. `events` are the types wanted, all when empty. Its secrets are kept apart and shown once."""

    id: str
    url: str
    description: str = ""
    events: tuple[str, ...] = ()
    status: EndpointStatus = EndpointStatus.ACTIVE
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def is_active(self) -> bool:
        """Whether it is told."""
        return self.status is EndpointStatus.ACTIVE

    def wants(self, event_type: str) -> bool:
        """Whether events of the type are for it."""
        return not self.events or event_type in self.events

    def disabled(self, reason: DisabledReason, now: datetime) -> WebhookEndpoint:
        """The endpoint, not told any more."""
        return replace(self, status=EndpointStatus.DISABLED, disabled_reason=reason, disabled_at=now, updated_at=now)

    def enabled(self, now: datetime) -> WebhookEndpoint:
        """The endpoint, told again."""
        return replace(self, status=EndpointStatus.ACTIVE, disabled_reason=None, disabled_at=None, updated_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How an endpoint fares: failures in a row, since when, and until when it is left alone."""

    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        """Whether the endpoint is to be left alone."""
        return self.paused_until is not None and now < self.paused_until

    @property
    def needs_probe(self) -> bool:
        """Whether one delivery is to be tried before all others."""
        return self.failures >= FAILURES_UNTIL_PAUSE

    def is_hopeless(self, now: datetime) -> bool:
        """Whether it took nothing for days."""
        return self.failing_since is not None and now - self.failing_since >= FAILING_UNTIL_DISABLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Telling one endpoint one event. `body` is what is sent, byte for byte the same in every try.

    `next_at` is the next try, or while one is under way the instant from which it counts as lost.
    """

    endpoint_id: str
    type: str
    subject: str
    sequence: int
    body: str
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    next_at: datetime
    created_at: datetime
    finished_at: datetime | None = None
    response_status: int | None = None
    error: str = ""

    @property
    def id(self) -> str:
        """Names the event, not the endpoint: the same event has the same id everywhere."""
        return f"{self.type}:{self.subject}:{self.sequence}"

    @property
    def message_id(self) -> str:
        """What receivers recognise repetitions by: no full stop in it, which separates what is signed."""
        return "msg_" + hashlib.sha256(self.id.encode()).hexdigest()[:32]

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among the deliveries of its subject: by version; of one version, in the order of the types."""
        return self.sequence, RANKS.get(self.type, len(RANKS))

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be sent."""
        return self.status is DeliveryStatus.PENDING

    def is_due(self, now: datetime) -> bool:
        """Whether it may be tried when nothing of its subject comes before it: at once the first time."""
        return self.attempts == 0 or self.next_at <= now

    def finished(self, status: DeliveryStatus, now: datetime, response_status: int | None = None, error: str = "") -> Delivery:
        """The delivery at its end."""
        return replace(self, status=status, finished_at=now, response_status=response_status, error=error)

    def failed_once(self, now: datetime, response_status: int | None, error: str) -> Delivery:
        """The delivery after a try that failed: to be tried again, or at its end."""
        if self.attempts > len(RETRY_AFTER):
            return self.finished(DeliveryStatus.FAILED, now, response_status, error)
        return replace(self, next_at=now + self.wait(), response_status=response_status, error=error)

    def wait(self) -> timedelta:
        """How long to wait after the last try. The stretch follows from the delivery, so that it needs no dice."""
        wait = RETRY_AFTER[self.attempts - 1]
        dice = crc32(f"{self.endpoint_id} {self.id} {self.attempts}".encode()) % 1000
        return wait + wait * JITTER_PERCENT * dice // 100_000

    def replayed(self, now: datetime) -> Delivery:
        """The delivery from the beginning."""
        return replace(self, status=DeliveryStatus.PENDING, attempts=0, next_at=now, finished_at=None)


def parse_delivery_id(delivery_id: str) -> tuple[str, str, int] | None:
    """(type, subject, sequence) of a delivery's id; None for what cannot be one.

    >>> parse_delivery_id("invoice.paid:acme.20261101.R:4")
    ('invoice.paid', 'acme.20261101.R', 4)
    """
    match = _DELIVERY_ID.fullmatch(delivery_id)
    return (match[1], match[2], int(match[3])) if match else None


def announce_to(endpoint: WebhookEndpoint, event: Event, now: datetime) -> Delivery:
    """The delivery of an event to an endpoint; to a disabled one it is cancelled, and can be replayed later."""
    data = {"id": event.subject, "customer_id": event.customer_id, **event.data}
    delivery = Delivery(
        endpoint_id=endpoint.id,
        type=event.type.value,
        subject=event.subject,
        sequence=event.sequence,
        body=build_body(event.type.value, event.occurred_at, data),
        next_at=now,
        created_at=now,
    )
    return delivery if endpoint.is_active else delivery.finished(DeliveryStatus.CANCELLED, now)


def trial_delivery(endpoint: WebhookEndpoint, test_id: str, now: datetime) -> Delivery:
    """A delivery that shows whether the endpoint can be reached."""
    body = build_body(TEST_EVENT, now, {"id": test_id})
    return Delivery(endpoint_id=endpoint.id, type=TEST_EVENT, subject=test_id, sequence=1, body=body, next_at=now, created_at=now)


def build_body(event_type: str, occurred_at: datetime, data: dict[str, str]) -> str:
    """The JSON that is sent."""
    stamp = occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": event_type, "timestamp": stamp, "data": data}, ensure_ascii=False, separators=(",", ":"))


def pause_after(failures: int) -> timedelta | None:
    """How long an endpoint is left alone after so many failures in a row; None for few."""
    if failures < FAILURES_UNTIL_PAUSE:
        return None
    doublings = min(failures - FAILURES_UNTIL_PAUSE, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
