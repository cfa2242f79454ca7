"""API keys under the hash of their secret, and the list of them."""

from __future__ import annotations

from chalicelib.domain.access import ApiKey
from chalicelib.domain.errors import NotFound
from chalicelib.store import codec
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import BillingItem, KeyItem

LIST = "KEY"
"""Index partition of all keys."""


def put_key(key: ApiKey) -> None:
    """Keep a new key."""
    _put(KeyItem(_pk(key.id), _pk(key.id), doc=codec.plain(key), g1p=LIST, g1s=f"{key.created_at.isoformat()}#{key.id}"))


def find_key(key_id: str) -> ApiKey | None:
    """The key of that hash, or None. Read consistently, so that a revoked key is refused at once."""
    item = _find(_pk(key_id))
    return None if item is None else _key(item)


def delete_key(key_id: str) -> None:
    """Forget a key; raises NotFound."""
    item = KeyItem(_pk(key_id), _pk(key_id))
    sign_off(item)
    try:
        _delete(item)
    except ConditionFailedError as error:
        raise NotFound("API key", key_id) from error


def list_keys(limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
    """A page of keys, oldest first, and the cursor to go on with; one made a moment ago may be missing (the index lags)."""
    found = _listed(decode_cursor(cursor) or "0", limit + 1)
    following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
    keys = [_key(item) for item in _read([(pk, pk) for _position, pk in found[:limit]])]
    return sorted(keys, key=lambda key: (key.created_at, key.id)), following


def _pk(key_id: str) -> str:
    return f"KEY#{key_id}"


def _key(item: KeyItem) -> ApiKey:
    return codec.restore(ApiKey, item.doc)


@retried
def _put(item: KeyItem) -> None:
    item.save()


@retried
def _find(pk: str) -> KeyItem | None:
    return next(iter(KeyItem.query(pk, KeyItem.sk == pk, consistent_read=True, limit=1)), None)


@retried
def _delete(item: KeyItem) -> None:
    item.delete(condition=KeyItem.pk.exists())


@retried
def _listed(after: str, limit: int) -> list[tuple[str, str]]:
    return [(item.g1s, item.pk) for item in BillingItem.by_list.query(LIST, BillingItem.g1s > after, limit=limit)]


@retried
def _read(keys: list[tuple[str, str]]) -> list[KeyItem]:
    return list(KeyItem.batch_get(keys))
