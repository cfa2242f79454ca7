"""Doors for schedules. The event's own time is the instant billed for, so a repeated event is the same run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.customer import Frequency
from chalicelib.services import billing_runs, checkup, reminding
from chalicelib.services import sweep as sweeping
from chalicelib.store.acting import acting
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)


def generate(event: dict[str, Any], frequency: Frequency) -> None:
    """Bill all customers of a frequency that are due at the event's time."""
    deps = get_deps()
    with acting(f"system:generate_{frequency}"):
        run = billing_runs.run_schedule(deps, frequency, event_time(event, deps.clock()))
    log.info("%s run: %s", frequency, run.id if run else "nobody is due")


@acting("system:sweep")
def sweep(_event: dict[str, Any]) -> None:
    """Re-drive what stayed undone."""
    found = sweeping.sweep(get_deps())
    if found:
        log.warning("sweep drove again: %s", dict(found))


@acting("system:remind_customers")
def remind(event: dict[str, Any]) -> None:
    """Look at the invoices that are due on the day of the event."""
    deps = get_deps()
    reminding.remind_page(deps, event_time(event, deps.clock()), None)


@acting("system:reconcile_books")
def reconcile(event: dict[str, Any]) -> None:
    """Check all books, once a day."""
    deps = get_deps()
    checkup.start_checkup(deps, event_time(event, deps.clock()))


def event_time(event: dict[str, Any], now: datetime) -> datetime:
    """The scheduled time an event carries; one in the future or unreadable counts as now."""
    try:
        at = datetime.fromisoformat(str(event.get("time", "")))
    except ValueError:
        return now
    return min(at.astimezone(UTC), now) if at.tzinfo else now
