"""Moto's tables, quicker: a query looks at its own partition, and an expression that was taken apart once is not again.

Moto sorts every item of the table for every query, and compiles its patterns for every word of a condition. Answers are the same.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

INDEX = 6
"""The place of the index's name among the conditions, in moto's signature."""
_query = Table.query
_lex = ConditionExpressionParser._lex_condition_expression


def apply() -> None:
    """From now on."""
    Table.query = _query_partition
    ConditionExpressionParser._lex_condition_expression = lambda self: deque(_words(self.condition_expression))


def _query_partition(self: Table, hash_key: DynamoType, *conditions: Any, **options: Any) -> Any:
    """Moto sorts what it found by itself; nobody else asks the table meanwhile."""
    indexed = conditions[INDEX] if len(conditions) > INDEX else options.get("index_name")
    self.all_items = lambda: _items(self) if indexed else list(self.items.get(hash_key, {}).values())
    try:
        return _query(self, hash_key, *conditions, **options)
    finally:
        del self.all_items


def _items(table: Table) -> list[Item]:
    return [item for partition in table.items.values() for item in partition.values()]


@cache
def _words(expression: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(expression, None, None)))
