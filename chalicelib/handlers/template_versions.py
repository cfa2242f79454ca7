"""`/templates/{id}/…`: versions of a template, what changed between them, and previews of it on paper."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.domain.templates import MAX_SIZE, TemplateVersion
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Id, Instant
from chalicelib.handlers.requests import Body, PageQuery, Query, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.render.sample_documents import Sample
from chalicelib.services import template_previews, template_versions
from chalicelib.services.template_previews import PreviewTemplate

api = Api(__name__)

DRAWING_SECONDS = 2
"""When it is worth asking again."""
VERSION = r"^[1-9][0-9]{0,8}$"


class CompareQuery(Query):
    """From a version, or `stock` (the design that the template was copied from), to a version, or the present one."""

    start: str = Field(default="stock", alias="from", pattern=rf"{VERSION}|^stock$")
    end: str | None = Field(default=None, alias="to", pattern=VERSION)


class PreviewInput(Body):
    """What to draw: the template, or an edit of it, on a made-up document or on an invoice, which then carries the draft mark."""

    html: str | None = Field(default=None, max_length=MAX_SIZE)
    css: str | None = Field(default=None, max_length=MAX_SIZE)
    sample: Sample = Sample.WORST_CASE
    invoice_id: Id | None = None


class VersionSummary(BaseModel):
    """A version without its content."""

    version: int
    name: str
    created_at: Instant


class VersionAnswer(VersionSummary):
    """A version with its content."""

    html: str
    css: str


class ComparisonAnswer(BaseModel):
    """Unified differences; empty where nothing changed."""

    before: str
    after: str
    html: str
    css: str


class PreviewAnswer(BaseModel):
    """`ready` with a link that lives until `expires_at`, or still `rendering`: ask again."""

    status: Literal["ready", "rendering"]
    url: str | None = None
    expires_at: Instant | None = None


@api.endpoint(
    "GET",
    "/templates/{template_id}/versions",
    permission="billing:read",
    summary="List the versions of a template, newest first",
    query=PageQuery,
    answer=Page[VersionSummary],
)
def list_template_versions(request: Request) -> Answer:
    """A page of versions; those of a deleted template stay, and a design has none."""
    found, following = template_versions.list_versions(request.path["template_id"], request.query.limit, request.query.cursor)
    shown = [{name: fact for name, fact in present_version(one).items() if name not in {"html", "css"}} for one in found]
    return Answer(page(shown, following))


@api.endpoint(
    "GET",
    "/templates/{template_id}/versions/{number}",
    permission="billing:read",
    summary="Read a version of a template",
    answer=VersionAnswer,
)
def get_template_version(request: Request) -> Answer:
    """One version, as documents name it."""
    number = request.path["number"]
    known = int(number) if number.isascii() and number.isdecimal() and len(number) <= len("999999999") else 0
    return Answer(present_version(template_versions.get_version(request.path["template_id"], known)), version=known)


@api.endpoint(
    "GET",
    "/templates/{template_id}/compare",
    permission="billing:read",
    summary="What changed between two versions of a template, or since it was copied",
    query=CompareQuery,
    answer=ComparisonAnswer,
)
def compare_template_versions(request: Request) -> Answer:
    """Both parts as unified differences."""
    query: CompareQuery = request.query
    start = None if query.start == template_versions.STOCK else int(query.start)
    end = None if query.end is None else int(query.end)
    return Answer(template_versions.compare_versions(request.path["template_id"], start, end))


@api.endpoint(
    "POST",
    "/templates/{template_id}/preview",
    permission="settings:write",
    summary="A link to a template, or an edit of it, on a sample or an invoice",
    body=PreviewInput,
    answer=PreviewAnswer,
    statuses=(202,),
)
def preview_template(request: Request) -> Answer:
    """The link, or 202 while it is being drawn; 422 with part and line of what fails."""
    body: PreviewInput = request.body
    command = PreviewTemplate(template_id=request.path["template_id"], **body.model_dump())
    link = template_previews.find_preview(request.deps, request.actor, command)
    if link.url is None:
        return Answer({"status": "rendering"}, status=202, headers={"Retry-After": str(DRAWING_SECONDS)})
    return Answer({"status": "ready", "url": link.url, "expires_at": link.expires_at})


def present_version(version: TemplateVersion) -> dict[str, Any]:
    """A version as the API shows it."""
    return {name: fact for name, fact in plain(version).items() if name not in {"template_id", "origin"}}
