"""What Chalice itself refuses (unknown paths, other methods), told in our own problem documents."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chalice.app import Response

from chalicelib.handlers.problems import Refused, present_bug, present_error
from chalicelib.handlers.responses import secured


def translate_refusals(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """HTTP middleware: leaves our own answers alone, and turns Chalice's into problem documents."""
    response = get_response(event)
    if "X-Request-Id" in response.headers:
        return response
    request_id = str(event.context.get("requestId", "-")) if event is not None else "-"
    return secured(_problem(response, request_id), request_id)


def _problem(response: Response, request_id: str) -> Response:
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return present_bug(request_id)
    problem = present_error(Refused("method_not_allowed"), request_id)
    problem.headers = {**problem.headers, "Allow": response.headers.get("Allow", "")}
    return problem
