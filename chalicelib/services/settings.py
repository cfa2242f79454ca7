"""The operator's settings: reading them, and changing some of them with all complaints at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.settings_rules import (
    MAX_LOGO,
    MAX_LOGO_TEXT,
    change_settings,
    validate_new_series,
    validate_number_format,
    validate_settings,
)
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.logo import read_logo
from chalicelib.services.template_choice import validate_template
from chalicelib.services.versions import check_version
from chalicelib.store import settings as store
from chalicelib.store.numbering import list_counters


def get_settings() -> OperatorSettings:
    """The settings as they are."""
    return store.get_settings()


def update_settings(changes: Mapping[str, Any], number_format: str | None, expected: int | None) -> OperatorSettings:
    """Change the fields given, keep the others. Raises Invalid with every issue, Conflict `stale_version`."""
    current = store.get_settings()
    check_version(current.version, expected)
    return store.save_settings(_changed(current, changes, number_format), template_before=current.template_id)


def check_changes(changes: Mapping[str, Any], number_format: str | None) -> None:
    """Raise Invalid with every issue of the settings as they would be after a change; changes nothing."""
    _changed(store.get_settings(), changes, number_format)


def _changed(current: OperatorSettings, changes: Mapping[str, Any], number_format: str | None) -> OperatorSettings:
    changed = change_settings(current, changes, number_format)
    issues = [*validate_settings(changed), *validate_number_format(current, changed, number_format)]
    issues += validate_new_series(current, changed, {counter.partition(":")[0] for counter in list_counters()})
    issues += validate_template(changed.template_id)
    if changed.logo != current.logo:
        issues += _logo_issues(changed.logo)
    if issues:
        raise Invalid.of(*issues)
    return changed


def _logo_issues(logo: str) -> list[Issue]:
    """The logo is decoded now, so that no document fails over it later."""
    if not logo or len(logo) > MAX_LOGO_TEXT:
        return []
    try:
        asset = read_logo(logo)
    except TemplateFailed as error:
        return [Issue("logo", "invalid_value", error.message)]
    return [Issue("logo", "too_long", f"The logo has at most {MAX_LOGO // 1024} KiB.")] if len(asset.content) > MAX_LOGO else []
