"""The rows of a roll-up as stored: packed JSON in its item, or in the bucket where they are many. Knows no keys of items.

A customer-day of tens of thousands of destinations, or a month of late calls on one day, is larger than any item may be. Small
items also keep sixty of them, and what goes with them, within the 4 MB of one transaction.
"""

from __future__ import annotations

import json
import zlib
from datetime import date, timedelta
from hashlib import sha256
from math import gcd

from pydantic_core import from_json

from chalicelib.domain.errors import NotFound
from chalicelib.domain.usage import RollUp, Usage
from chalicelib.store import objects

INLINE_BYTES = 32 * 1024
"""Packed rows above this (some 1,500 destinations) lie in the bucket."""
LEVEL = 6

_IN_BUCKET = b"\x02"
"""First byte of a stored object key; packed rows, as zlib writes them, never begin so."""


def store_usage(customer_id: str, roll_up: RollUp) -> bytes:
    """What the item keeps of the rows; puts them into the bucket first if they are many.

    The object is named by its content, so a repetition writes the same one.
    """
    packed = _pack(roll_up)
    if len(packed) <= INLINE_BYTES:
        return packed
    key = f"usage/rollups/{customer_id}/{sha256(packed).hexdigest()}.bin"
    objects.put_object(key, packed)
    return _IN_BUCKET + key.encode()


def open_usage(stored: bytes, billing_day: date) -> Usage:
    """Inverse of `store_usage`. NotFound when the bucket lost the rows: usage is never taken for nothing.

    No Python runs per row, since every invoice reads some six hundred of them.
    """
    packed = _fetch(stored[1:].decode()) if stored[:1] == _IN_BUCKET else stored
    # pydantic's parser is twice as fast as the standard library's
    offsets, destinations, attempts, connected, durations, billed, multiples, unit = from_json(
        zlib.decompress(packed), cache_strings="none"
    )
    days = map({offset: billing_day + timedelta(offset) for offset in set(offsets)}.__getitem__, offsets)
    charges = [multiple * unit for multiple in multiples]
    return Usage(*map(tuple, (days, destinations, attempts, connected, durations, billed, charges)))


def _fetch(key: str) -> bytes:
    packed = objects.find_object(key)
    if packed is None:
        raise NotFound("object", key)
    return packed


def _pack(roll_up: RollUp) -> bytes:
    """Columns as compact JSON, compressed: some twenty destinations fit one write unit.

    Days are relative to the billing day, charges multiples of their greatest common divisor, so that both are short.
    """
    days, *columns, charges = roll_up.usage
    unit = gcd(*charges) or 1
    offsets = [(day - roll_up.billing_day).days for day in days]
    packed = [offsets, *columns, [charge // unit for charge in charges], unit]
    return zlib.compress(json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode(), LEVEL)
