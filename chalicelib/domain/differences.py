"""What two states of an object differ in, as records of changes keep it: small, in the object's own words.

Knows no object. States are plain JSON values; a missing state is an empty mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

LONGEST_TEXT = 1000
SHOWN = 100
"""Characters that a longer text begins with; its length and hash stand for the rest."""
MOST_ROWS = 20
"""Rows of a list that are kept; of the others, how many there are."""

State = Mapping[str, Any]


def differences(before: State, after: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are; inside a field only what differs there.

    >>> differences({"at": {"city": "Bonn", "country": "DE"}}, {"at": {"city": "Ulm", "country": "DE"}})
    ({'at': {'city': 'Bonn'}}, {'at': {'city': 'Ulm'}})
    """
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        old, new = _narrowed(old, new)
        _keep(was, name, old)
        _keep(now, name, new)
    return was, now


def _narrowed(old: Any, new: Any) -> tuple[Any, Any]:
    """Two different values without what they have in common."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return differences(old, new)
    if _is_rows(old) and _is_rows(new):
        return _missing_in(new, old), _missing_in(old, new)
    return old, new


def _missing_in(others: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """The rows that are not among the others; a list of thousands is gone through once."""
    known = {repr(row) for row in others}
    return [row for row in rows if repr(row) not in known]


def _is_rows(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value)


def _keep(kept: dict[str, Any], name: str, value: Any) -> None:
    """Keep a value unless it says nothing; of many rows the first, and how many more there are."""
    if value in (None, "", [], {}):
        return
    if _is_rows(value) and len(value) > MOST_ROWS:
        kept[f"more_{name}"] = len(value) - MOST_ROWS
        value = value[:MOST_ROWS]
    kept[name] = _short(value)


def _short(value: Any) -> Any:
    """The value with long texts cut, wherever they are."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        digest = sha256(value.encode()).hexdigest()[:16]
        return f"{value[:SHOWN]}… ({len(value)} characters, SHA-256 {digest}…)"
    if isinstance(value, Mapping):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_short(inner) for inner in value]
    return value
