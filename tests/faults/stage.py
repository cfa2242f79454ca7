"""The deployment as a schedule of faults plays on it: its clock, its queue, its doors, and how to put it back to a known state.

The clock and sleeping are replaced where the process meets them, nothing of ours is.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from botocore.retries.quota import RetryQuota
from chalice.test import Client
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from app import app
from chalicelib import wiring
from chalicelib.domain.invoice import PdfStatus
from chalicelib.services.sweep import PATIENCE
from chalicelib.store import clients, list_months, objects, operators, pdf_marks, runs, shards
from chalicelib.store.open_documents import close_document
from tests.faults.faults import Plan
from tests.support.changes import Bus, listened
from tests.support.cloud import REGION, Cloud
from tests.support.http import ApiClient, Reply
from tests.support.kills import Killed
from tests.support.mailroom import Mailroom, print_letters
from tests.support.receiver import Receiver, deployed_receiver
from tests.support.story import Story, raw_event

SERVER_ERROR = 500
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
SWEEPS = 3
"""As often as the sweep comes by at most."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that tables and bucket held; the queue is empty in it."""

    tables: dict[str, Any]
    objects: dict[str, bytes]
    now: datetime
    ids: int
    notes: dict[str, Any]


class _Now:
    """Stands for `datetime` where the process asks for the time."""

    offset = timedelta(0)
    base = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

    @classmethod
    def now(cls, _zone: tzinfo) -> datetime:
        """The time on the stage."""
        return cls.base + cls.offset


class _Id:
    """Stands for `ULID` where the process asks for a new id: counted, so that the same play makes the same ids."""

    made = 0

    def __init__(self) -> None:
        """The next one."""
        _Id.made += 1
        self._text = f"{_Id.made:026d}"

    def __str__(self) -> str:
        """As long as a ULID, and in order like one."""
        return self._text


