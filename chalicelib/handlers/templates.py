"""`/templates`: designs that come with the product, to be read and copied, and the operator's own templates of documents."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.domain.designs import Design
from chalicelib.domain.templates import MAX_SIZE, Outcome, Template, Trial, outcome_of
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Id, Instant, Name
from chalicelib.handlers.requests import Body, Changes, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import templates as service
from chalicelib.services.templates import CreateTemplate, TemplateView

api = Api(__name__)


class TemplateInput(Body):
    """A template to make: `copy_of` a design or a template, or its content."""

    name: Name
    copy_of: Id | None = None
    html: str | None = Field(default=None, max_length=MAX_SIZE)
    css: str | None = Field(default=None, max_length=MAX_SIZE)


class TemplateChanges(Changes):
    """Any fields of a template; what is left out stays."""

    name: Name = ""
    html: str = Field(default="", max_length=MAX_SIZE)
    css: str = Field(default="", max_length=MAX_SIZE)


class TemplateSummary(BaseModel):
    """A template without its content. `stock`: a design, which stays as it is. `origin`: the design it is a copy of."""

    id: str
    name: str
    stock: bool
    origin: Design | None
    version: int
    created_at: Instant | None
    updated_at: Instant | None


class TemplateAnswer(TemplateSummary):
    """A template with its content: HTML in Jinja2, and a style sheet.

    `checked`: whether this version could be drawn, with the `fault` if not; `used_version`: which one documents are issued with.
    """

    html: str
    css: str
    checked: Outcome
    fault: str | None
    used_version: int | None


@api.endpoint(
    "GET",
    "/templates",
    permission="billing:read",
    summary="List designs and templates",
    query=PageQuery,
    answer=Page[TemplateSummary],
)
def list_templates(request: Request) -> Answer:
    """A page of the designs, and after them the templates, oldest first."""
    found, following = service.list_templates(request.query.limit, request.query.cursor)
    return Answer(page([present_design(one) if isinstance(one, Design) else present_template(one) for one in found], following))


@api.endpoint(
    "POST",
    "/templates",
    permission="settings:write",
    summary="Make a template, as a copy or from HTML; it is tried on sample documents first",
    body=TemplateInput,
    judge=lambda request: service.check_new(parse_new(request.body)),
    answer=TemplateAnswer,
    status=201,
)
def create_template(request: Request) -> Answer:
    """Make a template; 422 with part and line of what a sample fails on."""
    return answer_template(service.create_template(request.deps, parse_new(request.body)))


@api.endpoint(
    "GET",
    "/templates/{template_id}",
    permission="billing:read",
    summary="Read a template, or a design as one file to copy",
    answer=TemplateAnswer,
)
def get_template(request: Request) -> Answer:
    """One template, with its version as ETag."""
    template_id = request.path["template_id"]
    if template_id in service.DESIGNS:
        text = service.read_text(template_id)
        shown = present_design(Design(template_id))
        known = {"checked": Outcome.OK, "fault": None, "used_version": 0}
        return Answer({**shown, "html": text.html, "css": text.css, **known}, version=shown["version"])
    return answer_template(service.get_template(template_id))


@api.endpoint(
    "PUT",
    "/templates/{template_id}",
    permission="settings:write",
    summary="Make a new version of a template; it is tried on sample documents first",
    body=TemplateChanges,
    judge=lambda request: service.check_changes(request.path["template_id"], parse_changes(request.body)),
    answer=TemplateAnswer,
)
def put_template(request: Request) -> Answer:
    """Change the fields given; the version before stays."""
    changes = parse_changes(request.body)
    return answer_template(service.update_template(request.deps, request.path["template_id"], changes, request.if_match))


@api.endpoint(
    "DELETE",
    "/templates/{template_id}",
    permission="settings:write",
    summary="Delete a template that nobody uses; documents keep the version that they were issued with",
    status=204,
)
def delete_template(request: Request) -> Answer:
    """Delete a template; 409 with who uses it."""
    service.delete_template(request.path["template_id"], request.if_match)
    return Answer()


@api.endpoint(
    "POST",
    "/templates/{template_id}/reset",
    permission="settings:write",
    summary="Make a new version that is the design of which the template is a copy",
    answer=TemplateAnswer,
)
def reset_template(request: Request) -> Answer:
    """Set a copy back to its design, as that is today."""
    return answer_template(service.reset_template(request.deps, request.path["template_id"], request.if_match))


def parse_new(body: TemplateInput) -> CreateTemplate:
    """What is to be made; a name that does not fit is complained of elsewhere."""
    return CreateTemplate(name=body.name or "", copy_of=body.copy_of, html=body.html, css=body.css)


def parse_changes(body: TemplateChanges) -> dict[str, str]:
    """The fields that were given."""
    return body.model_dump(exclude_unset=True)


def answer_template(view: TemplateView) -> Answer:
    """A template with its content, and its version."""
    content = {"html": view.text.html, "css": view.text.css}
    return Answer(
        {**present_template(view.template), **content, **_present_trial(view.trial, view.template.version)},
        version=view.template.version,
    )


def _present_trial(trial: Trial, version: int) -> dict[str, Any]:
    outcome = outcome_of(trial, version)
    fault = trial.fault if outcome is Outcome.FAILED else None
    return {"checked": outcome, "fault": fault, "used_version": trial.drawn or None}


def present_template(template: Template) -> dict[str, Any]:
    """A template as the API shows it."""
    return {**{name: fact for name, fact in plain(template).items() if name != "digest"}, "stock": False}


def present_design(design: Design) -> dict[str, Any]:
    """A design as the API shows it among templates."""
    known = {"id": design.value, "name": design.value.capitalize(), "stock": True, "origin": design.value}
    return {**known, "version": 0, "created_at": None, "updated_at": None}
