"""The event bus: tells other systems of the account what became true. Who listens there is none of its business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.events import Event
from chalicelib.store import codec
from chalicelib.store.clients import events as client
from chalicelib.store.retry import TransientError, retried

BATCH = 10
"""Entries per call of EventBridge."""
SOURCE = "billing"


def put_events(events: Sequence[Event]) -> None:
    """Put events on the default bus; raises Unavailable when some were not taken after retries (putting twice is harmless)."""
    for start in range(0, len(events), BATCH):
        _put_batch([_entry(event) for event in events[start : start + BATCH]])


@retried
def _put_batch(entries: list[dict[str, Any]]) -> None:
    """Put entries; what was taken leaves the list, so that a repetition brings only the others."""
    answer = client().put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        entries[:] = [entry for entry, result in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in result]
        raise TransientError(f"{len(entries)} events were not taken")


def _entry(event: Event) -> dict[str, Any]:
    detail = json.dumps(codec.plain(event), ensure_ascii=False, separators=(",", ":"))
    return {"Source": SOURCE, "DetailType": event.type.value, "Detail": detail, "Time": event.occurred_at}
