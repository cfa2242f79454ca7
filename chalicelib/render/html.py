"""View to HTML through Jinja2, with the template as a hostile guest.

Immutable sandbox, autoescape, undefined names are errors, no globals, a short list of filters, nothing loaded from outside the
templates folder, and a ceiling on what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chalicelib.domain.designs import STOCK
from chalicelib.render.designs import get_design
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.templates_folder import templates_folder

INVOICE, STATEMENT, REMINDER = "shared/invoice.html", "shared/statement.html", "shared/reminder.html"
FILTERS = ("default", "e", "escape", "first", "join", "last", "length", "lower", "upper", "trim")
LARGEST_HTML = 2 * 1024 * 1024
"""Characters of HTML; more would lay out for minutes. About 6,000 lines of the stock template."""


def render_html(view: Mapping[str, Any], *, template: str = STOCK, paper: str = INVOICE) -> str:
    """A document in a stock design. TemplateFailed for any other template, an error in it (with its line), or too much output."""
    design = get_design(template)
    try:
        return joined(stock_template(paper).generate(**view, design=design.value))
    except TemplateFailed:
        raise
    except Exception as error:  # whatever a template provokes (also RecursionError, MemoryError) is the template's failure
        raise TemplateFailed(_describe(error)) from error


def build_environment() -> ImmutableSandboxedEnvironment:
    """The sandbox: what a template may load and call."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


@cache
def stock_template(name: str) -> Template:
    """A stock template, parsed once per process."""
    return build_environment().get_template(name)


def joined(pieces: Iterator[str]) -> str:
    """The pieces of a document as one text. TemplateFailed when it is longer than could be drawn in time."""
    parts: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST_HTML:
            raise TemplateFailed("The document is too long to be drawn.")
        parts.append(piece)
    return "".join(parts)


def _describe(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or 'template'}, line {error.lineno}: {error.message}"
    frame, where = error.__traceback__, ""
    while frame:
        if frame.tb_frame.f_code.co_filename.endswith(".html"):
            where = f"line {frame.tb_lineno}: "
        frame = frame.tb_next
    return f"{where}{type(error).__name__}: {error}"
