"""`/webhooks/{id}/deliveries` and what has things sent: a trial, a replay of one, a replay of all since an instant."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.domain.webhooks import Delivery, DeliveryStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Instant
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import webhook_replay as service

api = Api(__name__)


class DeliveryAnswer(BaseModel):
    """Telling an endpoint an event. `next_at` is the next try of a pending one, or until when a try under way has time."""

    id: str
    message_id: str
    type: str
    subject: str
    sequence: int
    status: DeliveryStatus
    attempts: int
    next_at: Instant | None
    created_at: Instant
    finished_at: Instant | None
    response_status: int | None
    error: str


class DeliveryQuery(PageQuery):
    """Which deliveries: those that failed, unless told otherwise."""

    status: DeliveryStatus = DeliveryStatus.FAILED


class ReplayInput(Body):
    """What to send again: everything in these states that was announced since then, the last thirty days at most."""

    since: Instant
    statuses: tuple[Literal["failed", "cancelled", "delivered"], ...] = Field(
        default=("failed", "cancelled"), min_length=1, max_length=3
    )


class ReplayAnswer(BaseModel):
    """A replay under way: of what was announced in these states between the two instants."""

    since: Instant
    until: Instant
    statuses: list[str]


@api.endpoint(
    "GET",
    "/webhooks/{webhook_id}/deliveries",
    permission="settings:write",
    summary="List deliveries to a webhook endpoint in one state, latest first; kept for 30 days",
    query=DeliveryQuery,
    answer=Page[DeliveryAnswer],
)
def list_webhook_deliveries(request: Request) -> Answer:
    """A page of deliveries."""
    query: DeliveryQuery = request.query
    found, following = service.list_deliveries(request.path["webhook_id"], query.status, query.limit, query.cursor)
    return Answer(page([present_delivery(delivery) for delivery in found], following))


@api.endpoint(
    "POST",
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    permission="settings:write",
    summary="Send one delivery again",
    answer=DeliveryAnswer,
    status=202,
)
def replay_webhook_delivery(request: Request) -> Answer:
    """Have a delivery sent again at once."""
    return Answer(
        present_delivery(service.replay_delivery(request.deps, request.path["webhook_id"], request.path["delivery_id"]))
    )


@api.endpoint(
    "POST",
    "/webhooks/{webhook_id}/replay",
    permission="settings:write",
    summary="Send again what a webhook endpoint missed since an instant",
    body=ReplayInput,
    answer=ReplayAnswer,
    status=202,
)
def replay_webhook(request: Request) -> Answer:
    """Have everything since an instant sent again."""
    asked: ReplayInput = request.body
    statuses = [DeliveryStatus(name) for name in asked.statuses]
    until = service.replay_since(request.deps, request.path["webhook_id"], asked.since, statuses)
    return Answer({"since": asked.since, "until": until, "statuses": statuses})


@api.endpoint(
    "POST",
    "/webhooks/{webhook_id}/test",
    permission="settings:write",
    summary="Send a webhook endpoint an event of type webhook.test",
    answer=DeliveryAnswer,
    status=202,
)
def send_webhook_test(request: Request) -> Answer:
    """Have a trial sent."""
    return Answer(present_delivery(service.send_trial(request.deps, request.path["webhook_id"])))


def present_delivery(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API shows it."""
    shown = {name: getattr(delivery, name) for name in DeliveryAnswer.model_fields}
    return shown if delivery.is_pending else {**shown, "next_at": None}
