"""Makes moto's DynamoDB behave where the code relies on it: transactions that undo what they touch, client tokens, size limits.

Moto copies whole tables per transaction (0.7 a second at 5 000 items), runs a repeated client token again, and takes requests
that AWS refuses. Its requests are not atomic among threads. Conflicts and throttling are not imitated here: tests inject them
through `aws_calls`, to which every try of a call is shown.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from threading import RLock
from typing import Any

from moto import backend_index
from moto.core import responses
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import S3Backend

from tests.support import quick_moto
from tests.support.aws_calls import over_wire

SERVICES = ("dynamodb", "s3", "sqs")
"""What the system talks to."""
TRANSACTION_BYTES = 4 * 1024 * 1024
BATCH_WRITES = 25
MISMATCH = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"

_tokens: dict[str, str] = {}
_original: dict[str, Callable[..., Any]] = {}
one_at_a_time = RLock()
"""Held while moto answers."""


def apply() -> None:
    """Patch moto's classes, once per process."""
    if _original:
        return
    _original.update(
        backend=DynamoDBBackend.transact_write_items,
        transaction=DynamoHandler.transact_write_items,
        batch=DynamoHandler.batch_write_item,
        request=BotocoreStubber.__call__,
        copy_part=S3Backend.upload_part_copy,
        send_part=S3Backend.upload_part,
        complete=S3Backend.complete_multipart_upload,
    )
    BotocoreStubber.__call__ = _answer_alone
    quick_moto.apply()
    responses.method_names_from_class = cache(responses.method_names_from_class)  # inspects the class on every request
    backend_index.backend_url_patterns.sort(key=lambda known: known[0] not in SERVICES)  # each request is matched with all
    Table.__deepcopy__ = lambda self, _memo: self  # the undo log below replaces moto's backup of the table
    DynamoDBBackend.transact_write_items = _transact_with_undo
    DynamoHandler.transact_write_items = _transact_once
    DynamoHandler.batch_write_item = _write_small_batch
    S3Backend.upload_part_copy = _of_known_upload("copy_part")
    S3Backend.upload_part = _of_known_upload("send_part")
    S3Backend.complete_multipart_upload = _of_known_upload("complete")


def forget_tokens() -> None:
    """Client tokens of an earlier test mean nothing to the next one."""
    _tokens.clear()


def _answer_alone(self: BotocoreStubber, event_name: str, request: Any, **kwargs: Any) -> Any:
    def send() -> Any:
        with one_at_a_time:
            quick = quick_moto.answer_quickly(request) if self.enabled else None
            return quick or _original["request"](self, event_name, request, **kwargs)

    return over_wire(request, send)


def _transact_with_undo(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    undo = [_remember(self, op) for item in transact_items for op in item.values()]
    try:
        _original["backend"](self, transact_items)
    except Exception:
        for restore in undo:
            restore()
        raise


def _remember(backend: DynamoDBBackend, op: dict[str, Any]) -> Callable[[], None]:
    """A function that puts the item and the stream back to what they are now."""
    table = backend.get_table(op["TableName"])
    key = op.get("Key") or op["Item"]
    part, sort = DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr])
    before = copy.deepcopy(table.get_item(part, sort))
    recorded = len(table.stream_shard.items) if table.stream_shard else 0

    def restore() -> None:
        table.items[part].pop(sort, None)
        if before is not None:
            table.items[part][sort] = before
        if table.stream_shard:
            del table.stream_shard.items[recorded:]

    return restore


def _transact_once(self: DynamoHandler) -> ActionResult:
    token = self.body["ClientRequestToken"]  # botocore invents one where the caller sent none
    request = json.dumps(self.body["TransactItems"], sort_keys=True, default=repr)  # binary attributes are bytes here
    if len(request) > TRANSACTION_BYTES:
        raise MockValidationException("Member must have total size less than or equal to 4 MB")
    if token in _tokens and _tokens[token] != request:
        raise DynamodbException(MISMATCH, "The token was used with another request")
    if token in _tokens:
        return ActionResult({})
    answer = _original["transaction"](self)
    _tokens[token] = request
    return answer


def _write_small_batch(self: DynamoHandler) -> ActionResult:
    if sum(len(writes) for writes in self.body["RequestItems"].values()) > BATCH_WRITES:
        raise MockValidationException("Too many items requested for the BatchWriteItem call")
    return _original["batch"](self)


def _of_known_upload(operation: str) -> Callable[..., Any]:
    """The operation on a multipart upload that is there; moto breaks down where S3 says that it is not."""

    def operate(self: S3Backend, bucket: str, upload: str, *rest: Any, **options: Any) -> Any:
        if upload not in self.get_bucket(bucket).multiparts:
            raise NoSuchUpload(upload)
        return _original[operation](self, bucket, upload, *rest, **options)

    return operate
