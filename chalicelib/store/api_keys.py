"""API keys under the hash of their secret. Keys are few (tens), so one query and one batch read list them all."""

from __future__ import annotations

from chalicelib.domain.access import ApiKey
from chalicelib.domain.errors import NotFound
from chalicelib.store import codec
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
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
    try:
        _delete(KeyItem(_pk(key_id), _pk(key_id)))
    except ConditionFailedError as error:
        raise NotFound("API key", key_id) from error


def list_keys() -> list[ApiKey]:
    """All keys, oldest first; one made a moment ago may still be missing (the index lags)."""
    keys = [_key(item) for item in _read([(pk, pk) for pk in _listed()])]
    return sorted(keys, key=lambda key: (key.created_at, key.id))


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
def _listed() -> list[str]:
    return [item.pk for item in BillingItem.by_list.query(LIST)]


@retried
def _read(keys: list[tuple[str, str]]) -> list[KeyItem]:
    return list(KeyItem.batch_get(keys))
