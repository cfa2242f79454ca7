"""Moves changes from the stream of the books into its function, in order, as Lambda's own poller does.

The emulator keeps the stream in memory and forgets it when it stops: so it is read to its end before this stops, and from its
beginning after a start, which the function can bear. What fails again and again is given up, and logged.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import functions
from local.queues import client

LOG = logging.getLogger("local.streams")
POLL_SECONDS = 0.5
RETRY_SECONDS = 2.0
TRIES = 5
Record = dict[str, Any]


def run_stream(app: Any, source: Any, stop: threading.Event) -> None:
    """Read and call until stopped and nothing is left."""
    iterator = None
    while True:
        try:
            iterator = iterator or _begin()
            answer = client("dynamodbstreams").get_records(ShardIterator=iterator, Limit=source.batch_size)
        except (BotoCoreError, ClientError) as error:
            LOG.warning("stream of %s: %s", source.name, error)
            iterator, answer = None, {}
        if answer.get("Records"):
            records = stream_event(answer["Records"])["Records"]
            deliver(lambda event: functions.call(app, source.name, event), records, stop.wait)
        elif stop.wait(POLL_SECONDS):
            return
        iterator = answer.get("NextShardIterator")


def stream_event(records: Sequence[Record]) -> dict[str, Any]:
    """What Lambda makes of records that an SDK read: binary as base64, the time in seconds."""
    event: dict[str, Any] = json.loads(json.dumps({"Records": records}, default=_on_wire))
    return event


def deliver(call: Callable[[dict[str, Any]], Any], records: list[Record], wait: Callable[[float], object]) -> None:
    """Call the function with the records until all are done; what failed comes again first and alone, TRIES times at most."""
    tries, alone = 0, False
    while records:
        done = _call(call, records[:1] if alone else records)
        tries, alone = (0, False) if done else (tries + 1, True)
        if tries == TRIES:
            LOG.error("change %s is given up", records[0]["dynamodb"]["SequenceNumber"])
            tries, alone, done = 0, False, 1
        elif alone:
            wait(RETRY_SECONDS)
        records = records[done:]


def _call(call: Callable[[dict[str, Any]], Any], records: list[Record]) -> int:
    """How many records were done before the first that failed."""
    try:
        answer = call({"Records": records})
    except Exception:
        LOG.exception("%d changes failed; they come again", len(records))
        return 0
    failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", ())}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    return next((at for at, number in enumerate(numbers) if number in failed), len(records))


def _begin() -> str:
    """Where the oldest record is."""
    streams, arn = client("dynamodbstreams"), os.environ["BILLING_STREAM"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator: str = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return iterator


def _on_wire(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else b64encode(value).decode()
