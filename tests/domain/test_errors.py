"""The catalogue of codes: nothing is raised that it does not hold."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import CODES, Conflict, Invalid, Issue, NotFound, Unavailable
from chalicelib.domain.settings_rules import MAX_LOGO_TEXT, validate_settings
from tests.support.builders import settings


def test_a_code_outside_the_catalogue_cannot_be_raised() -> None:
    """So no code is invented in passing."""
    with pytest.raises(KeyError):
        Conflict("made_up")


def test_a_single_issue_gives_the_error_its_code() -> None:
    """Several are an invalid request; all of them are kept."""
    one, two = Issue("currency", "unknown_currency", "No."), Issue("", "required", "Missing.")
    assert Invalid.of(one).code == "unknown_currency"
    both = Invalid.of(one, two)
    assert (both.code, both.issues, both.message) == ("invalid_request", (one, two), "currency: No.; Missing.")


def test_errors_say_what_happened_without_being_told() -> None:
    """The catalogue's words stand in for a message; what was not found is named."""
    assert Conflict("stale_version").message == CODES["stale_version"]
    assert "acme" in NotFound("customer", "acme").message
    assert Unavailable().message == CODES["unavailable"]


def test_a_logo_too_long_to_be_read_is_refused_by_its_length() -> None:
    """Before anybody decodes it."""
    issues = validate_settings(settings(logo="x" * (MAX_LOGO_TEXT + 1)))
    assert [(issue.path, issue.code) for issue in issues] == [("logo", "too_long")]
