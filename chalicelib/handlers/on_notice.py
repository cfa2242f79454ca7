"""Door for the notices queue: webhooks to send, and to send again, by type of message. Nothing of the books is decided here."""

from __future__ import annotations

from typing import Any

from chalicelib.handlers.message_batch import Messages, handle_batch
from chalicelib.services.webhook_delivery import deliver_message
from chalicelib.services.webhook_replay import replay_slice


def handle_notices(event: dict[str, Any]) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed."""
    return handle_batch(event, MESSAGES)


MESSAGES: Messages = {"deliver_webhook": deliver_message, "replay_webhooks": replay_slice}
