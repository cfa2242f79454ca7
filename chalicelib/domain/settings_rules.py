"""How the operator's settings change: what was given replaces what was, and the result is judged as a whole.

The logo's bytes are judged where images can be decoded; here only its size.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.changes import merged
from chalicelib.domain.errors import Issue
from chalicelib.domain.numbering import validate_numbering
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.paper_rows import ROW, count_rows
from chalicelib.domain.party_rules import validate_address, validate_email
from chalicelib.domain.reminders import validate_reminders

MAX_LOGO = 64 * 1024
"""Bytes of the logo as an image."""
MAX_LOGO_TEXT = MAX_LOGO * 3
"""Characters of the data: URI of such an image, whatever way it is escaped."""
MAX_SETTLING_HOURS = 240
MAX_FOOTER_ROWS = 8
"""Rows of the operator's own words at the foot of each page."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PORTAL = re.compile(r"(https://|http://(localhost|127\.0\.0\.1)[:/])[^\s{}\"'<>\\]*\{invoice_id\}[^\s{}\"'<>\\]*")


def change_settings(current: OperatorSettings, changes: Mapping[str, Any], number_format: str | None) -> OperatorSettings:
    """The settings after a change. `number_format` is a short name of `invoice_series.format`; it counts where that one stays."""
    changed = merged(current, changes)
    series = changed.invoice_series
    if number_format is None or series.format != current.invoice_series.format:
        return changed
    return replace(changed, invoice_series=replace(series, format=number_format))


def validate_settings(settings: OperatorSettings) -> list[Issue]:
    """Every issue of the settings."""
    issues = [*validate_address(settings.address), *validate_email(settings.email), *validate_numbering(settings)]
    issues += _mail_issues(settings)
    if not _COLOUR.fullmatch(settings.accent_colour):
        issues.append(Issue("accent_colour", "invalid_value", "Write the colour as #rrggbb."))
    if not 0 <= settings.settling_hours <= MAX_SETTLING_HOURS:
        issues.append(Issue("settling_hours", "invalid_value", f"Settling takes 0 to {MAX_SETTLING_HOURS} hours."))
    if count_rows(settings.footer) > MAX_FOOTER_ROWS:
        message = f"At the foot of a page is room for {MAX_FOOTER_ROWS} rows of about {ROW} letters."
        issues.append(Issue("footer", "too_long", message))
    if len(settings.logo) > MAX_LOGO_TEXT:
        issues.append(Issue("logo", "too_long", f"The logo has at most {MAX_LOGO // 1024} KiB."))
    return issues


def _mail_issues(settings: OperatorSettings) -> list[Issue]:
    issues = [*validate_email(settings.email_from, "email_from"), *validate_reminders(settings.reminders)]
    if settings.portal_url and not _PORTAL.fullmatch(settings.portal_url):
        message = "Write an https address with {invoice_id} in it, once."
        issues.append(Issue("portal_url", "invalid_value", message))
    return issues


def validate_new_series(current: OperatorSettings, changed: OperatorSettings, used: Collection[str]) -> list[Issue]:
    """A series that begins to count anew (other name, other restart) must not print the numbers of the one before it again.

    `used`: names of the series that numbers were taken from.
    """
    return [
        Issue(
            f"{path}.format",
            "number_format",
            "A series that counts anew needs another format, or numbers would be printed twice.",
        )
        for path, before, after in (
            ("invoice_series", current.invoice_series, changed.invoice_series),
            ("credit_note_series", current.credit_note_series, changed.credit_note_series),
        )
        if before.name in used and before.format == after.format and (before.name, before.restart) != (after.name, after.restart)
    ]


def validate_number_format(current: OperatorSettings, changed: OperatorSettings, number_format: str | None) -> list[Issue]:
    """The issue of a `number_format` that says something else than an `invoice_series.format` changed at the same time."""
    if number_format in (None, current.invoice_series.format, changed.invoice_series.format):
        return []
    return [Issue("number_format", "number_format", "invoice_series.format says something else; send one of them.")]
