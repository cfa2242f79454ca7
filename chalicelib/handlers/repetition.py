"""Executes a request once per Idempotency-Key: remembers the response and plays it again.

A request that failed for reasons of ours is not remembered; it may run again at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from chalice.app import Response

from chalicelib.domain.errors import BillingError
from chalicelib.handlers.encoding import to_json
from chalicelib.handlers.endpoints import Endpoint
from chalicelib.handlers.problems import present_error
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import present_answer
from chalicelib.services.idempotency import Remembered, open_request

SERVER_ERROR = 500
REPLAYED = {"Idempotency-Replayed": "true"}


def execute_once(endpoint: Endpoint, request: Request, key: str, content: bytes) -> Response:
    """The endpoint's response, from memory when this request was answered before. Raises what is no answer (5xx)."""
    remembered = open_request(request.deps, request.actor.subject, key, _fingerprint(endpoint, request, content))
    if remembered.answer is not None:
        return _load(remembered.answer)
    try:
        response = _execute(endpoint, replace(request, deps=remembered.deps))
    except Exception:
        remembered.release()
        raise
    _keep(remembered, response, endpoint.secret_fields)
    return response


def _execute(endpoint: Endpoint, request: Request) -> Response:
    try:
        answer = endpoint.handler(request)
    except BillingError as error:
        problem = present_error(error, request.request_id, conditional=request.if_match is not None)
        if problem.status_code >= SERVER_ERROR:
            raise
        return problem
    return present_answer(answer, endpoint.status)


def _fingerprint(endpoint: Endpoint, request: Request, content: bytes) -> str:
    """A hash of all that the request asks."""
    asked = to_json([endpoint.method, endpoint.path, dict(request.path), request.query]).encode()
    return hashlib.sha256(asked + b"\n" + content).hexdigest()


def _keep(remembered: Remembered, response: Response, secret_fields: tuple[str, ...]) -> None:
    kept = {"status": response.status_code, "headers": response.headers, "body": _without(response.body, secret_fields)}
    remembered.remember(json.dumps(kept).encode())


def _without(body: Any, secret_fields: tuple[str, ...]) -> Any:
    if not secret_fields:
        return body
    return to_json({**json.loads(body), **dict.fromkeys(secret_fields)})


def _load(answer: bytes) -> Response:
    kept = json.loads(answer)
    return Response(kept["body"], status_code=kept["status"], headers={**kept["headers"], **REPLAYED})
