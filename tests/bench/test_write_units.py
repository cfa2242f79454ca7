"""The write-unit meter: sizes and costs by the rules of DynamoDB's developer guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bench.write_units import Index, Item, WriteMeter, item_size, read_indexes, value_size, write_units

GSI = Index(keys=("g1p", "g1s"), projected=frozenset({"PK", "SK", "g1p", "g1s", "st"}))


def an_item(padding: int = 0, **texts: str) -> dict[str, Mapping[str, Any]]:
    """An item with text attributes and so many bytes more."""
    return {"PK": {"S": "C#1"}, "SK": {"S": "0"}, **{k: {"S": v} for k, v in texts.items()}, "doc": {"B": b"x" * padding}}


def in_list(state: str = "issued", month: str = "M#1", padding: int = 0) -> dict[str, Mapping[str, Any]]:
    """An item that the index shows."""
    return an_item(padding, g1p=month, g1s="a", st=state)


@pytest.mark.parametrize(
    "value, size",
    [
        ({"S": "é"}, 2),
        ({"N": "0"}, 2),
        ({"N": "1234"}, 3),
        ({"N": "-12345"}, 5),
        ({"N": "1000000"}, 2),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": [{"S": "ab"}]}, 3 + 1 + 2),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
    ],
)
def test_values_have_the_sizes_of_the_guide(value: dict[str, Any], size: int) -> None:
    """Texts in UTF-8, numbers by digits, containers with their overhead."""
    assert value_size(value) == size


def test_names_count() -> None:
    """An item is its names and its values."""
    assert item_size({"PK": {"S": "C#1"}}) == 5


@pytest.mark.parametrize("padding, units", [(0, 1), (1024 - 11, 1), (1024 - 10, 2)])
def test_a_begun_kibibyte_is_a_unit(padding: int, units: int) -> None:
    """The item without padding has eleven bytes; the unit is full at 1,024."""
    assert item_size(an_item(padding)) == padding + 11
    assert write_units(None, an_item(padding), ()) == units


def test_the_larger_of_old_and_new_counts() -> None:
    """Shrinking an item costs what it was."""
    assert write_units(an_item(3000), an_item(), ()) == 3


def test_a_transaction_costs_twice_but_for_indexes() -> None:
    """Index writes follow later."""
    assert write_units(None, in_list(), (GSI,), in_transaction=True) == 2 + 1


@pytest.mark.parametrize(
    "before, after, units",
    [
        (None, an_item(), 0),
        (None, in_list(), 1),
        (in_list(), None, 1),
        (in_list(), in_list(), 0),
        (in_list(padding=1), in_list(padding=2), 0),
        (in_list("draft"), in_list("issued"), 1),
        (in_list(month="M#1"), in_list(month="M#2"), 2),
        (in_list(), an_item(), 1),
    ],
)
def test_an_index_costs_what_changes_in_it(before: Item | None, after: Item | None, units: int) -> None:
    """Nothing for what it does not project, two writes for a key that moves."""
    assert write_units(before, after, (GSI,)) - write_units(before, after, ()) == units


def test_indexes_are_read_from_the_template() -> None:
    """Keys of table and index, and what is projected besides."""
    key = [{"AttributeName": "PK", "KeyType": "HASH"}]
    index = {"KeySchema": [{"AttributeName": "g1p", "KeyType": "HASH"}], "Projection": {"NonKeyAttributes": ["st"]}}
    resource = {"Properties": {"KeySchema": key, "GlobalSecondaryIndexes": [index]}}
    assert read_indexes(resource) == (Index(("g1p",), frozenset({"PK", "g1p", "st"})),)


def test_the_meter_adds_up_writes_and_leaves_reads_alone() -> None:
    """It looks at the item before and after, through the call it was given."""
    table: dict[str, Item] = {}

    def ask(name: str, params: dict[str, Any]) -> Any:
        if name == "PutItem":
            table["0"] = params["Item"]
        return {"Item": table["0"]} if table else {}

    meter = WriteMeter({"billing": (GSI,)})
    meter(ask, "PutItem", {"TableName": "billing", "Item": in_list("draft")})
    meter(ask, "GetItem", {"TableName": "billing", "Key": {}})
    meter(ask, "PutItem", {"TableName": "billing", "Item": in_list("issued")})
    assert (meter.units, meter.by_operation) == (4, {"PutItem": 4})
