"""Queues and rules of a local run: each event function has a queue, filled by an EventBridge rule with the function's pattern.

Stands in for the asynchronous invocation of Lambda: three tries, then the stack's queue of failed events.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from local import functions
from local.ministack import make_client

TRIES = 3
EXTRA_SECONDS = 30
"""Added to a function's time limit for how long its event stays hidden: a killed worker's event comes back after that."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a function's work comes from. `batched` calls carry SQS records, others one event each."""

    function: str
    queue_url: str
    batch_size: int
    batched: bool


def connect_events(app: Any) -> None:
    """Make queue, rule and target of every event function. Doing it again changes nothing."""
    events = client("events")
    for source in app.event_sources:
        if functions.source_kind(source) != "event":
            continue
        events.put_rule(Name=f"local-{source.name}", EventPattern=json.dumps(source.event_pattern), State="ENABLED")
        events.put_targets(Rule=f"local-{source.name}", Targets=[{"Id": "queue", "Arn": _arn(_make_queue(source.name))}])


def find_feed(app: Any, function: str) -> Feed:
    """The feed of an event or queue function."""
    source = next(source for source in app.event_sources if source.name == function)
    if functions.source_kind(source) == "event":
        return Feed(function, _make_queue(function), batch_size=1, batched=False)
    return Feed(function, _stack_queue(source), batch_size=min(source.batch_size, 10), batched=True)


@cache
def client(service: str) -> Any:
    """A client of the emulator; address and keys come from the environment."""
    return make_client(service, os.environ)


def _stack_queue(source: Any) -> str:
    """The queue of the stack that the function names: `bill` is BILL_QUEUE_URL."""
    name = source.queue or source.queue_arn.rpartition(":")[2]
    variable = f"{name.upper().replace('-', '_')}_QUEUE_URL"
    return os.environ.get(variable) or _queue_url(name)


def _queue_url(name: str) -> str:
    url: str = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return url


def _make_queue(function: str) -> str:
    """The URL of the function's own queue; API and worker start at the same time, and either may be the first."""
    sqs = client("sqs")
    url = _find_or_create(f"local-{function}")
    redrive = {"deadLetterTargetArn": _arn(os.environ["FAILED_EVENTS_URL"]), "maxReceiveCount": TRIES}
    hidden = functions.timeout_seconds(function) + EXTRA_SECONDS
    attributes = {"VisibilityTimeout": str(hidden), "RedrivePolicy": json.dumps(redrive)}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url


def _find_or_create(name: str) -> str:
    """Look first: the emulator would make a second queue of that name after a start on another port."""
    sqs = client("sqs")
    try:
        url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def _arn(url: str) -> str:
    arn: str = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn
