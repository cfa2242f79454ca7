"""Endpoints of webhooks: made, changed, listed, deleted, their secrets replaced. Nothing is sent to them here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.changes import merged
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.webhook_rules import target, validate_events, validate_url
from chalicelib.domain.webhook_signing import SECRET_BYTES, build_secret, rotate
from chalicelib.domain.webhooks import DisabledReason, EndpointStatus, Health, WebhookEndpoint
from chalicelib.outbound.network import ForbiddenAddressError, UnknownHostError
from chalicelib.services.deps import Deps
from chalicelib.services.versions import check_version
from chalicelib.store import webhooks as store
from chalicelib.store.webhook_health import clear_health, find_health, load_health

MOST_ENDPOINTS = 20


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint and how it fares."""

    endpoint: WebhookEndpoint
    health: Health


def create_endpoint(deps: Deps, url: str, fields: Mapping[str, Any]) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint; it and its secret, which is shown this once. Raises Invalid with every issue."""
    endpoint = _checked(deps, _draft(deps, deps.new_id(), url, fields), new=True)
    if sum(other.id != endpoint.id for other in store.load_endpoints()) >= MOST_ENDPOINTS:
        raise Invalid("too_many_items", f"At most {MOST_ENDPOINTS} endpoints.")
    return endpoint, store.put_endpoint(endpoint, build_secret(secrets.token_bytes(SECRET_BYTES))).key


def check_new(deps: Deps, url: str | None, fields: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of an endpoint to be; makes nothing."""
    _checked(deps, _draft(deps, "new", url or "", fields), new=url is not None)


def list_endpoints(limit: int, cursor: str | None) -> tuple[list[EndpointView], str | None]:
    """A page of endpoints, oldest first."""
    endpoints, following = store.list_endpoints(limit, cursor)
    health = load_health([endpoint.id for endpoint in endpoints]) if endpoints else {}
    return [EndpointView(endpoint, health.get(endpoint.id, Health())) for endpoint in endpoints], following


def get_endpoint(endpoint_id: str) -> EndpointView:
    """An endpoint; NotFound."""
    return EndpointView(store.get_endpoint(endpoint_id), find_health(endpoint_id))


def update_endpoint(deps: Deps, endpoint_id: str, changes: Mapping[str, Any], expected: int | None) -> EndpointView:
    """Change the fields given; one that is made active again starts with a clean sheet. Raises Invalid, NotFound, Conflict."""
    before = store.get_endpoint(endpoint_id)
    check_version(before.version, expected)
    saved = store.save_endpoint(_checked(deps, _changed(before, changes, deps.clock()), new="url" in changes))
    if saved.is_active and not before.is_active:
        clear_health(endpoint_id)
    return EndpointView(saved, find_health(endpoint_id))


def check_changes(deps: Deps, endpoint_id: str, changes: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of the endpoint as it would be after a change; changes nothing. NotFound."""
    _checked(deps, _changed(store.get_endpoint(endpoint_id), changes, deps.clock()), new="url" in changes)


def delete_endpoint(endpoint_id: str, expected: int | None) -> None:
    """Forget an endpoint; what waits for it is not sent. Raises NotFound, Conflict."""
    endpoint = store.get_endpoint(endpoint_id)
    check_version(endpoint.version, expected)
    store.delete_endpoint(endpoint)


def rotate_secret(deps: Deps, endpoint_id: str) -> tuple[EndpointView, str]:
    """Give the endpoint a new secret, shown this once; for a day the old one signs as well. Raises NotFound, Conflict."""
    found = store.find_signed(endpoint_id)
    if found is None:
        raise NotFound("webhook", endpoint_id)
    endpoint, keyring = found
    new = build_secret(secrets.token_bytes(SECRET_BYTES))
    store.save_keyring(endpoint_id, rotate(keyring.secrets, new, deps.clock()), keyring.version)
    return EndpointView(endpoint, find_health(endpoint_id)), new.key


def _draft(deps: Deps, endpoint_id: str, url: str, fields: Mapping[str, Any]) -> WebhookEndpoint:
    now = deps.clock()
    return _changed(WebhookEndpoint(id=endpoint_id, url=url, created_at=now, updated_at=now), fields, now)


def _changed(before: WebhookEndpoint, changes: Mapping[str, Any], now: datetime) -> WebhookEndpoint:
    after = replace(merged(before, changes), updated_at=now)
    if after.status is before.status:
        return after
    return after.enabled(now) if after.status is EndpointStatus.ACTIVE else after.disabled(DisabledReason.BY_HAND, now)


def _checked(deps: Deps, endpoint: WebhookEndpoint, *, new: bool) -> WebhookEndpoint:
    """Judge the whole; `new` when the URL was given just now, and where it leads has to be looked at."""
    issues = validate_events(endpoint.events)
    if new:
        issues += validate_url(endpoint.url, deps.network.ports) or _address_issues(deps, endpoint.url)
    if issues:
        raise Invalid.of(*issues)
    return endpoint


def _address_issues(deps: Deps, url: str) -> list[Issue]:
    """A first look, for an early answer: what counts is the look at each connection."""
    host, port, _path = target(url)
    try:
        deps.network.find_addresses(host, port)
    except UnknownHostError:
        return [Issue("url", "unknown_host", "The name of the host leads nowhere.")]
    except ForbiddenAddressError:
        return [Issue("url", "forbidden_address", "The host must lead to public addresses only.")]
    return []
