"""Answers calls that nobody minds without sending them: botocore is left out, too, where no test has an eye on the wire.

Only items, whole objects, and looks into empty queues; whatever moto refuses, or does otherwise, is sent as any call is.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from botocore.client import BaseClient
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import ServiceException
from moto.core.models import botocore_stubber
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from tests.support import quick_objects
from tests.support.aws_calls import Call, may_pass, tell_passed
from tests.support.moto_patches import one_at_a_time
from tests.support.quick_moto import METHODS, REGION

Answer = dict[str, Any]
_send = BaseClient._make_api_call


def apply() -> None:
    """Take the short way from now on."""
    BaseClient._make_api_call = _call


def _call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
    if not botocore_stubber.enabled or not may_pass(operation, params):
        return _send(client, operation, params)
    with one_at_a_time:
        answer = _do(operation, params) if operation in METHODS else quick_objects.answer(operation, params)
    if answer is None:
        return _send(client, operation, params)
    tell_passed(Call(client.meta.service_model.service_name, operation, params), answer)
    if "Error" in answer:
        quick_objects.refuse(client, operation, answer)
    return answer


def _do(operation: str, params: dict[str, Any]) -> Answer | None:
    """What moto answers to an operation on items; None when it refuses, for a refusal changes nothing."""
    handler = DynamoHandler()
    handler.region, handler.current_account = REGION, DEFAULT_ACCOUNT_ID
    handler.body = handler.params = {"ClientRequestToken": str(uuid4()), **params}
    try:
        result: Any = getattr(handler, METHODS[operation])().result
    except (ServiceException, HTTPException):
        return None
    return {name: _plain(value) for name, value in result.items() if value is not None}


def _plain(value: Any) -> Any:
    """A copy of what moto answers, as botocore would hand it out."""
    if isinstance(value, DynamoType):
        return {value.type: _plain(value.value)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
