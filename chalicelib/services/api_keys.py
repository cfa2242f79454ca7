"""API keys for programs: made, listed, revoked, recognised. The secret is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.access import PERMISSIONS, ApiKey
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.services.deps import Deps
from chalicelib.store import api_keys as store

SECRET_PREFIX = "sk_"  # noqa: S105  # marks a credential as an API key, is none
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApiKey:
    """Wish for a key. `expires_at` None: until it is revoked."""

    name: str
    permissions: tuple[str, ...]
    expires_at: datetime | None = None


def create_key(deps: Deps, command: CreateApiKey, granted: frozenset[str]) -> tuple[ApiKey, str]:
    """Make a key and its secret; nobody hands out permissions that they lack (`granted` are their own). Raises Invalid."""
    issues = _key_issues(deps, command, granted)
    if issues:
        raise Invalid.of(*issues)
    secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey(
        id=_hash(secret),
        name=command.name,
        permissions=tuple(sorted(set(command.permissions))),
        expires_at=command.expires_at,
        created_at=deps.clock(),
    )
    store.put_key(key)
    return key, secret


def list_keys(limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
    """A page of keys, oldest first."""
    return store.list_keys(limit, cursor)


def delete_key(key_id: str) -> None:
    """Revoke a key at once; raises NotFound."""
    store.delete_key(key_id)


def find_valid_key(deps: Deps, secret: str) -> ApiKey | None:
    """The key of a secret, unless there is none or it has expired."""
    key = store.find_key(_hash(secret))
    return key if key is not None and key.is_valid(deps.clock()) else None


def _hash(secret: str) -> str:
    """A plain SHA-256 does: the secret has 256 random bits, so there is nothing to guess slowly."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_issues(deps: Deps, command: CreateApiKey, granted: frozenset[str]) -> list[Issue]:
    issues = [
        Issue(
            f"permissions.{position}", "invalid_value", f"{name!r} is not one of {', '.join(PERMISSIONS)} that you have yourself."
        )
        for position, name in enumerate(command.permissions)
        if name not in granted
    ]
    if not command.permissions:
        issues.append(Issue("permissions", "required", "Name at least one permission."))
    if command.expires_at is not None and command.expires_at <= deps.clock():
        issues.append(Issue("expires_at", "invalid_date", "The expiry lies in the past."))
    return issues
