"""Templates of operators: made, changed, set back to their design, deleted while nobody uses them. Stock designs are only read.

What does not work is never kept: each version is first filled with every sample, in a process of its own. Whether it can be
drawn, too, shows a moment later (see `template_trials`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Conflict, Invalid, Issue, NotFound
from chalicelib.domain.snapshots import build_operator_snapshot
from chalicelib.domain.templates import (
    Outcome,
    Template,
    TemplateVersion,
    Trial,
    digest_of,
    next_version,
    outcome_of,
    validate_text,
)
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.stock_source import read_stock_source
from chalicelib.render.template_process import try_template
from chalicelib.render.template_text import TemplateText, text_of
from chalicelib.services.deps import Deps
from chalicelib.services.template_trials import get_trial, start_trial
from chalicelib.services.versions import check_version
from chalicelib.store import template_uses
from chalicelib.store import templates as store
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.settings import get_settings

NAMED_USERS = 10
DESIGNS = frozenset(Design)


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template with its content, and what is known of drawing it."""

    template: Template
    text: TemplateText
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTemplate:
    """A template to make: a copy of a design or of another template, or from HTML and style sheet."""

    name: str
    copy_of: str | None = None
    html: str | None = None
    css: str | None = None


def create_template(deps: Deps, command: CreateTemplate) -> TemplateView:
    """Make a template. Raises Invalid with every issue, also for what a sample fails on."""
    origin, text = _content_of(command)
    _check_text(text)
    now, template_id = deps.clock(), deps.new_id()
    template = Template(
        id=template_id,
        name=command.name,
        origin=origin,
        digest=digest_of(text.html, text.css),
        created_at=now,
        updated_at=now,
    )
    version = TemplateVersion(
        template_id=template_id, version=1, name=command.name, html=text.html, css=text.css, origin=origin, created_at=now
    )
    return _tried(_view(store.put_template(template, version)))


def check_new(command: CreateTemplate) -> None:
    """Raise Invalid with every issue of a template to be; makes nothing."""
    _check_text(_content_of(command)[1])


def list_templates(limit: int, cursor: str | None) -> tuple[list[Design | Template], str | None]:
    """A page of the designs and then the templates, oldest first, and the cursor to go on with: of a design, its name."""
    designs = _designs_after(cursor)
    found: tuple[list[Template], str | None] = ([], None)
    if len(designs) <= limit:
        found = store.list_templates(max(limit - len(designs), 1), None if designs or _is_design(cursor) else cursor)
    if designs and len(designs) + len(found[0]) > limit:
        return [*designs[:limit]], encode_cursor(designs[:limit][-1])
    return [*designs, *found[0]], found[1]


def get_template(template_id: str) -> TemplateView:
    """The template as it is now; NotFound."""
    return _view(store.get_template(template_id))


def update_template(deps: Deps, template_id: str, changes: Mapping[str, str], expected: int | None) -> TemplateView:
    """Make a new version with the fields given; none where nothing changes.

    Raises Invalid with every issue, NotFound, Conflict `stale_version`, `wrong_state` for a stock design.
    """
    check_own(template_id)
    before = get_template(template_id)
    check_version(before.template.version, expected)
    text = _changed(before.text, changes)
    _check_text(text)
    return _keep(deps, before.template, changes.get("name", before.template.name), text)


def check_changes(template_id: str, changes: Mapping[str, str]) -> None:
    """Raise Invalid with every issue of a template as it would be after a change; changes nothing."""
    check_own(template_id)
    _check_text(_changed(get_template(template_id).text, changes))


def reset_template(deps: Deps, template_id: str, expected: int | None) -> TemplateView:
    """Make a new version that is the design as it is today. Conflict `wrong_state` for a template that is no copy."""
    check_own(template_id)
    template = store.get_template(template_id)
    check_version(template.version, expected)
    if template.origin is None:
        raise Conflict("wrong_state", "This template is no copy of a design that it could be set back to.")
    return _keep(deps, template, template.name, read_stock_source(template.origin))


def delete_template(template_id: str, expected: int | None) -> None:
    """Delete a template that no customer and no setting names; versions stay readable for the documents that name them.

    Raises NotFound, Conflict `in_use` with the first users, `stale_version`, `wrong_state` for a stock design.
    """
    check_own(template_id)
    template = store.get_template(template_id)
    check_version(template.version, expected)
    mark = template_uses.find_mark(template_id)
    users = template_uses.list_users(template_id, NAMED_USERS)
    if users:
        raise Conflict("in_use", f"The template is used by: {', '.join(users)}.", users=users)
    if mark is None:
        raise NotFound("template", template_id)
    store.delete_template(template, mark)


def read_text(template_id: str) -> TemplateText:
    """The content of a template as it is now, or of a design; NotFound."""
    return read_stock_source(Design(template_id)) if template_id in DESIGNS else get_template(template_id).text


def check_own(template_id: str) -> None:
    """Conflict `wrong_state` for a design that comes with the product."""
    if template_id in DESIGNS:
        raise Conflict("wrong_state", "Designs that come with the product cannot be changed; make a copy.")


def _designs_after(cursor: str | None) -> list[Design]:
    """The designs that pages are yet to show; none once templates are on."""
    if cursor is None:
        return list(Design)
    last = decode_cursor(cursor)
    return [design for place, design in enumerate(Design) if last in list(Design)[:place]]


def _is_design(cursor: str | None) -> bool:
    return decode_cursor(cursor) in DESIGNS


def _keep(deps: Deps, template: Template, name: str, text: TemplateText) -> TemplateView:
    planned = next_version(template, name=name, html=text.html, css=text.css, at=deps.clock())
    if planned is not None:
        store.save_version(template.version, *planned)
        template = planned[0]
    return _tried(TemplateView(template, text, get_trial(template)))


def _tried(view: TemplateView) -> TemplateView:
    """The view; saving what is not known to be drawable has it drawn, once more where it was before."""
    if outcome_of(view.trial, view.template.version) is not Outcome.OK:
        start_trial(view.template, view.text)
    return view


def _content_of(command: CreateTemplate) -> tuple[Design | None, TemplateText]:
    """The design that it comes from, and the content."""
    if command.copy_of is None:
        return None, TemplateText(command.html or "", command.css or "")
    if command.html is not None or command.css is not None:
        raise Invalid.of(Issue("copy_of", "invalid_value", "Send copy_of, or html and css, but not both."))
    if command.copy_of in DESIGNS:
        return Design(command.copy_of), read_stock_source(Design(command.copy_of))
    found = store.find_template(command.copy_of)
    if found is None:
        raise Invalid.of(Issue("copy_of", "invalid_value", "There is no template with this id."))
    return found.origin, _view(found).text


def _changed(text: TemplateText, changes: Mapping[str, str]) -> TemplateText:
    return TemplateText(changes.get("html", text.html), changes.get("css", text.css), text.design)


def _check_text(text: TemplateText) -> None:
    """What is wrong with it as a text, and only when that is fine, what the samples say."""
    issues = validate_text(text.html, text.css)
    if issues:
        raise Invalid.of(*issues)
    operator = build_operator_snapshot(get_settings())
    try_template(text, tuple(build_sample(sample, operator) for sample in Sample))


def _view(template: Template) -> TemplateView:
    return TemplateView(template, text_of(store.get_version(template.id, template.version)), get_trial(template))
