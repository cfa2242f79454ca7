"""What templates may be, and when a change is a version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.templates import (
    MAX_LINES,
    MAX_SIZE,
    Template,
    Trial,
    digest_of,
    next_version,
    outcome_of,
    parse_reference,
    reference_to,
    validate_text,
)
from tests.support.builders import NOW

TEMPLATE = Template(id="01t", name="Ours", origin=Design.MODERN, digest=digest_of("<p>", "p {}"), created_at=NOW, updated_at=NOW)


def test_a_change_is_the_next_version() -> None:
    """It holds everything, and the template names it."""
    planned = next_version(TEMPLATE, name="Ours", html="<b>", css="p {}", at=NOW)
    assert planned
    template, version = planned
    assert (template.version, version.version, version.html, version.css) == (2, 2, "<b>", "p {}")
    assert template.digest == digest_of("<b>", "p {}")
    assert (template.origin, version.origin) == (Design.MODERN, Design.MODERN)


def test_nothing_changed_is_no_version() -> None:
    """The same name and content; another name is a change."""
    assert next_version(TEMPLATE, name="Ours", html="<p>", css="p {}", at=NOW) is None
    assert next_version(TEMPLATE, name="Theirs", html="<p>", css="p {}", at=NOW)
    assert next_version(replace(TEMPLATE, digest=""), name="Ours", html="<p>", css="p {}", at=NOW)


def test_digests_tell_the_parts_apart() -> None:
    """What moves from one part to the other is another content."""
    assert digest_of("ab", "c") != digest_of("a", "bc")


@pytest.mark.parametrize(
    "html, css, found",
    [
        ("<p>", "", []),
        (" \n", "", [("html", "required")]),
        ("x" * MAX_SIZE, "", []),
        ("x" * MAX_SIZE, "y", [("html", "too_long")]),
        ("ä" * (MAX_SIZE // 2), "y", [("html", "too_long")]),
        ("x" + "\n" * MAX_LINES, "\n" * MAX_LINES, [("html", "too_long"), ("css", "too_long")]),
        ("x" + "\n" * (MAX_LINES - 1), "", []),
        ("x" + "\r\n" * (MAX_LINES - 1), "\r" * MAX_LINES, [("css", "too_long")]),
    ],
)
def test_texts_are_bounded(html: str, css: str, found: list[tuple[str, str]]) -> None:
    """Bytes of both together, lines of each; and there is some HTML."""
    assert [(issue.path, issue.code) for issue in validate_text(html, css)] == found


@pytest.mark.parametrize("text", ["", "modern", "01t", "01t/0", "01t/x", "01t/1/2", "/1", "A/1", "../x/1"])
def test_only_references_are_read(text: str) -> None:
    """A template and a version that could be; everything else names none."""
    assert parse_reference(text) is None
    assert parse_reference(reference_to("01t", 7)) == ("01t", 7)


@pytest.mark.parametrize(
    "trial, outcomes",
    [
        (Trial(), ["pending", "pending", "pending"]),
        (Trial(drawn=2), ["ok", "ok", "pending"]),
        (Trial(failed=2, fault="x"), ["failed", "failed", "pending"]),
        (Trial(drawn=1, failed=2), ["ok", "failed", "pending"]),
        (Trial(drawn=3, failed=2), ["ok", "ok", "ok"]),
    ],
)
def test_whether_a_version_can_be_drawn(trial: Trial, outcomes: list[str]) -> None:
    """The newest that could be counts before any that could not."""
    assert [outcome_of(trial, version) for version in (1, 2, 3)] == outcomes
