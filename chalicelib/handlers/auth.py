"""Proves who asks (a JWT of the configured issuer, or an API key) and checks what they may do; denies by default.

The token never chooses its own algorithm or key source, and nothing of a token is logged.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError

from chalicelib.config import Settings
from chalicelib.domain.access import PERMISSIONS, Actor
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.handlers.problems import Refused
from chalicelib.services.api_keys import SECRET_PREFIX, find_valid_key
from chalicelib.services.deps import Deps

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
LEEWAY_SECONDS = 30
KEYS_LIVE_SECONDS = 600
REFRESH_SECONDS = 30
"""An unknown key id makes us ask the issuer at most this often, so that forged tokens cannot make us flood it."""
MAX_TOKEN = 8_000

ANONYMOUS = Actor(subject="anonymous")


def authenticate(header: str | None, deps: Deps) -> Actor:
    """Who the Authorization header proves; raises Refused `unauthenticated`, or Unavailable without the issuer's keys."""
    scheme, _, credential = (header or "").strip().partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(credential) > MAX_TOKEN:
        raise Refused("unauthenticated", "Send Authorization: Bearer with a token or an API key.")
    if credential.startswith(SECRET_PREFIX):
        return _program(credential, deps)
    return _person(_claims(credential, deps.settings))


def authorise(actor: Actor, permission: str, *, customers: bool) -> None:
    """Raise Refused("forbidden") unless the actor has the permission, and the endpoint is open to customers if they are one."""
    if not actor.may(permission):
        raise Refused("forbidden", f"The permission {permission} is needed.")
    if actor.customer_id is not None and not customers:
        raise Refused("forbidden", "Customers cannot do this.")


def check_ownership(actor: Actor, path: dict[str, str]) -> None:
    """Raise NotFound when a customer's path names somebody else's object: public ids begin with their customer's id."""
    if actor.customer_id is None:
        return
    for name, value in path.items():
        owner = value if name == "customer_id" else value.partition(".")[0]
        if name in OWNED and owner != actor.customer_id:
            raise NotFound(name.removesuffix("_id"), value)


OWNED = frozenset({"customer_id", "invoice_id", "payment_id"})
"""Path parameters that name whose object it is."""


def _program(secret: str, deps: Deps) -> Actor:
    key = find_valid_key(deps, secret)
    if key is None:
        raise Refused("unauthenticated", "The API key is not known, or it has expired.")
    return Actor(subject=f"key:{key.id}", label=f"key:{key.name}", permissions=frozenset(key.permissions))


def _claims(token: str, settings: Settings) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_for(token, settings),
            algorithms=ALGORITHMS,
            audience=settings.jwt_audience,
            issuer=settings.jwt_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except PyJWTError as error:
        raise Refused("unauthenticated", "The token is not valid.") from error
    return claims


def _person(claims: dict[str, Any]) -> Actor:
    customer_id = claims.get("customer_id")
    if customer_id is not None and (not isinstance(customer_id, str) or not customer_id):
        raise Refused("unauthenticated", "The token's customer_id is not usable.")
    return Actor(subject=f"user:{claims['sub']}", permissions=_permissions(claims), customer_id=customer_id)


def _permissions(claims: dict[str, Any]) -> frozenset[str]:
    listed, scope = claims.get("permissions"), claims.get("scope")
    names = listed if isinstance(listed, list) else str(scope or "").split()
    return frozenset(name for name in names if isinstance(name, str)) & frozenset(PERMISSIONS)


def _key_for(token: str, settings: Settings) -> str | PyJWK:
    if settings.jwt_public_key:
        return settings.jwt_public_key
    return _issuer_keys(settings.jwt_jwks_url).find(str(jwt.get_unverified_header(token).get("kid", "")))


@cache
def _issuer_keys(url: str) -> IssuerKeys:
    return IssuerKeys(url)


class IssuerKeys:
    """The issuer's published keys, kept for ten minutes; an unknown key id asks again, at most every REFRESH_SECONDS."""

    def __init__(self, url: str) -> None:
        """Remember where the keys are; asks nothing yet."""
        self._client = PyJWKClient(url, lifespan=KEYS_LIVE_SECONDS, timeout=5)
        self._refreshed = float("-inf")

    def find(self, key_id: str) -> PyJWK:
        """The key of that id; Refused when the issuer has none, Unavailable when it cannot be asked."""
        known = self._fetch(refresh=False)
        if key_id not in known and time.monotonic() - self._refreshed >= REFRESH_SECONDS:
            self._refreshed = time.monotonic()
            known = self._fetch(refresh=True)
        if key_id not in known:
            raise Refused("unauthenticated", "The token is signed with an unknown key.")
        return known[key_id]

    def _fetch(self, *, refresh: bool) -> dict[str, PyJWK]:
        try:
            keys = self._client.get_jwk_set(refresh=refresh).keys
        except PyJWKClientConnectionError as error:
            raise Unavailable(str(error)) from error
        return {key.key_id: key for key in keys if key.key_id}
