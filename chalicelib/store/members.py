"""Members: one customer's part of one batch, where its files are, and which of its records earlier batches had.

Written only together with their roll-ups (`usage.record_part`), never changed: a member that exists says that this part is in.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.work_tables import MemberItem

PREFIX = "B#"
AFTER_ALL = "B#~"
LEVEL = 6

Skipped = tuple[tuple[str, tuple[int, ...]], ...]
"""Per earlier batch the ascending positions (from 0) of the records that it already had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One customer's part of one batch.

    `offset` and `length` are the byte range of its call records (one gzip member), `ids_offset` (bytes) and `ids_count` that of
    its 64-bit call-id hashes, in the files of `batch_id` and `tag`. Spans are instants as sortable text, inclusive.
    """

    customer_id: str
    batch_id: str
    tag: str
    number: int
    span_from: str
    span_to: str
    offset: int
    length: int
    ids_offset: int
    ids_count: int
    accepted: int
    duplicates: int
    skipped: Skipped = ()


@retried
def list_members(customer_id: str, span_from: str, span_to: str) -> list[Member]:
    """Members with calls from `span_from` to `span_to` (or around them), strongly consistent."""
    condition = MemberItem.sk.between(PREFIX + span_from, AFTER_ALL)
    found = MemberItem.query(keys.usage_pk(customer_id), condition, consistent_read=True)
    return [_member(customer_id, item) for item in found if item.span_from <= span_to]


def to_item(member: Member) -> MemberItem:
    """The item of a member."""
    return MemberItem(
        keys.usage_pk(member.customer_id),
        _sk(member.span_to, member.batch_id, member.number),
        batch=member.batch_id,
        tag=member.tag,
        number=member.number,
        span_from=member.span_from,
        span_to=member.span_to,
        offset=member.offset,
        length=member.length,
        ids_offset=member.ids_offset,
        ids_count=member.ids_count,
        accepted=member.accepted,
        duplicates=member.duplicates,
        skipped=_pack(member.skipped) if member.skipped else None,
    )


def _member(customer_id: str, item: Any) -> Member:
    return Member(
        customer_id=customer_id,
        batch_id=item.batch,
        tag=item.tag,
        number=int(item.number),
        span_from=item.span_from,
        span_to=item.span_to,
        offset=int(item.offset),
        length=int(item.length),
        ids_offset=int(item.ids_offset),
        ids_count=int(item.ids_count),
        accepted=int(item.accepted),
        duplicates=int(item.duplicates),
        skipped=_unpack(item.skipped) if item.skipped else (),
    )


def _sk(span_to: str, batch_id: str, number: int) -> str:
    return f"{PREFIX}{span_to}#{batch_id}#{number}"


def _pack(skipped: Skipped) -> bytes:
    """Positions as steps from one to the next, so that runs compress to almost nothing."""
    steps = [[batch, [b - a for a, b in zip((0, *at), at, strict=False)]] for batch, at in skipped]
    return zlib.compress(json.dumps(steps, separators=(",", ":")).encode(), LEVEL)


def _unpack(packed: bytes) -> Skipped:
    return tuple((batch, tuple(_positions(steps))) for batch, steps in json.loads(zlib.decompress(packed)))


def _positions(steps: list[int]) -> list[int]:
    at = 0
    return [at := at + step for step in steps]
