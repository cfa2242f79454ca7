"""A short way from botocore to moto's DynamoDB: what items do is moto's, the way through HTTP and models is left out.

Moto dresses every call up as a request to a web server, and parses and serializes it by the model: most of the time of a test.
Operations on items skip that in both directions; all other operations go moto's way.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.dynamodb import responses
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from tests.support import quick_tables, quick_updates

REGION = "eu-west-1"
TARGET = "DynamoDB_20120810."
METHODS = {
    "GetItem": "get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "Query": "query",
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "Scan": "scan",
    "TransactGetItems": "transact_get_items",
    "TransactWriteItems": "transact_write_items",
}


_signing = RequestSigner.sign


def answer_quickly(request: Any) -> AWSResponse | None:
    """The response to an operation on items; None for any other request."""
    target = request.headers.get("X-Amz-Target")
    method = METHODS.get(_text(target).removeprefix(TARGET)) if target else None
    if method is None:
        return None
    status, headers, body = _answer(request, method)
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def apply() -> None:
    """Leave out what only costs time: spelling out the user agent, signing, turning items into plain values."""
    UserAgentString.to_string = lambda _self: "tests"
    RequestSigner.sign = _sign
    responses.DynamoResult = ActionResult
    quick_tables.apply()
    quick_updates.apply()


def _sign(self: RequestSigner, operation: str, request: Any, *more: Any, **options: Any) -> None:
    """Moto looks whether there is a signature, not at it; only that of S3 also says how the body is packed."""
    if str(self._service_id) == "S3":
        _signing(self, operation, request, *more, **options)
    else:
        request.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=tests/20260101/eu-west-1/tests/aws4_request"


def _answer(request: Any, method: str) -> tuple[int, dict[str, str], str]:
    handler = DynamoHandler()
    handler.region, handler.current_account = REGION, DEFAULT_ACCOUNT_ID
    handler.headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    handler.querystring, handler.response_headers = {}, {}
    handler.body = handler.params = json.loads(request.body, object_hook=_with_bytes)
    try:
        result: Any = getattr(handler, method)().result
    except ServiceException as refusal:
        status, headers, body = handler.serialized(ActionResult(refusal))
        return int(status), dict(headers), str(body)
    except HTTPException as refusal:
        return refusal.code or 400, dict(refusal.get_headers()), str(refusal.description)
    return 200, {}, json.dumps({name: value for name, value in result.items() if value is not None}, default=_on_wire)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """A binary attribute value as moto keeps it."""
    if len(value) == 1 and isinstance(text := value.get("B"), str):
        return {"B": b64decode(text)}
    return value


def _on_wire(value: Any) -> Any:
    if isinstance(value, DynamoType):
        return {value.type: value.value}
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"{value!r} of {type(value)}")
