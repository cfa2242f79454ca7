"""Door for the notices queue: what its messages ask for, by type. Nothing of the books is decided here."""

from __future__ import annotations

from typing import Any

from chalicelib.handlers.message_batch import Messages, handle_batch


def handle_notices(event: dict[str, Any]) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed."""
    return handle_batch(event, MESSAGES)


MESSAGES: Messages = {}
