"""Endpoints of webhooks and their secrets: all in one partition, few enough to be read at once for each event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.webhook_signing import WebhookSecret
from chalicelib.domain.webhooks import WebhookEndpoint
from chalicelib.store import codec
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import BillingItem
from chalicelib.store.transaction import commit
from chalicelib.store.webhook_tables import WebhookItem, WebhookSecretItem

PK = "WEBHOOKS"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets of an endpoint, newest first, and how often they were changed."""

    secrets: tuple[WebhookSecret, ...]
    version: int


def load_endpoints() -> list[WebhookEndpoint]:
    """All endpoints, oldest first, read consistently."""
    return [read_endpoint(item) for item in _all()]


def list_endpoints(limit: int, cursor: str | None) -> tuple[list[WebhookEndpoint], str | None]:
    """A page of endpoints, oldest first, and the cursor to go on with."""
    after = decode_cursor(cursor) or ""
    found = [endpoint for endpoint in load_endpoints() if endpoint.id > after]
    return found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None


def get_endpoint(endpoint_id: str) -> WebhookEndpoint:
    """The endpoint, or NotFound."""
    item = _find(endpoint_id)
    if item is None:
        raise NotFound("webhook", endpoint_id)
    return read_endpoint(item)


def find_signed(endpoint_id: str) -> tuple[WebhookEndpoint, Keyring] | None:
    """The endpoint with its secrets, in one call; None when it was deleted."""
    endpoint, keyring = None, None
    for item in _together(endpoint_id):
        if isinstance(item, WebhookItem):
            endpoint = read_endpoint(item)
        elif isinstance(item, WebhookSecretItem):
            keyring = Keyring(tuple(codec.restore(WebhookSecret, each) for each in item.doc), int(item.ver))
    return (endpoint, keyring) if endpoint and keyring else None


def put_endpoint(endpoint: WebhookEndpoint, secret: WebhookSecret) -> WebhookSecret:
    """Keep a new endpoint; one that is there already under this (new) id is the same, met again. Its secret."""
    try:
        commit(lambda transaction: _add(transaction, endpoint, secret))
    except ConditionFailedError:
        found = find_signed(endpoint.id)
        return found[1].secrets[0] if found else secret
    return secret


def save_endpoint(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Save a changed endpoint that carries the version it was read with; with its new one. Conflict `stale_version`."""
    saved = replace(endpoint, version=endpoint.version + 1)
    try:
        _save(saved, endpoint.version)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error
    return saved


def save_keyring(endpoint_id: str, secrets: Sequence[WebhookSecret], read_version: int) -> None:
    """Replace the secrets; Conflict `stale_version` when somebody did so in between."""
    try:
        _save_secrets(endpoint_id, secrets, read_version)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def delete_endpoint(endpoint: WebhookEndpoint) -> None:
    """Forget an endpoint and its secrets; Conflict `stale_version` when it changed meanwhile."""
    sign_off(WebhookItem(PK, _endpoint_sk(endpoint.id)))
    try:
        commit(lambda transaction: _remove(transaction, endpoint))
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def read_endpoint(item: WebhookItem) -> WebhookEndpoint:
    """The endpoint that an item keeps."""
    return codec.restore(WebhookEndpoint, item.doc)


def _endpoint_sk(endpoint_id: str) -> str:
    return f"{endpoint_id}#0"


def _secret_sk(endpoint_id: str) -> str:
    return f"{endpoint_id}#S"


def _secrets(secrets: Sequence[WebhookSecret]) -> list[Any]:
    return [codec.plain(each) for each in secrets]


def _add(transaction: TransactWrite, endpoint: WebhookEndpoint, secret: WebhookSecret) -> None:
    item = WebhookItem(PK, _endpoint_sk(endpoint.id), ver=endpoint.version, doc=codec.plain(endpoint))
    transaction.save(item, condition=WebhookItem.pk.does_not_exist())
    transaction.save(WebhookSecretItem(PK, _secret_sk(endpoint.id), ver=1, doc=_secrets([secret])))


def _remove(transaction: TransactWrite, endpoint: WebhookEndpoint) -> None:
    transaction.delete(WebhookItem(PK, _endpoint_sk(endpoint.id)), condition=WebhookItem.ver == endpoint.version)
    transaction.delete(WebhookSecretItem(PK, _secret_sk(endpoint.id)))


@retried
def _all() -> list[WebhookItem]:
    return list(WebhookItem.query(PK, consistent_read=True))


@retried
def _find(endpoint_id: str) -> WebhookItem | None:
    try:
        return WebhookItem.get(PK, _endpoint_sk(endpoint_id), consistent_read=True)
    except WebhookItem.DoesNotExist:
        return None


@retried
def _together(endpoint_id: str) -> list[BillingItem]:
    return list(BillingItem.query(PK, BillingItem.sk.startswith(f"{endpoint_id}#"), consistent_read=True))


@retried
def _save(endpoint: WebhookEndpoint, read_version: int) -> None:
    actions: list[Action] = [WebhookItem.ver.set(endpoint.version), WebhookItem.doc.set(codec.plain(endpoint))]
    WebhookItem(PK, _endpoint_sk(endpoint.id)).update(actions=actions, condition=WebhookItem.ver == read_version)


@retried
def _save_secrets(endpoint_id: str, secrets: Sequence[WebhookSecret], read_version: int) -> None:
    actions: list[Action] = [WebhookSecretItem.ver.set(read_version + 1), WebhookSecretItem.doc.set(_secrets(secrets))]
    item = WebhookSecretItem(PK, _secret_sk(endpoint_id))
    item.update(actions=actions, condition=WebhookSecretItem.ver == read_version)
