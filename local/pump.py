"""Moves events from a queue into a function, exactly as Lambda's own pollers do.

What a function raises, or reports as failed, stays in the queue and comes again; after too many tries the queue moves it to its
dead-letter queue. Looks into no event.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import functions
from local.ministack import REGION
from local.queues import Feed, client

LOG = logging.getLogger("local.pump")
POLL_SECONDS = 2
RETRY_SECONDS = 5
Message = dict[str, Any]


def run_pump(app: Any, feed: Feed, stop: threading.Event) -> None:
    """Receive and call until stopped; the call at hand is finished first."""
    while not stop.is_set():
        messages = _receive(feed, stop)
        if messages:
            (_call_with_batch if feed.batched else _call_with_event)(app, feed, messages)


def batch_event(messages: list[Message], queue_url: str) -> dict[str, Any]:
    """What Lambda makes of received SQS messages."""
    name = queue_url.rpartition("/")[2]
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": message.get("MessageAttributes", {}),
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{name}",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def failed_messages(answer: Any, messages: list[Message]) -> set[str]:
    """Ids that stay in the queue, as with `ReportBatchItemFailures`: an id that is empty or unknown fails the whole batch."""
    every = {message["MessageId"] for message in messages}
    failures = (answer or {}).get("batchItemFailures") or []
    named = {failure.get("itemIdentifier") for failure in failures}
    return named if named.issubset(every) else every


def _call_with_event(app: Any, feed: Feed, messages: list[Message]) -> None:
    for message in messages:
        try:
            functions.call(app, feed.function, json.loads(message["Body"]))
        except Exception:
            LOG.exception("%s failed on %s; the event comes again", feed.function, message["Body"])
            _hide(feed, message, RETRY_SECONDS * int(message["Attributes"]["ApproximateReceiveCount"]))
        else:
            _delete(feed, message)


def _call_with_batch(app: Any, feed: Feed, messages: list[Message]) -> None:
    try:
        answer = functions.call(app, feed.function, batch_event(messages, feed.queue_url))
    except Exception:
        LOG.exception("%s failed on %d messages; they come again", feed.function, len(messages))
        return
    failed = failed_messages(answer, messages)
    for message in messages:
        if message["MessageId"] in failed:
            LOG.error("%s failed on %s; it comes again", feed.function, message["Body"])
        else:
            _delete(feed, message)


def _receive(feed: Feed, stop: threading.Event) -> list[Message]:
    try:
        answer = client("sqs").receive_message(
            QueueUrl=feed.queue_url,
            MaxNumberOfMessages=feed.batch_size,
            WaitTimeSeconds=POLL_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
    except (BotoCoreError, ClientError) as error:
        LOG.warning("queue of %s: %s", feed.function, error)
        stop.wait(1)
        return []
    messages: list[Message] = answer.get("Messages", [])
    return messages


def _delete(feed: Feed, message: Message) -> None:
    client("sqs").delete_message(QueueUrl=feed.queue_url, ReceiptHandle=message["ReceiptHandle"])


def _hide(feed: Feed, message: Message, seconds: int) -> None:
    client("sqs").change_message_visibility(
        QueueUrl=feed.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
    )
