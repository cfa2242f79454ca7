"""Requests as handlers see them: path, validated body and query, who asks, which version they expect.

Everything from outside is checked here, all issues at once; handlers get typed values only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chalice.app import Request as Incoming
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.handlers.problems import Refused, parse_issues
from chalicelib.services.deps import Deps

M = TypeVar("M", bound=BaseModel)

MAX_BODY = 1_000_000
"""Bytes of a request body unless the endpoint says otherwise."""
MAX_LIMIT = 200
NEVER = -1
"""The version of an If-Match that is no version of ours: matches nothing."""

_ETAG = re.compile(r'(?:W/)?"(\d{1,15})"')


class Body(BaseModel):
    """Base of request bodies: unknown fields are refused, types are not guessed. Its validator is made by the first request."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for each in schema.get("properties", {}).values():
        each.pop("default", None)


class Changes(Body):
    """Base of bodies whose fields, left out, stay as they are: read `model_dump(exclude_unset=True)`, never a default."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class NoBody(Body):
    """The body of endpoints that need none: empty, or {}."""


class Query(BaseModel):
    """Base of query strings: unknown parameters are refused. Its validator is made by the first request."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class PageQuery(Query):
    """Parameters of every list."""

    limit: int = Field(default=50, ge=1, le=MAX_LIMIT, description="Items per page.")
    cursor: str | None = Field(default=None, max_length=2000, description="next_cursor of the page before.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, checked: `body` and `query` are of the endpoint's models; `if_match` is None without If-Match or with *."""

    path: Mapping[str, str]
    body: Any
    query: Any
    actor: Actor
    if_match: int | None
    deps: Deps
    request_id: str


def read_body(raw: bytes | str, limit: int) -> bytes:
    """The body's bytes; an empty one counts as {}. Raises Refused when it is too large."""
    content = raw.encode() if isinstance(raw, str) else raw
    if len(content) > limit:
        raise Refused("payload_too_large", f"At most {limit} bytes.")
    return content if content.strip() else b"{}"


def parse_body(model: type[M], content: bytes) -> M:
    """The body as an instance of the model; Refused for what is not JSON, Invalid with every issue for what does not fit."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise _body_error(error) from error


def _body_error(error: ValidationError) -> Refused | Invalid:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return Refused("malformed_json", first["msg"])
    return Invalid.of(*parse_issues(error))


def parse_query(model: type[M], given: Mapping[str, list[str]]) -> M:
    """The query string as an instance of the model; Invalid with every issue, also for a parameter given twice."""
    repeated = [Issue(name, "invalid_value", "Give the parameter once.") for name, values in given.items() if len(values) > 1]
    try:
        query = model.model_validate_strings({name: values[-1] for name, values in given.items()})
    except ValidationError as error:
        raise Invalid.of(*repeated, *parse_issues(error)) from error
    if repeated:
        raise Invalid.of(*repeated)
    return query


def parse_if_match(header: str | None) -> int | None:
    """The version an If-Match names: None without the header or for *, NEVER for a tag that we did not give out.

    >>> parse_if_match('"3"'), parse_if_match('W/"3"'), parse_if_match("*"), parse_if_match("three")
    (3, 3, None, -1)
    """
    if header is None or header.strip() == "*":
        return None
    match = _ETAG.fullmatch(header.strip())
    return int(match[1]) if match else NEVER


def query_values(incoming: Incoming) -> dict[str, list[str]]:
    """The query string of a Chalice request as lists of values."""
    given = incoming.query_params
    return {name: given.getlist(name) for name in given} if given else {}
