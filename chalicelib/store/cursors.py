"""Cursors of lists: an opaque text around the position that a page ended at. It grants nothing; it only says where to go on."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.domain.errors import Invalid, Issue


def encode_cursor(position: str) -> str:
    """The cursor that goes on after a position.

    >>> decode_cursor(encode_cursor("20261115#acme#20261115#A#1"))
    '20261115#acme#20261115#A#1'
    """
    return urlsafe_b64encode(json.dumps([position]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """The position a cursor stands for, None without one; Invalid for what no list gave out."""
    if cursor is None:
        return None
    try:
        value = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        value = None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and value[0]:
        return str(value[0])
    raise Invalid.of(Issue("cursor", "invalid_value", "Send next_cursor of the page before, unchanged."))
