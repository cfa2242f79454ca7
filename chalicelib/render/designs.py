"""What a stock design is made of besides its blocks: the style sheet. Operators' own templates are none of its business."""

from __future__ import annotations

from functools import cache

from chalicelib.domain.designs import Design, find_design
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.templates_folder import templates_folder


def get_design(template: str) -> Design:
    """The design that a document names; TemplateFailed where it names another template."""
    design = find_design(template)
    if design is None:
        raise TemplateFailed(f"There is no template {template!r}.")
    return design


@cache
def read_css(design: Design) -> str:
    """The style sheet: what all designs share, and then its own."""
    parts = ("shared/page.css", f"{design}/look.css")
    return "\n".join((templates_folder() / part).read_text("utf-8") for part in parts)
