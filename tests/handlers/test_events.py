"""The doors for events: what AWS sends, doubled, odd and broken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from chalice.test import Client

from app import app
from chalicelib.handlers.on_schedule import event_time
from tests.support.story import raw_event

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "time, expected",
    [
        ("2026-12-01T06:05:00Z", datetime(2026, 12, 1, 6, 5, tzinfo=UTC)),
        ("2026-12-01T07:05:00+01:00", datetime(2026, 12, 1, 6, 5, tzinfo=UTC)),
        ("2027-01-01T00:00:00Z", NOW),
        ("2026-12-01T06:05:00", NOW),
        ("yesterday", NOW),
    ],
)
def test_a_schedule_bills_as_of_its_own_time(time: str, expected: datetime) -> None:
    """The event's instant counts, never one ahead of the clock; what cannot be read counts as now."""
    assert event_time({**raw_event("scheduled"), "time": time}, NOW) == expected


def test_only_the_failed_messages_of_a_batch_come_again(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages that cannot be read, or name nothing, fail: their ids are reported, and each counts for the alarm."""
    assert cloud
    record = raw_event("queue_message")["Records"][0]
    bodies = {"a": "not json", "b": '{"type": "unheard of"}', "c": '{"type": "bill_chunk", "run_id": "no", "chunk": 1}'}
    event = {"Records": [{**record, "messageId": name, "body": body} for name, body in bodies.items()]}
    answer = Client(app).lambda_.invoke("bill_customers", event).payload
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["a", "b", "c"]
    assert capsys.readouterr().out.count('"MessageFailed": 1') == 3


@pytest.mark.parametrize("name", ["generate_daily", "generate_weekly", "generate_monthly", "sweep"])
def test_schedules_with_nothing_to_do_do_nothing(cloud: Cloud, name: str) -> None:
    """An empty deployment is left as it is."""
    assert cloud
    assert Client(app).lambda_.invoke(name, raw_event("scheduled")).payload is None


def test_events_of_objects_that_are_gone_are_not_repeated(cloud: Cloud) -> None:
    """A document or usage file that was deleted before its event came is no error."""
    assert cloud
    event = raw_event("object_created")
    assert Client(app).lambda_.invoke("render_document", event).payload is None
    event["detail"]["object"]["key"] = "usage/incoming/gone.csv"
    assert Client(app).lambda_.invoke("import_usage", event).payload is None
