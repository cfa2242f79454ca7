"""The API as its clients see it: the Chalice app behind Chalice's test client, with tokens of the test issuer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from chalice.test import Client, HTTPResponse
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chalicelib.domain.access import PERMISSIONS
from tests.support.cloud import AUDIENCE, ISSUER, Cloud

EVERYTHING = tuple(PERMISSIONS)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: status, headers by lower-case name, and the parsed JSON (None without)."""

    status: int
    headers: Mapping[str, str]
    json: Any
    text: str

    @property
    def codes(self) -> dict[str, str]:
        """The issues of a problem document, path → code."""
        return {issue["path"]: issue["code"] for issue in self.json["issues"]}


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Calls the API; by default as staff with every permission.

    `api.post("/customers", {...})`, `api.get(path, customer="acme")`, `api.get(path, permissions=["billing:read"])`,
    `api.get(path, token=None)`.
    """

    cloud: Cloud
    client: Client
    defaults: Mapping[str, str] = field(default_factory=dict)

    def token(self, permissions: Iterable[str] | None = EVERYTHING, customer: str | None = None, **claims: Any) -> str:
        """A token of the test issuer; `claims` replace or add to the usual ones, None leaves one out."""
        now = datetime.now(UTC)
        usual: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": customer or "staff",
            "exp": now + timedelta(hours=1),
            "permissions": None if permissions is None else list(permissions),
            "customer_id": customer,
        }
        kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(kept, _key(self.cloud.private_key), algorithm="RS256")

    def get(self, path: str, **options: Any) -> Reply:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        """POST a JSON body."""
        return self.request("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Reply:
        """PUT a JSON body."""
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Reply:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        """DELETE."""
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        permissions: Iterable[str] = EVERYTHING,
        customer: str | None = None,
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Any request. `body`: bytes go out as they are, anything else as JSON; `token` None sends no credentials."""
        credential = self.token(permissions, customer) if token == "" else token
        sent = {
            "content-type": "application/json",
            **self.defaults,
            **{key.lower(): value for key, value in (headers or {}).items()},
        }
        if credential is not None:
            sent["authorization"] = f"Bearer {credential}"
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return _reply(self.client.http.request(method, path, headers=sent, body=content))


@cache
def _key(pem: str) -> RSAPrivateKey:
    """The key of a PEM; checking it takes longer than a request."""
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _reply(response: HTTPResponse) -> Reply:
    text = response.body.decode()
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.json_body, text)
