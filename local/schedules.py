"""The clock of a local run: fires the scheduled functions as EventBridge would.

Knows `rate(…)` and `cron(…)` with numbers, lists, ranges, steps, `*` and `?`; refuses the rest of the language (L, W, #).
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local import functions
from local.ministack import REGION

LOG = logging.getLogger("local.schedules")
LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
HORIZON = timedelta(days=366)
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def next_fire(expression: str, after: datetime) -> datetime:
    """The first instant after `after` at which the schedule fires; ValueError for an expression not understood.

    >>> next_fire("cron(5 * * * ? *)", datetime(2026, 3, 1, 10, 5, tzinfo=UTC)).isoformat()
    '2026-03-01T11:05:00+00:00'
    >>> next_fire("rate(5 minutes)", datetime(2026, 3, 1, 10, 5, tzinfo=UTC)).isoformat()
    '2026-03-01T10:10:00+00:00'
    """
    kind, _, inner = expression.removesuffix(")").partition("(")
    if kind == "rate" and (match := re.fullmatch(r"(\d+) (minute|hour|day)s?", inner)):
        return after + int(match[1]) * UNITS[match[2]]
    if kind != "cron" or len(inner.split()) != len(LIMITS):
        raise ValueError(f"{expression!r} is not a schedule expression.")
    return _next_match([_values(text, *limit) for text, limit in zip(inner.split(), LIMITS, strict=True)], after)


def scheduled_event(name: str, instant: datetime) -> dict[str, Any]:
    """What EventBridge sends when a rule of this name fires."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/{name}"],
        "detail": {},
    }


def run_schedule(app: Any, source: Any, hold: Path, stop: threading.Event) -> None:
    """Fire once now, then whenever the expression says so, until stopped; one at a time, none while the file `hold` exists."""
    due = datetime.now(UTC)
    expression = source.schedule_expression
    text = expression if isinstance(expression, str) else expression.to_string()
    while not stop.wait(max(0.0, (due - datetime.now(UTC)).total_seconds())):
        if hold.exists():
            LOG.info("%s is held back", source.name)
        else:
            _fire(app, source.name, due)
        due = next_fire(text, datetime.now(UTC))


def _fire(app: Any, name: str, instant: datetime) -> None:
    LOG.info("%s fires", name)
    try:
        functions.call(app, name, scheduled_event(name, instant))
    except Exception:
        LOG.exception("%s failed; it fires again at its next time", name)


def _next_match(fields: list[frozenset[int]], after: datetime) -> datetime:
    instant = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while instant < after + HORIZON:
        weekday = instant.isoweekday() % 7 + 1  # Sunday = 1, as AWS counts
        parts = (instant.minute, instant.hour, instant.day, instant.month, weekday, instant.year)
        if all(part in allowed for part, allowed in zip(parts, fields, strict=True)):
            return instant
        instant += timedelta(minutes=1)
    raise ValueError("The schedule does not fire within a year.")


def _values(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, last = _span(span, low, high, open_ended=bool(step))
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _span(text: str, low: int, high: int, *, open_ended: bool) -> tuple[int, int]:
    if text in {"*", "?"}:
        return low, high
    first, _, last = text.partition("-")
    return int(first), int(last or (high if open_ended else first))
