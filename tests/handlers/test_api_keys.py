"""API keys: shown once, stored hashed, never stronger than their maker."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from chalicelib.domain.access import ApiKey
from chalicelib.store.api_keys import put_key
from chalicelib.store.tables import BillingItem
from chalicelib.store.work_tables import WorkItem
from tests.support.http import ApiClient

KEY = {"name": "Switch", "permissions": ["usage:write", "settings:write"]}


def test_a_key_authenticates_with_its_permissions_only(api: ApiClient) -> None:
    """A new key opens what it was given and nothing else."""
    secret = api.post("/api-keys", KEY).json["secret"]
    assert secret.startswith("sk_")
    assert api.get("/api-keys", token=secret).status == 200
    narrow = api.post("/api-keys", {"name": "Meter", "permissions": ["usage:write"]}).json["secret"]
    assert api.get("/api-keys", token=narrow).json["code"] == "forbidden"


def test_the_secret_is_stored_nowhere(api: ApiClient) -> None:
    """Neither table holds the secret, also when the request carried an Idempotency-Key."""
    made = api.post("/api-keys", KEY, headers={"Idempotency-Key": "k1"})
    replayed = api.post("/api-keys", KEY, headers={"Idempotency-Key": "k1"})
    assert replayed.headers["idempotency-replayed"] == "true"
    assert replayed.json == {**made.json, "secret": None}
    stored = [item.attribute_values for model in (BillingItem, WorkItem) for item in model.scan()]
    assert made.json["secret"] not in repr(stored)


def test_lists_keys_without_secrets(api: ApiClient) -> None:
    """The list shows names and permissions, never a secret."""
    made = api.post("/api-keys", KEY).json
    del made["secret"]
    assert api.get("/api-keys").json == {"items": [made], "next_cursor": None}


def test_a_revoked_key_is_refused_at_once(api: ApiClient) -> None:
    """After DELETE the key authenticates no more, and is unknown to a second DELETE."""
    made = api.post("/api-keys", KEY).json
    assert api.delete(f"/api-keys/{made['id']}").status == 204
    assert api.get("/api-keys", token=made["secret"]).status == 401
    assert api.delete(f"/api-keys?id={made['id']}").status == 404


def test_nobody_hands_out_permissions_they_lack(api: ApiClient) -> None:
    """A key gets a subset of its maker's permissions; all that is wrong is said at once."""
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    wish = {"name": "Root", "permissions": ["billing:write", "nonsense"], "expires_at": past}
    reply = api.post("/api-keys", wish, permissions=["settings:write"])
    assert reply.status == 422
    assert reply.codes == {"permissions.0": "invalid_value", "permissions.1": "invalid_value", "expires_at": "invalid_date"}


def test_a_key_needs_a_permission(api: ApiClient) -> None:
    """A key that may do nothing is a mistake."""
    assert api.post("/api-keys", {"name": "None", "permissions": []}).codes == {"permissions": "required"}


def test_an_expired_key_is_refused(api: ApiClient) -> None:
    """From its expiry on a key opens nothing."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    key_id = hashlib.sha256(b"sk_old").hexdigest()
    put_key(ApiKey(id=key_id, name="Old", permissions=("settings:write",), expires_at=past, created_at=past))
    assert api.get("/api-keys", token="sk_old").status == 401


def test_keys_are_listed_page_by_page(api: ApiClient) -> None:
    """Oldest first, complete, without repetition."""
    ids = [api.post("/api-keys", {"name": name, "permissions": ["billing:read"]}).json["id"] for name in "abc"]
    first = api.get("/api-keys?limit=2").json
    second = api.get(f"/api-keys?limit=2&cursor={first['next_cursor']}").json
    assert [item["id"] for each in (first, second) for item in each["items"]] == ids
    assert second["next_cursor"] is None


def test_an_unknown_key_is_refused(api: ApiClient) -> None:
    """A made-up key is 401 like any other bad credential."""
    assert api.get("/api-keys", token="sk_made-up").status == 401
