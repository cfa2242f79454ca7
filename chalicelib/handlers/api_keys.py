"""`/api-keys`: keys for programs. The secret is in the answer that makes the key, and nowhere else ever after."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.domain.access import ApiKey
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Id, Instant, Name
from chalicelib.handlers.requests import Body, PageQuery, Query, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import api_keys as service

api = Api(__name__)

SECRET = "secret"  # noqa: S105  # the name of a field


class ApiKeyInput(Body):
    """A key to make."""

    name: Name
    permissions: tuple[str, ...] = Field(max_length=20)
    expires_at: Instant | None = None


class NewApiKey(BaseModel):
    """A key just made. `secret` is null where the answer is a repetition (Idempotency-Key): it is kept nowhere."""

    id: str
    name: str
    permissions: list[str]
    expires_at: Instant | None
    created_at: Instant
    secret: str | None


class ApiKeyQuery(Query):
    """Which key."""

    id: Id


@api.endpoint("GET", "/api-keys", permission="settings:write", summary="List the API keys", query=PageQuery, answer=Page[ApiKey])
def list_api_keys(request: Request) -> Answer:
    """A page of keys, without their secrets."""
    return Answer(page(*service.list_keys(request.query.limit, request.query.cursor)))


@api.endpoint(
    "POST",
    "/api-keys",
    permission="settings:write",
    summary="Make an API key; its secret is shown once",
    body=ApiKeyInput,
    answer=NewApiKey,
    status=201,
    secret_fields=(SECRET,),
)
def create_api_key(request: Request) -> Answer:
    """Make a key with some of the caller's own permissions."""
    command = service.CreateApiKey(**dict(request.body))
    key, secret = service.create_key(request.deps, command, request.actor.permissions)
    return Answer(present_new_key(key, secret))


@api.endpoint(
    "DELETE", "/api-keys", permission="settings:write", summary="Revoke the API key ?id=", query=ApiKeyQuery, status=204
)
def delete_api_key_by_query(request: Request) -> Answer:
    """Revoke a key at once."""
    service.delete_key(request.query.id)
    return Answer()


@api.endpoint("DELETE", "/api-keys/{key_id}", permission="settings:write", summary="Revoke an API key", status=204)
def delete_api_key(request: Request) -> Answer:
    """Revoke a key at once."""
    service.delete_key(request.path["key_id"])
    return Answer()


def present_new_key(key: ApiKey, secret: str) -> dict[str, Any]:
    """A key with its secret."""
    return {**plain(key), SECRET: secret}
