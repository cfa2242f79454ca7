"""The queues of work, of webhooks and of mails: sending messages of intent, and on whose behalf. The platform receives them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.store.acting import current_actor
from chalicelib.store.clients import names, sqs
from chalicelib.store.retry import TransientError, retried

BATCH = 10
"""Messages per SQS call."""


LONGEST_DELAY = 900
"""Seconds that SQS can hold a message back."""


def send_messages(messages: Sequence[dict[str, Any]]) -> None:
    """Send billing work; raises Unavailable when some were not taken after retries (sending twice is harmless)."""
    _send(names.bill_queue_url, messages, 0)


def send_notices(messages: Sequence[dict[str, Any]], delay: int = 0) -> None:
    """Send webhooks to be sent, received after `delay` seconds (at most LONGEST_DELAY); raises as `send_messages`."""
    _send(names.notices_queue_url, messages, delay)


def send_mail_work(messages: Sequence[dict[str, Any]], delay: int = 0) -> None:
    """Send mails to be sent and reminders to be decided, received after `delay` seconds; raises as `send_messages`.

    A queue of their own: a receiver that takes seconds for each webhook holds up no mail.
    """
    _send(names.mails_queue_url, messages, delay)


def _send(queue_url: str, messages: Sequence[dict[str, Any]], delay: int) -> None:
    for start in range(0, len(messages), BATCH):
        _send_batch(queue_url, [_entry(i, message, delay) for i, message in enumerate(messages[start : start + BATCH])])


def _entry(position: int, message: dict[str, Any], delay: int) -> dict[str, Any]:
    body = json.dumps({**message, "by": current_actor()}, separators=(",", ":"))
    return {"Id": str(position), "MessageBody": body, "DelaySeconds": delay}


@retried
def _send_batch(queue_url: str, entries: list[dict[str, Any]]) -> None:
    answer = sqs().send_message_batch(QueueUrl=queue_url, Entries=entries)
    if answer.get("Failed"):
        raise TransientError(f"{len(answer['Failed'])} messages were not taken")
