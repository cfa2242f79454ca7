"""Errors as problem documents (RFC 9457). The only place that knows which HTTP status a kind or code of error has.

Never shows a stack trace or the text of an unexpected error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import Response
from pydantic import ValidationError

from chalicelib.domain.errors import CODES, BillingError, Conflict, Invalid, Issue, NotFound, Unavailable
from chalicelib.handlers.encoding import plain

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2

_STATUS_OF_KIND = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Refused(BillingError):
    """The request does not get as far as a use case: credentials, headers, form of the body."""


_STATUS_OF_CODE = {
    "malformed_json": HTTPStatus.BAD_REQUEST,
    "missing_header": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "payload_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "precondition_required": HTTPStatus.PRECONDITION_REQUIRED,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
_HEADERS_OF_STATUS: Mapping[int, Mapping[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="billing"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_SECONDS)},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": str(RETRY_SECONDS)},
}

_CODE_OF_PYDANTIC = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_many_items",
    "string_too_short": "required",
}
_CODE_OF_FAMILY = {"date": "invalid_date", "datetime": "invalid_date", "decimal": "invalid_amount"}
_TYPE_ENDINGS = ("_type", "_parsing", "_unicode")


def status_of(error: BillingError, *, conditional: bool) -> int:
    """The HTTP status; a stale version is 412 when the request carried If-Match (RFC 9110, 13.1.1), else 409."""
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    if error.code == "stale_version" and conditional:
        return HTTPStatus.PRECONDITION_FAILED
    return next((status for kind, status in _STATUS_OF_KIND.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def present_error(error: BillingError, request_id: str, *, conditional: bool = False) -> Response:
    """The problem document of an expected error, with all issues and the error's details as extra members."""
    return _problem(status_of(error, conditional=conditional), error, request_id)


def present_bug(request_id: str) -> Response:
    """The problem document of an unexpected error: says nothing but the request id."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, Refused("internal_error"), request_id)


def parse_issues(error: ValidationError) -> tuple[Issue, ...]:
    """Every complaint of pydantic in the words of our catalogue."""
    return tuple(
        Issue(".".join(str(part) for part in entry["loc"]), _code(entry["type"]), entry["msg"])
        for entry in error.errors(include_url=False)
    )


def _code(kind: str) -> str:
    if kind in CODES and kind != "too_long":
        return kind
    if kind in _CODE_OF_PYDANTIC:
        return _CODE_OF_PYDANTIC[kind]
    family = _CODE_OF_FAMILY.get(kind.partition("_")[0])
    return family or ("invalid_type" if kind.endswith(_TYPE_ENDINGS) else "invalid_value")


def _problem(status: int, error: BillingError, request_id: str) -> Response:
    members = {**error.details, **_members(status, error, request_id)}
    headers: dict[str, str | list[str]] = {"Content-Type": MEDIA_TYPE, **_HEADERS_OF_STATUS.get(status, {})}
    return Response(json.dumps(plain(members), ensure_ascii=False), status_code=int(status), headers=headers)


def _members(status: int, error: BillingError, request_id: str) -> dict[str, Any]:
    detail = CODES["unavailable"] if isinstance(error, Unavailable) else error.message
    return {
        "type": f"/errors/{error.code}",
        "title": CODES[error.code],
        "status": int(status),
        "code": error.code,
        "detail": detail,
        "request_id": request_id,
        "issues": error.issues,
    }
