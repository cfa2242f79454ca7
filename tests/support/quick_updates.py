"""Moto's updates and conditions, quicker: each is taken apart once, and an update that moto found right is then just done.

Only updates that set and remove whole attributes, as PynamoDB writes them, take the short way; the others, and the first of each
kind, go moto's, which walks ten times through a tree of the expression. Answers and refusals are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

PLAIN = re.compile(r"SET (?P<set>#\w+ = :\w+(?:, #\w+ = :\w+)*)(?: REMOVE (?P<remove>#\w+(?:, #\w+)*))?")
KEPT = 20_000
"""Conditions remembered at most: those of unique values never come back."""
_make = UpdateExpressionParser.make
_parse = ConditionExpressionParser.parse
_conditions: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {}
_found_right: set[str] = set()


def apply() -> None:
    """From now on."""
    UpdateExpressionParser.make = _taken_apart
    ConditionExpressionParser.parse = _parse_once
    models.UpdateExpressionValidator = _Validator
    models.UpdateExpressionExecutor = _Executor


@dataclass(frozen=True, slots=True)
class Actions:
    """What a plain update does: placeholders of attributes and of the values that they get; of those that go."""

    sets: tuple[tuple[str, str], ...]
    removes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A plain update that need not be checked any more."""

    actions: Actions
    names: Mapping[str, str]
    values: Mapping[str, Any]

    def normalize(self) -> None:
        """Its actions are in order."""

    def execute(self, item: Item) -> None:
        """Set, then remove; the last attribute that is set has moto look at the item's size."""
        *most, (name, value) = self.actions.sets
        for each, its in most:
            dict.__setitem__(item.attrs, self.names[each], DynamoType(self.values[its]))
        item.attrs[self.names[name]] = DynamoType(self.values[value])
        for each in self.actions.removes:
            item.attrs.pop(self.names[each], None)


class _Validator:
    """Stands for moto's; `expression` is what `_taken_apart` made."""

    def __init__(self, expression: Any, **context: Any) -> None:
        self.expression, self.context = expression, context

    def validate(self) -> Any:
        """The update as it can be executed. What values are, moto looks at only where names are spelt out."""
        actions, names, values = self.expression.actions, *self._placeholders()
        if actions is None:
            return self._validate()
        kind = f"{actions} {names} {[*values]} {self.context['table'].name}"
        if kind not in _found_right:
            validated = self._validate()
            _found_right.add(kind)
            return validated
        return _Ready(actions, names, values)

    def _placeholders(self) -> tuple[Mapping[str, str], Mapping[str, Any]]:
        return self.context["expression_attribute_names"] or {}, self.context["expression_attribute_values"] or {}

    def _validate(self) -> Any:
        return UpdateExpressionValidator(self.expression, **self.context).validate()


class _Executor(UpdateExpressionExecutor):
    """Moto's, and for updates that are ready the short way."""

    def execute(self, node: Any = None) -> None:
        """Change the item."""
        if isinstance(self.update_ast, _Ready):
            self.update_ast.execute(self.item)
        else:
            super().execute(node)


@cache
def _taken_apart(expression: str) -> Any:
    tree = _make(expression)
    tree.actions = _actions(expression)
    return tree


def _actions(expression: str) -> Actions | None:
    found = PLAIN.fullmatch(expression)
    if not found:
        return None
    sets = (each.split(" = ") for each in found["set"].split(", "))
    removes = found["remove"].split(", ") if found["remove"] else ()
    return Actions(tuple((name, value) for name, value in sets), tuple(removes))


def _parse_once(self: ConditionExpressionParser) -> Any:
    """A condition with these names and values is the same tree, whichever item it is asked about."""
    text = self.condition_expression or ""
    asked = f"{text}\n{_met(text, self.expression_attribute_names)}\n{_met(text, self.expression_attribute_values)}"
    if asked not in _conditions:
        if len(_conditions) >= KEPT:
            _conditions.clear()
        _conditions[asked] = _parse(self), tuple(self.expr_attr_names_found), tuple(self.expr_attr_values_found)
    condition, names, values = _conditions[asked]
    self.expr_attr_names_found, self.expr_attr_values_found = [*names], [*values]
    return condition


def _met(text: str, placeholders: Mapping[str, Any] | None) -> dict[str, Any]:
    """The placeholders that stand in a condition; large values of the update beside it do not."""
    return {name: value for name, value in (placeholders or {}).items() if name in text}
