"""The work queue: sending messages of intent. Receiving is the platform's business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.store.clients import names, sqs
from chalicelib.store.retry import TransientError, retried

BATCH = 10
"""Messages per SQS call."""


def send_messages(messages: Sequence[dict[str, Any]]) -> None:
    """Send messages; raises Unavailable when some were not taken after retries (sending twice is harmless)."""
    for start in range(0, len(messages), BATCH):
        _send_batch([json.dumps(message, separators=(",", ":")) for message in messages[start : start + BATCH]])


@retried
def _send_batch(bodies: list[str]) -> None:
    entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
    answer = sqs().send_message_batch(QueueUrl=names.bill_queue_url, Entries=entries)
    if answer.get("Failed"):
        raise TransientError(f"{len(answer['Failed'])} messages were not taken")
