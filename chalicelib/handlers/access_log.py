"""One JSON line per request. Never a body, a token, a query string or a path with ids in it."""

from __future__ import annotations

import json
import logging
import time

from chalicelib.handlers.endpoints import Endpoint

_log = logging.getLogger("chalicelib.access")


def start_clock() -> float:
    """A mark to measure from."""
    return time.perf_counter()


def log_request(endpoint: Endpoint, status: int, started: float, request_id: str, subject: str) -> None:
    """Log what was asked, by whom, with which result, and how long it took in milliseconds."""
    line = {
        "method": endpoint.method,
        "path": endpoint.path,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000),
        "request_id": request_id,
        "actor": subject,
    }
    _log.info(json.dumps(line))


def log_bug(request_id: str) -> None:
    """Log the exception being handled with its trace, under the request id that the client was told."""
    _log.exception(json.dumps({"error": "unexpected", "request_id": request_id}))
