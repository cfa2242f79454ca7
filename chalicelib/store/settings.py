"""The operator's settings: one item, changed only by whoever read the present version."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.errors import Conflict
from chalicelib.domain.operator import OperatorSettings
from chalicelib.store import codec, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import SettingsItem

PK = "SET"


def get_settings() -> OperatorSettings:
    """The settings as they are, read consistently; the defaults (version 0) before they were first saved."""
    item = _find()
    return OperatorSettings() if item is None else codec.restore(OperatorSettings, item.doc)


def save_settings(settings: OperatorSettings) -> OperatorSettings:
    """Save changed settings that still carry the version they were read with; returns them with their new one.

    Raises Conflict `stale_version` when somebody saved in between.
    """
    saved = replace(settings, version=settings.version + 1)
    try:
        _put(SettingsItem(PK, keys.HEAD, ver=saved.version, doc=codec.plain(saved)), settings.version)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error
    return saved


@retried
def _find() -> SettingsItem | None:
    try:
        return SettingsItem.get(PK, keys.HEAD, consistent_read=True)
    except SettingsItem.DoesNotExist:
        return None


@retried
def _put(item: SettingsItem, read_version: int) -> None:
    item.save(SettingsItem.ver == read_version if read_version else SettingsItem.pk.does_not_exist())
