"""A PynamoDB model whose every write names who acts, in attribute `by`: alone or in a transaction, put or update.

A deletion leaves no room for a name: `sign_off` puts it on the item just before.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.store.acting import current_actor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried


class SignedModel(Model):
    """Signs what it writes."""

    by = UnicodeAttribute(null=True)

    def save(self, condition: Condition | None = None, **options: Any) -> dict[str, Any]:
        """Put the item, signed."""
        self.by = current_actor()
        return super().save(condition, **options)

    def update(self, actions: list[Action], condition: Condition | None = None, **options: Any) -> Any:
        """Update the item, signed."""
        return super().update([*actions, self._signature()], condition, **options)

    def get_save_kwargs_from_instance(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """As `save`, for a transaction."""
        self.by = current_actor()
        return super().get_save_kwargs_from_instance(*arguments, **options)

    def get_update_kwargs_from_instance(self, actions: list[Action], *arguments: Any, **options: Any) -> dict[str, Any]:
        """As `update`, for a transaction."""
        return super().get_update_kwargs_from_instance([*actions, self._signature()], *arguments, **options)

    def _signature(self) -> Action:
        return type(self).by.set(current_actor())


def sign_off(item: SignedModel) -> None:
    """Name on an item who is about to delete it, unless it is gone already. If it is not deleted then, nothing has changed."""
    with suppress(ConditionFailedError):
        _sign(item)


@retried
def _sign(item: SignedModel) -> None:
    item.update([], Path("PK").exists())
