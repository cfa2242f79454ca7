"""The local clock fires when EventBridge would."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.schedules import next_fire, run_schedule, scheduled_event

NOW = datetime(2026, 3, 31, 23, 58, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("rate(5 minutes)", "2026-04-01T00:03:30"),
        ("rate(1 hour)", "2026-04-01T00:58:30"),
        ("cron(5 * * * ? *)", "2026-04-01T00:05:00"),
        ("cron(0/15 * * * ? *)", "2026-04-01T00:00:00"),
        ("cron(30 6,18 1 * ? *)", "2026-04-01T06:30:00"),
        ("cron(0 9 ? * 2-6 *)", "2026-04-01T09:00:00"),
        ("cron(0 0 ? * 1 *)", "2026-04-05T00:00:00"),
    ],
)
def test_next_firing(expression: str, expected: str) -> None:
    """Rates count from now; cron fields match minutes of UTC, Sunday being day 1."""
    assert next_fire(expression, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("expression", ["rate(5 fortnights)", "cron(5 * * *)", "cron(0 0 L * ? *)", "every day"])
def test_what_is_not_understood_is_refused(expression: str) -> None:
    """An expression outside the known language raises instead of firing at the wrong time."""
    with pytest.raises(ValueError, match=r".+"):
        next_fire(expression, NOW)


def test_the_event_is_the_one_of_eventbridge() -> None:
    """The function sees source, detail type and the scheduled instant in UTC."""
    event = scheduled_event("generate_daily", NOW)
    assert (event["source"], event["detail-type"], event["time"]) == ("aws.events", "Scheduled Event", "2026-03-31T23:58:30Z")


@pytest.mark.parametrize("held", [True, False])
def test_schedules_fire_at_the_start_unless_held(held: bool, tmp_path: Path) -> None:
    """A function is called once at the start of a run; while the demo holds the clock it is not."""
    calls: list[dict[str, Any]] = []
    stop = threading.Event()

    def sweep(event: dict[str, Any], _context: object) -> None:
        calls.append(event)
        stop.set()

    app = SimpleNamespace(handler_map={"sweep": sweep})
    source = SimpleNamespace(name="sweep", schedule_expression="rate(1 minute)")
    hold = tmp_path / "hold"
    if held:
        hold.touch()
        threading.Timer(0.05, stop.set).start()
    run_schedule(app, source, hold, stop)
    assert len(calls) == (0 if held else 1)
