"""The API: own CPU of warm requests through Chalice's test client, and the CPU of a cold import of the API function.

A request's figure holds routing, authentication (RS256), validation, use case, PynamoDB and JSON, and the test client's imitation
of API Gateway; botocore and the emulator are apart.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.figures import Figure, Size
from bench.sdk_apart import sdk_apart
from bench.stopwatch import child_seconds, cpu_seconds
from bench.world import PLACES, deployment

ROOT = Path(__file__).parents[2]
LINE = {"quantity": "2", "unit_price": "10.00", "tax": {"category": "S", "percent": "20"}}
CUSTOMER = {"id": "acme", "name": "Acme", "currency": "EUR", "tax": {"percent": "20"}}


def run(size: Size) -> list[Figure]:
    """Milliseconds of CPU per request, and of an import."""
    with deployment() as cloud:
        from chalice.test import Client  # noqa: PLC0415  # the app reads its environment when it is imported

        from app import app  # noqa: PLC0415
        from tests.support.http import ApiClient  # noqa: PLC0415

        api = ApiClient(cloud, Client(app))
        figures = _requests(api, size)
    return [*figures, *_imports(size)]


def _requests(api: Any, size: Size) -> list[Figure]:
    token = api.token()
    assert api.post("/customers", CUSTOMER).status == 201  # noqa: PLR2004  # created
    lines = [{**LINE, "description": place} for place in PLACES]
    body = {"customer_id": "acme", "invoice_date": "2026-11-05", "lines": lines}
    made = [api.post("/invoices", body).json["id"] for _ in range(20)]
    calls: dict[str, Callable[[], Any]] = {
        "GET an invoice of 20 lines": lambda: api.get(f"/invoices/{made[0]}", token=token),
        "GET a page of 20 invoices": lambda: api.get("/invoices?limit=20", token=token),
        "POST an invoice of 20 lines": lambda: api.post("/invoices", body, token=token),
    }
    return [_request(name, call, size) for name, call in calls.items()]


def _request(name: str, call: Callable[[], Any], size: Size) -> Figure:
    reply = call()
    assert reply.status < 300, reply.text  # noqa: PLR2004  # success
    best = min(_own_seconds(call, size.requests) for _ in range(size.repeats))
    return Figure(name=name, value=best * 1000, unit="ms own CPU", note=f"{len(reply.text) / 1024:.1f} KiB answered")


def _own_seconds(call: Callable[[], Any], times: int) -> float:
    with sdk_apart() as apart:
        seconds = cpu_seconds(lambda: [call() for _ in range(times)])
    return (seconds - apart.inside) / times


def _imports(size: Size) -> list[Figure]:
    """The whole process `import app`, less an empty one."""
    empty = min(child_seconds(lambda: _python("pass")) for _ in range(size.repeats))
    with tempfile.TemporaryDirectory() as cache:
        modules = _python("import app, sys; print(len(sys.modules))", PYTHONPYCACHEPREFIX=cache).strip()
        compiled = min(child_seconds(lambda: _python("import app", PYTHONPYCACHEPREFIX=cache)) for _ in range(size.repeats))
    figures = [_import("compiled", compiled - empty, f"{modules} modules, of which an empty process has some 30")]
    if size.is_full:
        source = min(child_seconds(_import_from_source) for _ in range(2))
        figures.append(_import("no compiled file at all", source - empty, "standard library included"))
    return figures


def _import(how: str, seconds: float, note: str) -> Figure:
    return Figure(name=f"cold import of the API function, {how}", value=seconds * 1000, unit="ms CPU", note=note)


def _import_from_source() -> None:
    with tempfile.TemporaryDirectory() as cache:
        _python("import app", PYTHONPYCACHEPREFIX=cache, PYTHONDONTWRITEBYTECODE="1")


def _python(code: str, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout
