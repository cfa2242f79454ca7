"""What the doors of queues share: do each message of a batch for who sent it, report the ones to be delivered again.

A message that cannot be read goes to the dead letters.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.store.acting import acting
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)

Messages = Mapping[str, Callable[[Deps, dict[str, Any]], None]]
"""What to do, by the message's type."""
UNSIGNED = "system:queue"
"""Who acts for a message that names nobody: one sent by hand."""


def handle_batch(event: dict[str, Any], messages: Messages) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed, so that only they come again."""
    deps = get_deps()
    failed = [record["messageId"] for record in event["Records"] if not _is_done(deps, record, messages)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _is_done(deps: Deps, record: dict[str, Any], messages: Messages) -> bool:
    try:
        message = json.loads(record["body"])
        with acting(str(message.get("by", UNSIGNED))):
            messages[message["type"]](deps, message)
    except Exception:  # the edge: whatever went wrong, the others of the batch go on and this one comes again
        log.exception("message %s failed", record.get("messageId"))
        count(deps, "MessageFailed", message=str(record.get("messageId")))
        return False
    return True
