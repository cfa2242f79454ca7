"""Events on the bus: ten at a time, and only what was not taken is put again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Event, EventType, event_id
from chalicelib.store.event_bus import put_events
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.cloud import Cloud


@dataclass(slots=True)
class Picky(Watcher):
    """A bus that refuses entries of some subjects so many times."""

    refused: dict[str, int]
    asked: list[list[str]] = field(default_factory=list)

    def after(self, call: Call, parsed: dict[str, Any]) -> None:
        """Answer as EventBridge does: entry by entry."""
        subjects = [json.loads(entry["Detail"])["subject"] for entry in json.loads(call.request["body"])["Entries"]]
        self.asked.append(subjects)
        for subject, result in zip(subjects, parsed["Entries"], strict=True):
            if self.refused.get(subject, 0):
                self.refused[subject] -= 1
                parsed["FailedEntryCount"] += 1
                result.update(ErrorCode="ThrottlingException", ErrorMessage="slow down")


def events(count: int) -> list[Event]:
    """Events of so many invoices."""
    at = datetime(2026, 12, 1, 6, tzinfo=UTC)
    subjects = [f"acme.20261101.A.{number}" for number in range(count)]
    kind = EventType.INVOICE_ISSUED
    return [
        Event(
            id=event_id(kind, one, 1),
            type=kind,
            occurred_at=at,
            customer_id="acme",
            subject=one,
            sequence=1,
            data={"total": "1.00"},
        )
        for one in subjects
    ]


def test_events_go_in_tens(cloud: Cloud) -> None:
    """Twenty-three events are three calls, each entry whole."""
    assert cloud
    with watched(picky := Picky({})):
        put_events(events(23))
    assert [len(some) for some in picky.asked] == [10, 10, 3]


def test_only_what_was_not_taken_is_put_again(cloud: Cloud) -> None:
    """An entry that was refused comes again alone, without those that were taken."""
    assert cloud
    subject = "acme.20261101.A.1"
    with watched(picky := Picky({subject: 2})):
        put_events(events(3))
    assert picky.asked[1:] == [[subject], [subject]]


def test_a_bus_that_takes_nothing_is_unavailable(cloud: Cloud) -> None:
    """After bounded tries it is for the caller to come again."""
    assert cloud
    with watched(Picky({"acme.20261101.A.0": 99})), pytest.raises(Unavailable):
        put_events(events(1))
