"""The functions of the application, as its own decorators declare them, and calls to them as Lambda makes them.

Knows no function by name: what runs, and on what, is read from the Chalice app object and `.chalice/config.json`.
"""

from __future__ import annotations

import importlib
import json
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().parent.parent / ".chalice" / "config.json"
DEFAULT_TIMEOUT_SECONDS = 60


def load_app() -> Any:
    """The Chalice app object; import it only with the environment complete."""
    return importlib.import_module("app").app


def source_kind(source: Any) -> str:
    """`schedule`, `event`, `stream` or `queue`: by which door the function is called."""
    if hasattr(source, "schedule_expression"):
        return "schedule"
    if hasattr(source, "stream_arn"):
        return "stream"
    return "event" if hasattr(source, "event_pattern") else "queue"


@cache
def timeout_seconds(name: str) -> int:
    """The function's time limit as configured for deployment."""
    config = json.loads(CONFIG.read_text(encoding="utf-8")) if CONFIG.is_file() else {}
    local = config.get("lambda_functions", {}).get(name, {})
    limit: int = local.get("lambda_timeout", config.get("lambda_timeout", DEFAULT_TIMEOUT_SECONDS))
    return limit


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda hands to a function beside the event."""

    function_name: str
    limit: int
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    invoked_function_arn: str = ""
    memory_limit_in_mb: int = 1024
    log_group_name: str = ""
    log_stream_name: str = ""
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left before Lambda would stop the function."""
        return max(0, int((self.limit - (time.monotonic() - self.started)) * 1000))


def call(app: Any, name: str, event: dict[str, Any]) -> Any:
    """Call the function with a raw event; whatever it raises goes to the caller."""
    return app.handler_map[name](event, Context(name, timeout_seconds(name)))
