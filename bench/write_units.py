"""Write units that requests cost, reckoned from the items before and after by the rules of DynamoDB's developer guide.

A unit is a KiB of the larger of the old and the new item, begun ones counted; transactions cost twice. An index costs a write of
the projected item when it gains, loses or changes an entry, and two when the entry's key changes. Index writes follow later, so a
transaction does not double them. Emulators do not answer with true figures, hence this meter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any

from bench.sdk_apart import Ask

Item = Mapping[str, Mapping[str, Any]]
"""An item as in requests: {"PK": {"S": "C#1"}, …}."""

UNIT = 1024
CONTAINER_BYTES = 3


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: its key attributes and everything it projects (keys included)."""

    keys: tuple[str, ...]
    projected: frozenset[str]


def item_size(item: Item) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one typed value."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def write_units(before: Item | None, after: Item | None, indexes: tuple[Index, ...], *, in_transaction: bool = False) -> int:
    """Units of a write that turned `before` into `after` (None: no item)."""
    larger = max(item_size(before or {}), item_size(after or {}))
    table = _units(larger) * (2 if in_transaction else 1)
    return table + sum(_index_units(_entry(before, index), _entry(after, index), index) for index in indexes)


def read_indexes(resource: Mapping[str, Any]) -> tuple[Index, ...]:
    """The indexes of an AWS::DynamoDB::Table resource."""
    properties = resource["Properties"]
    own = [key["AttributeName"] for key in properties["KeySchema"]]
    indexes = []
    for index in properties.get("GlobalSecondaryIndexes", ()):
        keys = tuple(key["AttributeName"] for key in index["KeySchema"])
        indexes.append(Index(keys, frozenset([*own, *keys, *index["Projection"].get("NonKeyAttributes", ())])))
    return tuple(indexes)


@dataclass(slots=True)
class WriteMeter:
    """A meter for `sdk_apart`: adds up the units of every write. `indexes` by table name."""

    indexes: Mapping[str, tuple[Index, ...]]
    units: int = 0
    by_operation: dict[str, int] = field(default_factory=dict)

    def __call__(self, ask: Ask, name: str, params: dict[str, Any]) -> Any:
        """Make the call; look at the items it writes before and after."""
        written = _written(name, params)
        before = [_peek(ask, table, key) for table, key in written]
        answer = ask(name, params)
        for (table, key), old in zip(written, before, strict=True):
            new = _peek(ask, table, key)
            cost = write_units(old, new, self.indexes[table], in_transaction=name == "TransactWriteItems")
            self.units += cost
            self.by_operation[name] = self.by_operation.get(name, 0) + cost
        return answer


def _written(name: str, params: Mapping[str, Any]) -> list[tuple[str, Item]]:
    """(table, key) of every item that an operation writes or checks."""
    if name == "TransactWriteItems":
        return [_target(*action.values()) for action in params["TransactItems"]]
    return [_target(params)] if name in {"PutItem", "UpdateItem", "DeleteItem"} else []


def _target(params: Mapping[str, Any]) -> tuple[str, Item]:
    whole = params.get("Key") or params["Item"]
    return params["TableName"], {name: whole[name] for name in ("PK", "SK")}


def _peek(ask: Ask, table: str, key: Item) -> Item | None:
    found: Item | None = ask("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
    return found


def _entry(item: Item | None, index: Index) -> Item | None:
    """What an index holds of an item; nothing when the item lacks one of its keys."""
    if item is None or any(key not in item for key in index.keys):
        return None
    return {name: value for name, value in item.items() if name in index.projected}


def _index_units(before: Item | None, after: Item | None, index: Index) -> int:
    if before == after:
        return 0
    if before is None or after is None:
        return _units(item_size(before or after or {}))
    if any(before[key] != after[key] for key in index.keys):
        return _units(item_size(before)) + _units(item_size(after))
    return _units(max(item_size(before), item_size(after)))


def _units(size: int) -> int:
    return max(1, ceil(size / UNIT))


def _number_size(text: str) -> int:
    """About a byte for two significant digits, one for the exponent and one for a minus."""
    sign, digits, _ = Decimal(text).normalize().as_tuple()
    return ceil(len(digits) / 2) + 1 + sign


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number_size,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(len(text.encode()) for text in texts),
    "NS": lambda numbers: sum(map(_number_size, numbers)),
    "BS": lambda parts: sum(map(len, parts)),
    "L": lambda values: CONTAINER_BYTES + sum(1 + value_size(value) for value in values),
    "M": lambda values: CONTAINER_BYTES + sum(1 + len(key.encode()) + value_size(value) for key, value in values.items()),
}
