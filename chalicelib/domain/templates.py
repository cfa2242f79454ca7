"""Templates of operators: what is kept of them, and what they may be. How a document is drawn with one is none of its business.

A change makes a new version and keeps the old ones for ever, since documents name the version that they were issued with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Issue

MAX_SIZE = 64 * 1024
"""Bytes of HTML and style sheet together."""
MAX_LINES = 5_000
"""Lines of each; comparing versions takes the square of it at worst."""

_REFERENCE = re.compile(r"([0-9a-z]{1,40})/([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template as it is now. `origin` is the design that it was copied from, if any; `digest` stands for its content."""

    id: str
    name: str
    origin: Design | None = None
    digest: str
    version: int = 1
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """What a template was from one change to the next; `origin` is that of the template, which may be deleted before it."""

    template_id: str
    version: int
    name: str
    html: str
    css: str
    origin: Design | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What drawing the versions of a template came to: the newest that could be drawn, the newest that could not, 0 for none."""

    drawn: int = 0
    failed: int = 0
    fault: str = ""


class Outcome(StrEnum):
    """Whether a version can be drawn: that shows shortly after it was kept."""

    PENDING = "pending"
    OK = "ok"
    FAILED = "failed"


def outcome_of(trial: Trial, version: int) -> Outcome:
    """What is known of a version; of one before the newest that could be drawn, that it is of no account."""
    if trial.drawn >= version:
        return Outcome.OK
    return Outcome.FAILED if trial.failed >= version else Outcome.PENDING


def digest_of(html: str, css: str) -> str:
    """Stands for a content: equal for equal ones."""
    return sha256(f"{len(html)}\n{html}{css}".encode()).hexdigest()


def next_version(template: Template, *, name: str, html: str, css: str, at: datetime) -> tuple[Template, TemplateVersion] | None:
    """The template after a change, and its new version; None where nothing changes."""
    changed = replace(template, name=name, digest=digest_of(html, css), updated_at=at)
    if (changed.name, changed.digest) == (template.name, template.digest):
        return None
    number = template.version + 1
    version = TemplateVersion(
        template_id=template.id, version=number, name=name, html=html, css=css, origin=template.origin, created_at=at
    )
    return replace(changed, version=number), version


def validate_text(html: str, css: str) -> list[Issue]:
    """Every issue of a content as a text."""
    issues = []
    if not html.strip():
        issues.append(Issue("html", "required", "A template needs HTML."))
    if len(html.encode()) + len(css.encode()) > MAX_SIZE:
        issues.append(Issue("html", "too_long", f"HTML and style sheet have at most {MAX_SIZE // 1024} KiB together."))
    return issues + [
        Issue(path, "too_long", f"At most {MAX_LINES} lines.")
        for path, text in (("html", html), ("css", css))
        if len(f"{text}.".splitlines()) > MAX_LINES  # however lines end: comparing splits them so
    ]


def reference_to(template_id: str, version: int) -> str:
    """What documents name: a template and one of its versions."""
    return f"{template_id}/{version}"


def parse_reference(reference: str) -> tuple[str, int] | None:
    """(template, version) of what a document names; None for a stock design, and for a template without a version.

    >>> parse_reference("01jabc/12"), parse_reference("modern"), parse_reference("01jabc")
    (('01jabc', 12), None, None)
    """
    found = _REFERENCE.fullmatch(reference)
    return (found[1], int(found[2])) if found else None
