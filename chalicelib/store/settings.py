"""The operator's settings: one item, changed only by whoever read the present version."""

from __future__ import annotations

from dataclasses import replace

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict
from chalicelib.domain.operator import OperatorSettings
from chalicelib.store import codec, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import SettingsItem
from chalicelib.store.template_uses import SETTINGS, Choice, add_choice, is_choice_of_own
from chalicelib.store.transaction import commit

PK = "SET"


def get_settings() -> OperatorSettings:
    """The settings as they are, read consistently; the defaults (version 0) before they were first saved."""
    item = _find()
    return OperatorSettings() if item is None else codec.restore(OperatorSettings, item.doc)


def save_settings(settings: OperatorSettings, *, template_before: str | None = None) -> OperatorSettings:
    """Save changed settings that still carry the version they were read with; returns them with their new one.

    Raises Conflict `stale_version` when somebody saved, or deleted the template that they name, in between.
    """
    saved = replace(settings, version=settings.version + 1)
    item = SettingsItem(PK, keys.HEAD, ver=saved.version, doc=codec.plain(saved))
    choice = Choice(user=SETTINGS, before=template_before, after=saved.template_id, mark=f"{SETTINGS}@{saved.version}")
    try:
        _put_chosen(item, settings.version, choice) if is_choice_of_own(choice) else _put(item, settings.version)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error
    return saved


@retried
def _find() -> SettingsItem | None:
    try:
        return SettingsItem.get(PK, keys.HEAD, consistent_read=True)
    except SettingsItem.DoesNotExist:
        return None


def _put_chosen(item: SettingsItem, read_version: int, choice: Choice) -> None:
    def fill(transaction: TransactWrite) -> None:
        transaction.save(item, condition=_unchanged(read_version))
        add_choice(transaction, choice)

    commit(fill)


@retried
def _put(item: SettingsItem, read_version: int) -> None:
    item.save(_unchanged(read_version))


def _unchanged(read_version: int) -> Condition:
    return SettingsItem.ver == read_version if read_version else SettingsItem.pk.does_not_exist()
