"""The faults that AWS and the platform can do to one call, and the plan of where they strike. Injected through the one hook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

from tests.support.aws_calls import Call, Watcher
from tests.support.kills import Killed

DYNAMODB = "com.amazonaws.dynamodb.v20120810#"
TRANSACTION = "TransactWriteItems"
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", TRANSACTION})
PUT_TOGETHER = frozenset({"SendMessageBatch", "PutEvents"})


class Kind(StrEnum):
    """What happens to the call it strikes."""

    DIE_BEFORE = "die_before"
    DIE_AFTER = "die_after"
    LOST_REPLY = "lost_reply"
    THROTTLE_2 = "throttle_2"
    THROTTLE_9 = "throttle_9"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNPROCESSED = "unprocessed"
    STALE = "stale"
    OUTAGE = "outage"
    RIVAL = "rival"


TRIES = {Kind.LOST_REPLY: 1, Kind.THROTTLE_2: 2, Kind.THROTTLE_9: 9, Kind.REFUSED: 2, Kind.CONFLICT: 1, Kind.OUTAGE: 10**9}
"""How many tries of the SDK a fault spoils, whichever call they belong to."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at the `at`-th call (from 1), or at the first call after it that can suffer it."""

    at: int
    kind: Kind

    def __str__(self) -> str:
        """As it is printed, and read again by whoever replays it."""
        return f"{self.kind}@{self.at}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a call was, as far as it decides which faults make sense."""

    service: str
    operation: str
    is_read: bool
    has_index: bool

    def suits(self, kind: Kind) -> bool:
        """Whether the fault can happen to such a call and tells more than another one.

        Dying at a read is dying after the write before it; a reply of a read that gets lost is a refused connection.
        """
        if kind in {Kind.DIE_BEFORE, Kind.DIE_AFTER, Kind.LOST_REPLY}:
            return not self.is_read
        if kind is Kind.CONFLICT:
            return self.operation in WRITES
        if kind is Kind.UNPROCESSED:
            return self.operation in {"BatchGetItem", *PUT_TOGETHER}
        if kind is Kind.STALE:
            return self.has_index
        return True


