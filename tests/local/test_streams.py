"""Changes of the books reach their function in Lambda's shape and order, and come again by Lambda's rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.streams import TRIES, deliver, stream_event


def records(*numbers: str) -> list[dict[str, Any]]:
    """Records with these sequence numbers."""
    return [{"dynamodb": {"SequenceNumber": number}} for number in numbers]


class Function:
    """A function that fails on some changes so many times: by a report, or by raising when it is the first."""

    def __init__(self, failing: dict[str, int]) -> None:
        """`failing` counts down."""
        self.failing, self.done, self.calls = failing, "", 0

    def __call__(self, event: dict[str, Any]) -> Any:
        """Do the records in order."""
        self.calls += 1
        for at, record in enumerate(event["Records"]):
            number = record["dynamodb"]["SequenceNumber"]
            if self.failing.get(number, 0):
                self.failing[number] -= 1
                if at == 0:
                    raise ValueError(number)
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            self.done += number
        return {"batchItemFailures": []}


def test_records_look_like_lambdas() -> None:
    """Binary is base64 and the time a number, as deep as they lie."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    written = {"ApproximateCreationDateTime": at, "NewImage": {"doc": {"B": b"abc"}, "list": {"L": [{"B": b"d"}]}}}
    (record,) = stream_event([{"eventName": "INSERT", "dynamodb": written}])["Records"]
    assert record["dynamodb"]["ApproximateCreationDateTime"] == 1793491200
    assert record["dynamodb"]["NewImage"] == {"doc": {"B": "YWJj"}, "list": {"L": [{"B": "ZA=="}]}}


@pytest.mark.parametrize(
    "failing, done",
    [
        ({}, "abcd"),
        ({"b": 1}, "abcd"),
        ({"a": 1, "c": 2}, "abcd"),
        ({"b": 99}, "acd"),
        ({"a": 99, "d": 99}, "bc"),
    ],
)
def test_changes_come_in_order_until_they_are_done(failing: dict[str, int], done: str) -> None:
    """A failure holds up what follows, and nothing comes twice but itself; after enough tries it is passed over."""
    function, waited = Function(failing), []
    deliver(function, records("a", "b", "c", "d"), waited.append)
    assert function.done == done
    assert len(waited) <= 2 * TRIES
