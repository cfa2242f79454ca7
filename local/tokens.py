"""Local staff and customer tokens: one key pair per data directory, made at the first need.

Stands in for the identity provider of a real deployment; issues nothing that another data directory would accept.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.home import Home

ISSUER = "https://local.billing.invalid/"
AUDIENCE = "billing-local"
LIFETIME = timedelta(days=30)
PERMISSIONS: dict[str, tuple[str, ...]] = {
    "admin": ("billing:read", "billing:write", "payments:write", "settings:write", "usage:write"),
    "clerk": ("billing:read", "billing:write", "payments:write", "usage:write"),
    "viewer": ("billing:read",),
    "customer": ("billing:read",),
}


def make_token(home: Home, role: str, customer_id: str | None = None) -> str:
    """A signed JWT of the role; role `customer` is bound to one customer id."""
    issued = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"customer:{customer_id}" if customer_id else f"local-{role}",
        "iat": issued,
        "exp": issued + LIFETIME,
        "permissions": list(PERMISSIONS[role]),
    }
    if customer_id:
        claims["customer_id"] = customer_id
    return jwt.encode(claims, _private_key(home), algorithm="RS256")


def public_key(home: Home) -> str:
    """The PEM that the application verifies tokens with."""
    key = serialization.load_pem_private_key(_private_key(home), password=None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")


def _private_key(home: Home) -> bytes:
    path = home.keys / "jwt-private.pem"
    if not path.exists():
        _write_private(path, _new_private_key())
    return path.read_bytes()


def _new_private_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, pem: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
