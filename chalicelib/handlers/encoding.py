"""Values as JSON: decimals as plain strings, instants in UTC with Z, dates ISO 8601. Knows no resource."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from typing import Any

from pydantic import BaseModel


@singledispatch
def plain(value: object) -> Any:
    """The value as dicts, lists, strings, numbers and None; an object of no known kind is a bug and raises TypeError."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def to_json(value: object) -> str:
    """The value as JSON text.

    >>> to_json({"amount": Decimal("1E+2"), "day": date(2026, 11, 1)})
    '{"amount":"100","day":"2026-11-01"}'
    """
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


@plain.register(str)
@plain.register(int)
@plain.register(float)
@plain.register(type(None))
def _itself(value: object) -> Any:
    return value.value if isinstance(value, Enum) else value


@plain.register
def _decimal(value: Decimal) -> str:
    return f"{value:f}"


@plain.register
def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@plain.register
def _date(value: date) -> str:
    return value.isoformat()


@plain.register
def _enum(value: Enum) -> Any:
    return plain(value.value)


@plain.register
def _model(value: BaseModel) -> dict[str, Any]:
    return {name: plain(getattr(value, name)) for name in type(value).model_fields}


@plain.register
def _mapping(value: dict) -> dict[str, Any]:  # type: ignore[type-arg]  # singledispatch needs the bare class
    return {str(key): plain(item) for key, item in value.items()}


@plain.register(list)
@plain.register(tuple)
@plain.register(set)
@plain.register(frozenset)
def _sequence(value: Any) -> list[Any]:
    return [plain(item) for item in value]