@dataclass(slots=True)
class Stage:
    """Plays the platform: it delivers events and messages, again when they failed, and lets time pass.

    `notes` is what a flow wants to remember: ids of what it made. `delivered` are the messages that were ever received.
    `bus` heard every event. With `newest_first` messages come out of order. `refused` are requests that failed without a fault.
    """

    cloud: Cloud
    story: Story
    receiver: Receiver
    bus: Bus = field(default_factory=Bus)
    notes: dict[str, Any] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    delivered: list[dict[str, Any]] = field(default_factory=list)
    newest_first: bool = False
    refused: list[str] = field(default_factory=list)
    _inbox: list[dict[str, Any]] = field(default_factory=list)

    @property
    def api(self) -> ApiClient:
        """The API as clients see it."""
        return self.story.api

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """One invocation. None when the function failed, as the platform sees it: it will come again."""
        with suppress(Exception):
            return self.story.client.lambda_.invoke(function, event).payload
        return None

    def fire(self, frequency: str, at: str) -> None:
        """The schedule's event."""
        self.invoke(f"generate_{frequency}", {**raw_event("scheduled"), "time": at})

    def upload(self, key: str) -> None:
        """The event of an object that appeared."""
        event = raw_event("object_created")
        event["detail"]["object"]["key"] = key
        self.invoke("render_document" if key.startswith("documents/") else "import_usage", event)

    def receive(self) -> None:
        """Take what is in the queues; it stays ours until it is done."""
        with self.plan.paused():
            self._receive("bill_customers", clients.names.bill_queue_url)
            self._receive("send_notices", clients.names.notices_queue_url)
            self._receive("send_mails", clients.names.mails_queue_url)

    def _receive(self, function: str, url: str) -> None:
        while found := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                message["For"] = function
            self._inbox += found
            self.delivered += found

    def messages(self) -> list[dict[str, Any]]:
        """What was received and is not done; its order may be changed."""
        return self._inbox

    def deliver(self) -> None:
        """Deliver each received message once; what failed, or killed its worker, stays."""
        for message in self._inbox[::-1] if self.newest_first else list(self._inbox):
            event = raw_event("queue_message")
            event["Records"][0].update(messageId=message["MessageId"], body=message["Body"])
            if self.invoke(message["For"], event) == {"batchItemFailures": []}:
                self._inbox.remove(message)

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> Reply | None:
        """A request; None when the answer says that the fault was ours, or does not come: wrong where no fault is about."""
        headers = {"Idempotency-Key": key} if key else {}
        reply = self.api.request(method, path, body, headers={**headers, **options.pop("headers", {})}, **options)
        if reply.status < SERVER_ERROR:
            return reply
        if not self.plan.faults:
            self.refused.append(f"{reply.status} for {method} {path}, and nothing was wrong")
        return None

    def settle(self) -> None:
        """What the platform does by itself: the queue is worked off, and the sweep comes by, again while it finds work."""
        for _ in range(SWEEPS):
            self.work_off()
            self.pass_time(PATIENCE + timedelta(minutes=1))
            self.invoke("sweep", raw_event("scheduled"))
            self.receive()
            if not self._inbox:
                break

    def work_off(self) -> None:
        """Deliver until nothing is left; reminder letters that were asked for count as drawn."""
        self.receive()
        while self._inbox:
            count = len(self._inbox)
            self.deliver()
            self.receive()
            if len(self._inbox) >= count:
                break
        with self.plan.paused():
            print_letters()

    def print_all(self) -> None:
        """Every PDF there should be counts as made, without making it."""
        for _, pk, _sk in runs.list_open(FOREVER, 1000):
            if pk.startswith("DOC#"):
                pdf_marks.mark_pdf(pk.removeprefix("DOC#"), 0, PdfStatus.READY, "")
                close_document(pk.removeprefix("DOC#"))
        for key in objects.list_keys("documents/"):
            invoice_id, revision = objects.parse_document_key(key) or ("", 0)
            pdf_marks.mark_pdf(invoice_id, revision, PdfStatus.READY, "")
        self.invoke("sweep", raw_event("scheduled"))

    def pass_time(self, duration: timedelta) -> None:
        """Let the clock move on."""
        _Now.offset += duration

    def restart(self) -> None:
        """A new process: what the old one remembered is gone."""
        operators.forget()
        list_months.forget()
        shards.forget()

    def save(self) -> Snapshot:
        """Remember the present state."""
        assert not self._inbox
        tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[clients.names.bucket]
        objects = {name: bytes(bucket.keys[name].value) for name in list(bucket.keys)}
        items = {name: copy.deepcopy(dict(table.items)) for name, table in tables.items()}
        return Snapshot(items, objects, _Now.now(UTC), _Id.made, copy.deepcopy(self.notes))

    def fingerprint(self) -> str:
        """Stands for everything that tables, bucket and queues hold, and what was mailed: the same one, the same future."""
        state = hashlib.sha256()
        for name, table in sorted(dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.items()):
            for item in sorted(json.dumps(item.to_json(), sort_keys=True, default=repr) for item in table.all_items()):
                state.update(f"{name} {item}".encode())
        bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[clients.names.bucket]
        for name in sorted(bucket.keys):
            state.update(name.encode() + bucket.keys[name].value)
        queued = [
            message.body for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.values() for message in queue._messages
        ]
        received = [message["Body"] for message in self._inbox]
        mailed, told = sorted(Mailroom().counted().items()), [*self.bus.events, *(one.body for one in self.receiver.received)]
        state.update(f"{sorted(queued)} {sorted(received)} {mailed} {told} {_Now.offset}".encode())
        return state.hexdigest()

    def load(self, snapshot: Snapshot) -> None:
        """Put everything back to a remembered state."""
        self.clear()
        _Now.offset, _Id.made = snapshot.now - _Now.base, snapshot.ids
        for name, items in snapshot.tables.items():
            dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[name].items.update(copy.deepcopy(items))
        s3 = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        for name, body in snapshot.objects.items():
            s3.put_object(clients.names.bucket, name, body, disable_notification=True)
        self.notes = copy.deepcopy(snapshot.notes)

    def clear(self) -> None:
        """Nothing is there, and it is noon."""
        self.cloud.clear()
        Mailroom().open()
        self.receiver.clear()
        self.bus.events.clear()
        self.restart()
        _Now.offset = timedelta(0)
        self._inbox.clear()
        self.delivered.clear()
        self.refused.clear()
        self.newest_first = False
        self.notes = {}


@contextmanager
def on_stage(cloud: Cloud) -> Iterator[Stage]:
    """An empty stage; time stands still and nothing really sleeps."""
    with pytest.MonkeyPatch.context() as monkeypatch, deployed_receiver(monkeypatch) as receiver:
        monkeypatch.setattr(wiring, "datetime", _Now)
        monkeypatch.setattr(wiring, "ULID", _Id)
        monkeypatch.setattr(time, "sleep", lambda _seconds: None)
        monkeypatch.setattr(RetryQuota, "acquire", lambda _quota, _amount: True)  # each process of a play has its tries before it
        client = Client(app)
        stage = Stage(cloud, Story(ApiClient(cloud, client), client), receiver)
        stage.clear()
        with listened(stage.bus):
            yield stage


def attempt(act: Any, stage: Stage) -> bool:
    """Let something happen on the stage; False when its process died."""
    try:
        act(stage)
    except Killed:
        stage.restart()
        return False
    return True
