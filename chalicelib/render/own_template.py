"""A template of an operator, filled with a document: HTML, and its PDF. For the child process only (`template_process`).

Whatever goes wrong is a TemplateFailed that names part, line and fault. Refuses what is longer than could be laid out in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jinja2 import TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from chalicelib.domain.invoice import Invoice
from chalicelib.render.drawable import drawable
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.formats import Formats
from chalicelib.render.html import joined
from chalicelib.render.labels import document_locale
from chalicelib.render.template_data import build_template_data
from chalicelib.render.template_environment import FILE, Filters, compile_template, find_unknown_name
from chalicelib.render.template_filters import FigureError, build_filters
from chalicelib.render.template_text import TemplateText

TOLD_AS_IT_IS = (UndefinedError, SecurityError, FigureError)
"""Errors whose words are for people; others are told with their kind."""
LONGEST_MESSAGE = 300


def write_html(text: TemplateText, invoice: Invoice, *, draft: bool = False) -> str:
    """The document as HTML."""
    return fill_template(text, invoice, build_template_data(invoice, draft=draft))


def check_names(text: TemplateText, invoice: Invoice) -> None:
    """TemplateFailed for a name that no document has, also where this one does not come by."""
    with _told():
        found = find_unknown_name(text.html, _filters(invoice), build_template_data(invoice))
    if found:
        raise TemplateFailed(f"{found[0]!r} is not among the names that a template can use.", part="html", line=found[1])


def fill_template(text: TemplateText, invoice: Invoice, data: Mapping[str, Any]) -> str:
    """The HTML of the document that `data` was made of."""
    with _told():
        html: str = drawable(joined(compile_template(text.html, _filters(invoice)).generate(**data)))
        return html


def _filters(invoice: Invoice) -> Filters:
    return build_filters(Formats(document_locale(invoice.customer.locale), invoice.currency))


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the HTML provokes is told as its fault."""
    try:
        yield
    except TemplateFailed as error:
        raise TemplateFailed(error.message, part="html") from error
    except Exception as error:  # whatever a template provokes (also RecursionError, MemoryError) is its own failure
        raise TemplateFailed(_words(error), part="html", line=_line(error)) from error


def _words(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return (error.message or "The template cannot be read.")[:LONGEST_MESSAGE]
    message = str(error)[:LONGEST_MESSAGE]
    if isinstance(error, TOLD_AS_IT_IS):
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _line(error: Exception) -> int | None:
    """The line of the template at which it failed: the last one that the traceback passes."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frame, line = error.__traceback__, None
    while frame:
        if frame.tb_frame.f_code.co_filename == FILE:
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
