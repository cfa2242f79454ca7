"""Door for the stream of the books: write each change down, then tell everybody of the events it amounts to.

What fails is reported by its position, so that only it and what follows comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.events import Event
from chalicelib.services.audit_log import record_change
from chalicelib.services.event_listeners import announce
from chalicelib.store.acting import acting
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)


@acting("system:record_changes")
def record_changes(event: dict[str, Any]) -> dict[str, Any]:
    """Record a batch; the answer names the first record that failed. Raises what befell the first of all.

    A failure of the function as a whole makes the platform halve the batch, so a record that cannot be read ends up alone, and
    in the queue of failed events, and the others go on.
    """
    records = event["Records"]
    deps = get_deps()
    events, failure = _record(records)
    done = len(events)
    if failure is not None:
        log.error("change %s failed", records[done]["dynamodb"]["SequenceNumber"], exc_info=failure)
        if done == 0:
            raise failure
    announce(deps, [one for some in events for one in some])
    failed = [{"itemIdentifier": records[done]["dynamodb"]["SequenceNumber"]}] if failure is not None else []
    return {"batchItemFailures": failed}


def _record(records: Sequence[dict[str, Any]]) -> tuple[list[tuple[Event, ...]], Exception | None]:
    """The events of each record up to the first that failed, and its failure."""
    events: list[tuple[Event, ...]] = []
    for record in records:
        try:
            events.append(record_change(record))
        except Exception as failure:  # noqa: BLE001  # the edge: what went before it must not be done again for it
            return events, failure
    return events, None
