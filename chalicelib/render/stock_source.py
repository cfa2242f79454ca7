"""A stock design as one template that stands alone: what operators copy, edit and come back to.

The files of the stock designs share pieces and blocks; here these are put in their places, so that a copy never changes when the
product does. Understands just what those files use; a test compares what both draw.
"""

from __future__ import annotations

import re
from functools import cache

from chalicelib.domain.designs import Design
from chalicelib.render.designs import read_css
from chalicelib.render.template_text import TemplateText
from chalicelib.render.templates_folder import templates_folder

DOCUMENT, INVOICE, PIECES = "shared/document.html", "shared/invoice.html", "shared/pieces.html"
BLOCK = re.compile(r"{% block (\w+) %}(.*?){% endblock %}\n?", re.DOTALL)
MACRO = re.compile(r"(?<={% macro )(\w+)")
COMMENT = re.compile(r"{#.*?#}\n?", re.DOTALL)
IMPORT = re.compile(r"{% import .*? %}\n?")
HEAD = (
    "{# A copy of the stock design {design}. What can be named here: docs/template-variables.md. #}\n"
    "{# Pieces that the document places below. #}\n"
)


@cache
def read_stock_source(design: Design) -> TemplateText:
    """HTML and style sheet of invoices and credit notes in a design."""
    blocks = {**_blocks(f"{design}/layout.html"), **_blocks(INVOICE)}
    body = BLOCK.sub(lambda found: blocks.get(found[1], found[2]), _read(DOCUMENT))
    pieces = _read(PIECES)
    for name in MACRO.findall(pieces):
        pieces = re.sub(rf"(?<=macro ){name}\(|(?<={{{{ ){name}\(", f"draw_{name}(", pieces)
    html = HEAD.replace("{design}", design) + pieces + "\n" + body.replace("pieces.", "draw_")
    return TemplateText(html, read_css(design), design)


def _blocks(name: str) -> dict[str, str]:
    return dict(BLOCK.findall(_read(name)))


def _read(name: str) -> str:
    """The file without its comments, which are for us, and its imports."""
    text = (templates_folder() / name).read_text("utf-8")
    return IMPORT.sub("", COMMENT.sub("", text))
