"""What an operator's template consists of. Apart from what fills it, which takes much to load and has a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.designs import Design
from chalicelib.domain.templates import TemplateVersion


@dataclass(frozen=True, slots=True)
class TemplateText:
    """HTML in Jinja2, its style sheet, and the design of what no template draws: the annex."""

    html: str
    css: str
    design: Design = Design.MODERN


def text_of(version: TemplateVersion) -> TemplateText:
    """What a version draws with: what it leaves to a design is drawn as in the one that it was copied from."""
    return TemplateText(version.html, version.css, version.origin or Design.MODERN)
