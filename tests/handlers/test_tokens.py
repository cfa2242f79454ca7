"""Tokens: only what the issuer signed, for us, now, with an algorithm of ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from chalicelib.domain.errors import Unavailable
from chalicelib.handlers.auth import IssuerKeys
from chalicelib.handlers.problems import Refused
from tests.support.http import ApiClient

PAST = datetime.now(UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": PAST},
        {"exp": None},
        {"iss": "https://elsewhere.example.com/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
        {"customer_id": 7},
        {"customer_id": ""},
    ],
)
def test_refuses_tokens_that_are_not_for_here_and_now(api: ApiClient, claims: dict[str, Any]) -> None:
    """Expired, early, foreign or incomplete claims are 401."""
    assert api.get("/settings", token=api.token(**claims)).status == 401


@pytest.mark.parametrize("skew", [timedelta(seconds=-20), timedelta(seconds=20)])
def test_forgives_clocks_that_differ_a_little(api: ApiClient, skew: timedelta) -> None:
    """Half a minute of difference between the clocks is no reason to refuse."""
    now = datetime.now(UTC) + skew
    token = api.token(nbf=now, iat=now, exp=now + timedelta(seconds=5))
    assert api.get("/settings", token=token).status == 200


def unsigned(claims: dict[str, Any]) -> str:
    """A token with algorithm none."""
    return jwt.encode(claims, "", algorithm="none")


def confused(claims: dict[str, Any], public_key: str) -> str:
    """A token signed with HMAC, the public key for a secret."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    signature = hmac.new(public_key.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_the_token_does_not_choose_how_it_is_checked(api: ApiClient) -> None:
    """Neither no signature, nor HMAC under the public key, nor another algorithm, nor somebody else's key gets in."""
    claims = jwt.decode(api.token(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = [
        unsigned(claims),
        confused(claims, api.cloud.public_key),
        jwt.encode(claims, api.cloud.private_key, algorithm="RS512"),
        jwt.encode(claims, stranger, algorithm="RS256"),
        jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
        jwt.encode(claims, ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA"),
        "a.b.c",
        "x" * 9000,
    ]
    assert [api.get("/settings", token=token).status for token in forged] == [401] * len(forged)


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "bearer\tx"])
def test_refuses_headers_without_a_bearer_token(api: ApiClient, header: str) -> None:
    """Anything but Bearer and a token is 401."""
    assert api.get("/settings", token=None, headers={"Authorization": header}).status == 401


def test_permissions_may_come_as_scope(api: ApiClient) -> None:
    """A space-separated scope does as well as a list of permissions; unknown words in it grant nothing."""
    assert api.get("/settings", token=api.token(permissions=None, scope="openid billing:read")).status == 200
    assert api.get("/settings", token=api.token(permissions=None, scope="admin")).status == 403
    assert api.get("/settings", token=api.token(permissions=None)).status == 403


class _Issuer(BaseHTTPRequestHandler):
    keys: list[dict[str, str]]
    asked = 0

    def do_GET(self) -> None:
        """Publish the keys."""
        type(self).asked += 1
        body = json.dumps({"keys": self.keys}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def _public(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, str]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id}


def test_the_issuers_keys_are_kept_and_an_unknown_one_asks_again_once() -> None:
    """A new key is found by asking again; made-up key ids do not make us flood the issuer."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _Issuer.keys = [_public(key, "first")]
    with HTTPServer(("127.0.0.1", 0), _Issuer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        keys = IssuerKeys(f"http://127.0.0.1:{server.server_port}/keys")
        assert keys.find("first").key_id == "first"
        assert keys.find("first").key_id == "first"
        assert _Issuer.asked == 1
        _Issuer.keys = [_public(key, "first"), _public(key, "second")]
        assert keys.find("second").key_id == "second"
        for made_up in ("x", "y", "z"):
            with pytest.raises(Refused):
                keys.find(made_up)
        assert _Issuer.asked == 2
        server.shutdown()


def test_an_issuer_that_does_not_answer_is_a_matter_of_time() -> None:
    """Not being able to ask for the keys is 503, not 401: the token may be fine."""
    with HTTPServer(("127.0.0.1", 0), _Issuer) as server:
        port = server.server_port
    with pytest.raises(Unavailable):
        IssuerKeys(f"http://127.0.0.1:{port}/keys").find("first")
