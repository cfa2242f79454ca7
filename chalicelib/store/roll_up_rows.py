"""The rows of a roll-up as stored: packed JSON in its item, or in the bucket where they are many. Knows no keys of items.

A customer-day of tens of thousands of destinations, or a month of late calls on one day, is larger than any item may be. Small
items also keep sixty of them, and what goes with them, within the 4 MB of one transaction.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256

from pydantic_core import from_json

from chalicelib.domain.errors import NotFound
from chalicelib.domain.usage import RollUp, Tally, UsageRow
from chalicelib.store import objects

INLINE_BYTES = 32 * 1024
"""Packed rows above this (some 1,500 destinations) lie in the bucket."""
LEVEL = 6

_IN_BUCKET = b"\x02"
"""First byte of a stored object key; packed rows, as zlib writes them, never begin so."""

_Plain = tuple[int, str, int, int, int, int, str]
"""A row as stored: days from the billing day, destination, attempts, connected, duration, billed seconds, charge."""

_tally = partial(tuple.__new__, Tally)
_row = partial(tuple.__new__, UsageRow)


def store_rows(customer_id: str, roll_up: RollUp) -> bytes:
    """What the item keeps of the rows; puts them into the bucket first if they are many.

    The object is named by its content, so a repetition writes the same one.
    """
    packed = _pack(roll_up)
    if len(packed) <= INLINE_BYTES:
        return packed
    key = f"usage/rollups/{customer_id}/{sha256(packed).hexdigest()}.bin"
    objects.put_object(key, packed)
    return _IN_BUCKET + key.encode()


def load_rows(stored: bytes, billing_day: date) -> tuple[UsageRow, ...]:
    """Inverse of `store_rows`. NotFound when the bucket lost the rows: usage is never taken for nothing.

    Column by column, since every invoice reads some six hundred of them: no Python runs per row.
    """
    offsets, destinations, *counts, charges = zip(*open_rows(stored), strict=True)
    days = map({offset: billing_day + timedelta(offset) for offset in set(offsets)}.__getitem__, offsets)
    tallies = map(_tally, zip(*counts, map(Decimal, charges), strict=True))
    return tuple(map(_row, zip(days, destinations, tallies, strict=True)))


def open_rows(stored: bytes) -> Iterator[_Plain]:
    """The rows as they are stored, for whoever makes values of their own of them."""
    packed = _fetch(stored[1:].decode()) if stored[:1] == _IN_BUCKET else stored
    rows: list[_Plain] = from_json(zlib.decompress(packed), cache_strings="none")  # twice as fast as the standard library
    return iter(rows)


def _fetch(key: str) -> bytes:
    packed = objects.find_object(key)
    if packed is None:
        raise NotFound("object", key)
    return packed


def _pack(roll_up: RollUp) -> bytes:
    """Rows as compact JSON, days relative to the billing day, compressed: some twenty destinations fit one write unit."""
    rows = [
        [
            (row.day - roll_up.billing_day).days,
            row.destination,
            row.tally.attempts,
            row.tally.connected,
            row.tally.duration_seconds,
            row.tally.billed_seconds,
            format(row.tally.charge, "f"),
        ]
        for row in roll_up.rows
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), LEVEL)
