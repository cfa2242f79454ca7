"""Remembered requests: reserved once under (actor, key), then answered. Answers too large for an item lie in the bucket.

A reservation is a lease: when its holder dies, the same request may take it over after the lease; the instant of the first
try stays.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from chalicelib.store import keys, objects
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.work_tables import IdempotencyItem

LIFETIME = timedelta(hours=48)
LEASE = timedelta(seconds=60)
MAX_INLINE = 300_000
"""Bytes of a packed answer that an item still carries (its limit is 400 KB)."""

_INLINE, _IN_BUCKET = b"\x01", b"\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A request that was seen: the hash of what it asked, when first, until when its execution holds it, its answer."""

    request: str
    since: datetime
    leased_until: datetime
    answer: bytes | None = None


def reserve(actor: str, key: str, request: str, at: datetime) -> bool:
    """Reserve a key that nobody uses, or whose use has expired (the table forgets days later); False when it is in use."""
    item = IdempotencyItem(
        *_key(actor, key),
        request=request,
        since=at.isoformat(),
        lease=(at + LEASE).isoformat(),
        ttl=int((at + LIFETIME).timestamp()),
    )
    try:
        _put(item, at - LIFETIME)
    except ConditionFailedError:
        return False
    return True


def find_reservation(actor: str, key: str) -> Reservation | None:
    """What is remembered under the key, or None."""
    item = _find(*_key(actor, key))
    if item is None:
        return None
    answer = _unpack(item.answer) if item.answer else None
    lease = datetime.fromisoformat(item.lease)
    return Reservation(request=item.request, since=datetime.fromisoformat(item.since), leased_until=lease, answer=answer)


def take_over(actor: str, key: str, held: Reservation, at: datetime) -> bool:
    """Lease a reservation whose holder gave up; False when another took it first."""
    return _set_lease(*_key(actor, key), held.leased_until, at + LEASE)


def release(actor: str, key: str, held: Reservation) -> None:
    """Let the same request be executed again at once, as of its first instant."""
    _set_lease(*_key(actor, key), held.leased_until, held.since)


def remember(actor: str, key: str, answer: bytes) -> None:
    """Keep the answer for the rest of the reservation's life."""
    _set_answer(*_key(actor, key), _pack(answer))


def _key(actor: str, key: str) -> tuple[str, str]:
    return keys.idempotency_pk(quote(actor, safe=":"), quote(key, safe="")), keys.HEAD


def _pack(answer: bytes) -> bytes:
    packed = zlib.compress(answer)
    if len(packed) <= MAX_INLINE:
        return _INLINE + packed
    name = f"idempotency/{hashlib.sha256(answer).hexdigest()}"
    objects.put_object(name, packed)
    return _IN_BUCKET + name.encode()


def _unpack(stored: bytes) -> bytes | None:
    if stored[:1] == _INLINE:
        return zlib.decompress(stored[1:])
    packed = objects.find_object(stored[1:].decode())
    return None if packed is None else zlib.decompress(packed)


@retried
def _put(item: IdempotencyItem, forgotten_before: datetime) -> None:
    item.save(condition=IdempotencyItem.pk.does_not_exist() | (IdempotencyItem.since <= forgotten_before.isoformat()))


@retried
def _find(pk: str, sk: str) -> IdempotencyItem | None:
    try:
        return IdempotencyItem.get(pk, sk, consistent_read=True)
    except IdempotencyItem.DoesNotExist:
        return None


def _set_lease(pk: str, sk: str, before: datetime, until: datetime) -> bool:
    try:
        _update_lease(IdempotencyItem(pk, sk), before.isoformat(), until.isoformat())
    except ConditionFailedError:
        return False
    return True


@retried
def _update_lease(item: IdempotencyItem, before: str, until: str) -> None:
    item.update(
        actions=[IdempotencyItem.lease.set(until)],
        condition=(IdempotencyItem.lease == before) & IdempotencyItem.answer.does_not_exist(),
    )


@retried
def _set_answer(pk: str, sk: str, answer: bytes) -> None:
    IdempotencyItem(pk, sk).update(actions=[IdempotencyItem.answer.set(answer)])
