"""The stream of the books as the platform brings it to its function: batches in Lambda's shape, once or again.

Read from moto's memory. Nothing is delivered unless a test asks, so no other test pays for it.
"""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalice.test import Client
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from tests.support.aws_calls import Call, Watcher, watched
from tests.support.cloud import REGION, Cloud

Record = dict[str, Any]
LOG = "H#"
"""What the partitions of the audit log begin with."""


@dataclass(slots=True)
class Changes:
    """The reader of the stream; `position` is how many records it has delivered."""

    cloud: Cloud
    client: Client
    position: int = 0

    @property
    def books(self) -> Table:
        """The table."""
        return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[self.cloud.outputs["BillingTable"]]

    def pending(self) -> list[Record]:
        """The records that were not delivered yet."""
        shard = self.books.stream_shard
        assert shard
        return [_as_lambda_gets_it(record.to_json()) for record in shard.items[self.position :]]

    def take(self) -> list[Record]:
        """The records that were not delivered yet; from now on they were."""
        records = self.pending()
        self.position += len(records)
        return records

    def deliver(self, records: Sequence[Record]) -> Any:
        """One invocation of the function with these records; its answer. Raises what the function raises."""
        return self.client.lambda_.invoke("record_changes", {"Records": copy.deepcopy(list(records))}).payload

    def drain(self) -> int:
        """Deliver everything, what the function writes itself too, until nothing is left; how many records there were."""
        count = 0
        while records := self.take():
            count += len(records)
            for start in range(0, len(records), 100):
                assert self.deliver(records[start : start + 100]) == {"batchItemFailures": []}
        return count

    def count_entries(self) -> int:
        """How many entries the audit log has."""
        return sum(len(items) for partition, items in self.books.items.items() if partition.value.startswith(LOG))

    def forget_log(self) -> None:
        """Empty the audit log."""
        for partition in [one for one in self.books.items if one.value.startswith(LOG)]:
            del self.books.items[partition]


@dataclass(slots=True)
class Bus(Watcher):
    """Who listens to the event bus: everything that was put, in the order it came."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def lets_pass(self, operation: str, params: dict[str, Any]) -> bool:
        """Only what is put on the bus is listened to."""
        del params
        return operation != "PutEvents"

    def after(self, call: Call, parsed: dict[str, Any]) -> None:
        """Keep the entries that the bus took."""
        if call.operation != "PutEvents":
            return
        entries = json.loads(call.request["body"])["Entries"]
        taken = [entry for entry, result in zip(entries, parsed["Entries"], strict=True) if "ErrorCode" not in result]
        self.events += [json.loads(entry["Detail"]) for entry in taken]

    @property
    def told(self) -> list[tuple[str, str]]:
        """(type, subject) of each event."""
        return [(event["type"], event["subject"]) for event in self.events]


def listened(bus: Bus) -> Any:
    """A context in which the bus is listened to."""
    return watched(bus)


def _as_lambda_gets_it(record: Record) -> Record:
    """Through JSON: binary as base64, the time in seconds."""
    shown: Record = json.loads(json.dumps(record, default=_on_wire))
    return shown


def _on_wire(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return int(value.timestamp()) if isinstance(value, datetime) else value.to_json()
