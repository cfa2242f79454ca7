"""Door for the work queue: parse each message, do it, report the ones to be delivered again.

A message that cannot be read goes to the dead letters.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from chalicelib.services.billing import bill_chunk
from chalicelib.services.billing_runs import dispatch_run
from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.services.usage_export import export_usage
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)


def handle_messages(event: dict[str, Any]) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed, so that only they come again."""
    deps = get_deps()
    failed = [record["messageId"] for record in event["Records"] if not _is_done(deps, record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _is_done(deps: Deps, record: dict[str, Any]) -> bool:
    try:
        message = json.loads(record["body"])
        MESSAGES[message["type"]](deps, message)
    except Exception:  # the edge: whatever went wrong, the others of the batch go on and this one comes again
        log.exception("message %s failed", record.get("messageId"))
        count(deps, "MessageFailed", message=str(record.get("messageId")))
        return False
    return True


def _bill_chunk(deps: Deps, message: dict[str, Any]) -> None:
    bill_chunk(deps, str(message["run_id"]), int(message["chunk"]))


def _dispatch_run(deps: Deps, message: dict[str, Any]) -> None:
    dispatch_run(deps, str(message["run_id"]))


MESSAGES: dict[str, Callable[[Deps, dict[str, Any]], None]] = {
    "bill_chunk": _bill_chunk,
    "dispatch_run": _dispatch_run,
    "export_usage": export_usage,
}
