"""One request, one effect: the same Idempotency-Key with the same request gets the stored answer.

A request that died, or failed for reasons of ours, is executed again *as of its first instant and with the same ids*, so
whatever it did already is met again as done; what it does only now enters the books now. Knows no HTTP: an answer is bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ulid import ULID

from chalicelib.domain.errors import Conflict
from chalicelib.services.deps import Deps
from chalicelib.store import idempotency as store
from chalicelib.store.idempotency import Reservation

RANDOM_BYTES = 10
"""Bytes of a ULID that are not its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A request under its key: `answer` is there when it was answered before, else it is to be executed with `deps`."""

    actor: str
    key: str
    held: Reservation
    deps: Deps

    @property
    def answer(self) -> bytes | None:
        """The stored answer, None while there is none."""
        return self.held.answer

    def remember(self, answer: bytes) -> None:
        """Store the answer for later repetitions."""
        store.remember(self.actor, self.key, answer)

    def release(self) -> None:
        """Nothing final came out: a repetition may be executed at once."""
        store.release(self.actor, self.key, self.held)


def open_request(deps: Deps, actor: str, key: str, request: str) -> Remembered:
    """Reserve the key for this request (`request` is a hash of all it asks), or find what became of it.

    Raises Conflict `idempotency_mismatch` for another request under the key, `idempotency_in_progress` while it still runs.
    """
    now = deps.clock()
    held = _reservation(actor, key, request, now)
    if held.request != request:
        raise Conflict("idempotency_mismatch")
    if held.answer is None and held.since != now:  # since == now: it is ours, even if the reply to the reservation was lost
        held = _taken_over(actor, key, held, now)
    return Remembered(actor=actor, key=key, held=held, deps=as_of_first_try(deps, actor, key, held.since))


def as_of_first_try(deps: Deps, actor: str, key: str, since: datetime) -> Deps:
    """Dependencies whose clock stands at the first try, and whose ids follow from the key: every execution gets the same.

    What an execution enters in the books still gets the instant of that execution, so the past stays as it was known.
    """
    ids = _ids(f"{actor}\n{key}\n{since.isoformat()}", since)
    return replace(deps, clock=lambda: since, new_id=lambda: next(ids), books=deps.entry_instant)


def _reservation(actor: str, key: str, request: str, now: datetime) -> Reservation:
    if store.reserve(actor, key, request, now):
        return Reservation(request=request, since=now, leased_until=now + store.LEASE)
    held = store.find_reservation(actor, key)
    if held is None:  # the table has just forgotten it
        raise Conflict("idempotency_in_progress")
    return held


def _taken_over(actor: str, key: str, held: Reservation, now: datetime) -> Reservation:
    if now < held.leased_until or not store.take_over(actor, key, held, now):
        raise Conflict("idempotency_in_progress")
    return replace(held, leased_until=now + store.LEASE)


def _ids(seed: str, since: datetime) -> Iterator[str]:
    """Lower-case ULIDs of the instant, their random part a hash of the seed and a count."""
    moment = ULID.from_datetime(since).bytes[:-RANDOM_BYTES]
    count = 0
    while True:
        digest = hashlib.sha256(f"{seed}\n{count}".encode()).digest()
        yield str(ULID(moment + digest[:RANDOM_BYTES])).lower()
        count += 1