@dataclass(slots=True)
class Plan(Watcher):
    """Counts calls, remembers what they were, and strikes at the planned ones. `rival` is who comes in between.

    `on_answer` is told of every call that was answered, whatever befell it before.
    """

    faults: Iterable[Fault] = ()
    rival: Callable[[], object] | None = None
    on_answer: Callable[[Plan, Mapping[str, Any]], None] | None = None
    seen: list[Seen] = field(default_factory=list)
    _waiting: list[Fault] = field(default_factory=list)
    _spoiling: Kind | None = None
    _tries: int = 0
    _now: Kind | None = None
    _is_paused: bool = False

    def __post_init__(self) -> None:
        """Every fault waits for its call."""
        self._waiting = sorted(self.faults, key=lambda fault: fault.at)

    @property
    def is_over(self) -> bool:
        """Whether every fault has struck, and nothing is left to spoil."""
        return not self._waiting and not self._tries

    def lets_pass(self, operation: str, params: dict[str, Any]) -> bool:
        """What no fault is for, or is somebody else's, need not go over the wire."""
        seen = _seen(Call("", operation, params), has_index="IndexName" in params)
        return self._is_paused or not (self._tries or self._find_due(seen, len(self.seen) + 1))

    def passed(self, call: Call, answer: dict[str, Any]) -> None:
        """Count a call that nothing happened to."""
        if not self._is_paused:
            self.seen.append(_seen(call, has_index="IndexName" in call.request))
            self._now = None
            self._tell(answer)

    def before(self, call: Call) -> None:
        """Count the call; a death before it, or somebody else's turn."""
        if self._is_paused:
            return
        has_index = call.operation == "Query" and b'"IndexName"' in _body(call)
        self.seen.append(_seen(call, has_index=has_index))
        self._now = self._next_fault()
        if self._now is Kind.DIE_BEFORE:
            raise Killed
        if self._now is Kind.RIVAL and self.rival is not None:
            self._let_rival_act(self.rival)
        elif self._now in TRIES:
            self._spoiling, self._tries = self._now, TRIES[self._now]
        elif self._now is Kind.UNPROCESSED and call.operation in PUT_TOGETHER:
            _cut_batch(call)

    def on_wire(self, call: Call, request: Any, send: Callable[[], Any]) -> Any:
        """Spoil this try of the call if it is one to be spoilt."""
        if self._is_paused or not self._tries:
            return send()
        self._tries -= 1
        if self._spoiling is Kind.REFUSED:
            raise ConnectTimeoutError(endpoint_url=request.url)
        if self._spoiling is Kind.LOST_REPLY:
            send()
            raise ReadTimeoutError(endpoint_url=request.url)
        if self._spoiling is Kind.CONFLICT:
            return _conflict(call, request)
        return _throttled(call, request)

    def after(self, call: Call, parsed: dict[str, Any]) -> None:
        """A death after the call, or an answer that leaves something out."""
        if self._is_paused:
            return
        if self._now is Kind.DIE_AFTER:
            raise Killed
        if self._now is Kind.STALE:
            parsed["Items"], parsed["Count"] = [], 0
        if self._now is Kind.UNPROCESSED:
            _leave_out(call, parsed)
        self._tell(parsed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Calls in this block are somebody else's: not counted, not struck."""
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    def _next_fault(self) -> Kind | None:
        """What strikes now. None happens twice."""
        due = self._find_due(self.seen[-1], len(self.seen))
        if due is None:
            return None
        self._waiting.remove(due)
        return due.kind

    def _find_due(self, seen: Seen, at: int) -> Fault | None:
        """The first fault that is due at the `at`-th call and can happen to it."""
        return next((fault for fault in self._waiting if fault.at <= at and seen.suits(fault.kind)), None)

    def _tell(self, answer: Mapping[str, Any]) -> None:
        if self.on_answer is not None:
            self.on_answer(self, answer)

    def _let_rival_act(self, rival: Callable[[], object]) -> None:
        with self.paused():
            rival()


def _seen(call: Call, *, has_index: bool) -> Seen:
    return Seen(call.service, call.operation, call.is_read, has_index)


def _body(call: Call) -> bytes:
    body = call.request.get("body", b"")
    return body if isinstance(body, bytes) else str(body).encode()


def _cut_batch(call: Call) -> None:
    """The first message of a batch does not reach the queue or bus; one alone does, and is sent again."""
    asked = json.loads(_body(call))
    if len(asked["Entries"]) > 1:
        asked["Entries"].pop(0)
        call.request["body"] = json.dumps(asked).encode()
        call.request["context"]["is_cut"] = True


def _leave_out(call: Call, parsed: dict[str, Any]) -> None:
    """One item of a batch was not looked at, or one message not taken."""
    if call.operation == "SendMessageBatch":
        parsed.setdefault("Failed", []).append({"Id": "0", "SenderFault": False, "Code": "InternalError"})
        return
    if call.operation == "PutEvents":
        taken = parsed["Entries"] if call.request["context"].get("is_cut") else []
        parsed.update(FailedEntryCount=1, Entries=[{"ErrorCode": "InternalFailure"}, *taken])
        return
    for table, items in parsed.get("Responses", {}).items():
        if items:
            item = items.pop()
            asked = json.loads(_body(call))["RequestItems"][table]
            parsed["UnprocessedKeys"] = {table: {**asked, "Keys": [{name: item[name] for name in ("PK", "SK")}]}}
            return


def _conflict(call: Call, request: Any) -> AWSResponse:
    if call.operation != TRANSACTION:
        return _dynamodb_error(request, "TransactionConflictException")
    count = len(json.loads(_body(call))["TransactItems"])
    reasons = [{"Code": "None"}] * (count - 1) + [{"Code": "TransactionConflict", "Message": "Transaction is ongoing"}]
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return _dynamodb_error(request, "TransactionCanceledException", Message=message, CancellationReasons=reasons)


def _throttled(call: Call, request: Any) -> AWSResponse:
    if call.service == "s3":
        body = b"" if call.operation == "HeadObject" else b"<Error><Code>SlowDown</Code><Message>slow down</Message></Error>"
        return AWSResponse(request.url, 503, {"content-type": "application/xml"}, MockRawResponse(body))
    if call.service == "sesv2":
        return _error(request, "TooManyRequestsException", "application/json")
    if call.service == "sqs":
        return _error(request, "com.amazonaws.sqs#RequestThrottled", "application/x-amz-json-1.0")
    if call.service == "events":
        return _error(request, "ThrottlingException", "application/x-amz-json-1.1")
    return _dynamodb_error(request, "ProvisionedThroughputExceededException")


def _dynamodb_error(request: Any, code: str, **fields: Any) -> AWSResponse:
    return _error(request, DYNAMODB + code, "application/x-amz-json-1.0", **fields)


def _error(request: Any, code: str, content_type: str, **fields: Any) -> AWSResponse:
    body = json.dumps({"__type": code, "message": "injected", **fields}).encode()
    return AWSResponse(request.url, 400, {"content-type": content_type}, MockRawResponse(body))
