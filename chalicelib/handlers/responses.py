"""What handlers answer with, and how it becomes an HTTP response: status, ETag, security headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chalice.app import Response
from pydantic import BaseModel

from chalicelib.handlers.encoding import to_json

T = TypeVar("T")

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class LongText:
    """A text piece by piece, as it may be more than a function can hold."""

    pieces: Iterator[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `body` is a dict, list, domain value or pydantic model; text goes out as it is.

    `status` None means the endpoint's own; `version` becomes the ETag.
    """

    body: object = None
    status: int | None = None
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Page(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


def page(items: Sequence[object], next_cursor: str | None) -> dict[str, Any]:
    """The body of a list answer."""
    return {"items": list(items), "next_cursor": next_cursor}


def present_answer(answer: Answer, default_status: int) -> Response:
    """The HTTP response of an answer."""
    headers: dict[str, str | list[str]] = dict(answer.headers)
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    status = answer.status or default_status
    if answer.body is None:
        return Response("", status_code=status, headers=headers)
    if isinstance(answer.body, str | LongText):
        return Response(answer.body, status_code=status, headers=headers)
    return Response(to_json(answer.body), status_code=status, headers={"Content-Type": JSON, **headers})


def secured(response: Response, request_id: str) -> Response:
    """The response with the security headers and the request id on it."""
    response.headers = {**SECURITY_HEADERS, "X-Request-Id": request_id, **response.headers}
    return response
