"""Changing some fields of a value. Knows no rule: the changed value is judged by the rules of what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def merged(value: T, changes: Mapping[str, Any]) -> T:
    """The value with the given fields changed; a value inside keeps the fields that its change does not name (RFC 7396).

    >>> from chalicelib.domain.customer import Address
    >>> merged(Address(city="Bonn", country="DE"), {"city": "Ulm"}).country
    'DE'
    """
    kept = {name: _merged_field(getattr(value, name), change) for name, change in changes.items()}
    return replace(value, **kept)  # type: ignore[type-var]  # T is a dataclass; the standard library has no public name for that


def _merged_field(before: Any, change: Any) -> Any:
    return merged(before, change) if isinstance(change, Mapping) and is_dataclass(before) else change
