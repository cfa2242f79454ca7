"""What a template was before: its versions, and what changed between two of them, or since the design that it was copied from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff

from chalicelib.domain.errors import Conflict
from chalicelib.domain.templates import Template, TemplateVersion
from chalicelib.render.stock_source import read_stock_source
from chalicelib.render.template_text import TemplateText, text_of
from chalicelib.services.templates import DESIGNS, check_own
from chalicelib.store import templates as store

STOCK = "stock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Unified differences of HTML and of style sheet, from one state to another; empty where they are equal."""

    before: str
    after: str
    html: str
    css: str


def list_versions(template_id: str, limit: int, cursor: str | None) -> tuple[list[TemplateVersion], str | None]:
    """A page of versions, newest first, none of a design that comes with the product; NotFound for a template that never was."""
    if template_id in DESIGNS:
        return [], None
    store.get_version(template_id, 1)
    return store.list_versions(template_id, limit, cursor)


def get_version(template_id: str, version: int) -> TemplateVersion:
    """A version, also of a template that was deleted; NotFound."""
    return store.get_version(template_id, version)


def compare_versions(template_id: str, before: int | None, after: int | None) -> Comparison:
    """What changed from one version, None: from the design, to another, None: to the present one.

    Raises NotFound, Conflict `wrong_state` for a design, and for the design of a template that is no copy.
    """
    check_own(template_id)
    template = store.get_template(template_id)
    number = template.version if after is None else after
    old, new = _design_of(template) if before is None else _text(template_id, before), _text(template_id, number)
    names = (STOCK if before is None else str(before), str(number))
    return Comparison(
        before=names[0],
        after=names[1],
        html=_difference(old.html, new.html, names),
        css=_difference(old.css, new.css, names),
    )


def _design_of(template: Template) -> TemplateText:
    if template.origin is None:
        raise Conflict("wrong_state", "This template is no copy of a design that it could be compared with.")
    return read_stock_source(template.origin)


def _text(template_id: str, version: int) -> TemplateText:
    return text_of(store.get_version(template_id, version))


def _difference(old: str, new: str, names: tuple[str, str]) -> str:
    lines: Iterable[str] = unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    return "\n".join(lines)
