"""Queue messages reach functions in Lambda's shape, and stay in the queue by Lambda's rules."""

from __future__ import annotations

from typing import Any

import pytest

from local.pump import batch_event, failed_messages

MESSAGES: list[dict[str, Any]] = [
    {"MessageId": "a", "ReceiptHandle": "ra", "Body": "{}", "MD5OfBody": "x", "Attributes": {"ApproximateReceiveCount": "1"}},
    {"MessageId": "b", "ReceiptHandle": "rb", "Body": "{}", "MD5OfBody": "x"},
]


@pytest.mark.parametrize(
    "answer, stay",
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{}]}, {"a", "b"}),
    ],
)
def test_partial_batch_failures(answer: dict[str, Any] | None, stay: set[str]) -> None:
    """Only named messages stay; a name that is no message's makes all of them stay."""
    assert failed_messages(answer, MESSAGES) == stay


def test_records_look_like_lambdas() -> None:
    """A function finds body, id, receive count and the queue's ARN where Lambda puts them."""
    event = batch_event(MESSAGES, "http://127.0.0.1:4566/000000000000/bill")
    first = event["Records"][0]
    assert (first["messageId"], first["body"], first["eventSource"]) == ("a", "{}", "aws:sqs")
    assert first["attributes"]["ApproximateReceiveCount"] == "1"
    assert first["eventSourceARN"].endswith(":000000000000:bill")
