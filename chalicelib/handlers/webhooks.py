"""`/webhooks`: endpoints that are told of events. A secret is in the answer that makes it, and nowhere else ever after."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.domain.events import EventType
from chalicelib.domain.webhooks import DisabledReason, EndpointStatus, Health, WebhookEndpoint
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Instant, OneLine
from chalicelib.handlers.requests import Changes, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import webhook_endpoints as service

api = Api(__name__)

SECRET = "secret"  # noqa: S105  # the name of a field


class WebhookChanges(Changes):
    """Any fields of an endpoint; what is left out stays. `events` empty: all types."""

    url: str = Field(default="", max_length=2000)
    description: OneLine = ""
    events: tuple[EventType, ...] = Field(default=(), max_length=50)
    status: EndpointStatus = EndpointStatus.ACTIVE


class WebhookInput(WebhookChanges):
    """An endpoint to make: an https URL on the public internet."""

    url: str = Field(max_length=2000)


class WebhookAnswer(BaseModel):
    """An endpoint and how it fares: failures in a row, since when, and until when it is left alone."""

    id: str
    url: str
    description: str
    events: list[str]
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    disabled_at: Instant | None
    failures: int
    failing_since: Instant | None
    paused_until: Instant | None
    created_at: Instant
    updated_at: Instant
    version: int


class WebhookWithSecret(WebhookAnswer):
    """An endpoint with a new secret. `secret` is null where the answer is a repetition (Idempotency-Key): replace it then."""

    secret: str | None


@api.endpoint(
    "GET",
    "/webhooks",
    permission="settings:write",
    summary="List the webhook endpoints",
    query=PageQuery,
    answer=Page[WebhookAnswer],
)
def list_webhooks(request: Request) -> Answer:
    """A page of endpoints, oldest first, without their secrets."""
    found, following = service.list_endpoints(request.query.limit, request.query.cursor)
    return Answer(page([present_webhook(view.endpoint, view.health) for view in found], following))


@api.endpoint(
    "POST",
    "/webhooks",
    permission="settings:write",
    summary="Make a webhook endpoint; its secret is shown once",
    body=WebhookInput,
    judge=lambda request: service.check_new(request.deps, request.body.url, parse_changes(request.body)),
    answer=WebhookWithSecret,
    status=201,
    secret_fields=(SECRET,),
)
def create_webhook(request: Request) -> Answer:
    """Make an endpoint."""
    endpoint, secret = service.create_endpoint(request.deps, request.body.url, parse_changes(request.body))
    return Answer({**present_webhook(endpoint, Health()), SECRET: secret}, version=endpoint.version)


@api.endpoint(
    "GET", "/webhooks/{webhook_id}", permission="settings:write", summary="Read a webhook endpoint", answer=WebhookAnswer
)
def get_webhook(request: Request) -> Answer:
    """One endpoint, with its version as ETag."""
    return answer_webhook(service.get_endpoint(request.path["webhook_id"]))


@api.endpoint(
    "PATCH",
    "/webhooks/{webhook_id}",
    permission="settings:write",
    summary="Change a webhook endpoint, disable it, or make it active again",
    body=WebhookChanges,
    judge=lambda request: service.check_changes(request.deps, request.path["webhook_id"], parse_changes(request.body)),
    answer=WebhookAnswer,
)
def patch_webhook(request: Request) -> Answer:
    """Change the fields given."""
    changes = parse_changes(request.body)
    return answer_webhook(service.update_endpoint(request.deps, request.path["webhook_id"], changes, request.if_match))


@api.endpoint(
    "DELETE",
    "/webhooks/{webhook_id}",
    permission="settings:write",
    summary="Delete a webhook endpoint; what waits for it is not sent",
    status=204,
)
def delete_webhook(request: Request) -> Answer:
    """Forget an endpoint and its secrets."""
    service.delete_endpoint(request.path["webhook_id"], request.if_match)
    return Answer()


@api.endpoint(
    "POST",
    "/webhooks/{webhook_id}/rotate-secret",
    permission="settings:write",
    summary="Replace the secret of a webhook endpoint; for 24 hours the old one signs as well",
    answer=WebhookWithSecret,
    secret_fields=(SECRET,),
)
def rotate_webhook_secret(request: Request) -> Answer:
    """A new secret, shown this once."""
    view, secret = service.rotate_secret(request.deps, request.path["webhook_id"])
    return Answer({**present_webhook(view.endpoint, view.health), SECRET: secret}, version=view.endpoint.version)


def parse_changes(body: WebhookChanges) -> dict[str, Any]:
    """The fields that were given."""
    changes = body.model_dump(exclude_unset=True)
    if "events" in changes:
        changes["events"] = tuple(dict.fromkeys(each.value for each in body.events))
    return changes


def answer_webhook(view: service.EndpointView) -> Answer:
    """An endpoint and its version."""
    return Answer(present_webhook(view.endpoint, view.health), version=view.endpoint.version)


def present_webhook(endpoint: WebhookEndpoint, health: Health) -> dict[str, Any]:
    """An endpoint as the API shows it."""
    return {**plain(endpoint), **plain(health)}
