"""What API Gateway does between HTTP and the function: routes, turns a request into an event, and an answer back into HTTP.

Uses the gateway of `chalice local` with the events that the REST API of API Gateway really sends; adds no behaviour of its own.
"""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from chalice.config import Config
from chalice.local import LambdaEventConverter, LocalChalice, LocalGateway, LocalGatewayException

from local import functions
from local.refusals import Refusal, build_refusal

STAGE = "api"


def make_gateway(app: Any) -> LocalGateway:
    """A gateway in front of the app object, whose present request becomes a matter of each thread."""
    app.__class__ = type("ThreadedChalice", (_ThreadedChalice, app.__class__), {})
    gateway = LocalGateway(app, Config(config_from_disk={"lambda_timeout": functions.timeout_seconds("api_handler")}))
    gateway.event_converter = _GatewayEvents(gateway.event_converter)
    return gateway


class Refused(LocalGatewayException):
    """The gateway answers by itself."""

    def __init__(self, refusal: Refusal) -> None:
        """Carry the answer."""
        super().__init__(refusal.headers, refusal.body)
        self.CODE = refusal.status


class _ThreadedChalice(LocalChalice):
    """Keeps the Lambda context, as the parent keeps the request, apart for each thread."""

    _CONTEXT = threading.local()

    @property
    def lambda_context(self) -> Any:
        return self._CONTEXT.value

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        self._CONTEXT.value = value


class _GatewayEvents(LambdaEventConverter):
    """Adds what the converter of Chalice leaves out: repeated headers, stage, request id, decoded paths, text bodies as text."""

    def __init__(self, plain: LambdaEventConverter) -> None:
        super().__init__(plain._route_matcher, plain._binary_types)  # noqa: SLF001 -- it offers no other way

    def create_lambda_event(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> dict[str, Any]:
        """The event of a request; Refused when no route matches."""
        try:
            event: dict[str, Any] = super().create_lambda_event(method, path, headers, body)
        except ValueError as error:
            raise Refused(build_refusal("MISSING_AUTHENTICATION_TOKEN", str(uuid.uuid4()))) from error
        plain_path = unquote(path.partition("?")[0])
        query = event["multiValueQueryStringParameters"]
        event |= {
            "resource": event["requestContext"]["resourcePath"],
            "path": plain_path,
            "httpMethod": method,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} if query else None,
            "pathParameters": {name: unquote(value) for name, value in event["pathParameters"].items()} or None,
            "stageVariables": None,
        }
        event["requestContext"] |= _request_context(plain_path, headers)
        event.setdefault("isBase64Encoded", False)
        if isinstance(event["body"], bytes):
            event["body"] = event["body"].decode("utf-8", "replace")
        return event


def _request_context(path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "stage": STAGE,
        "path": f"/{STAGE}{path}",
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "apiId": "local",
        "accountId": "000000000000",
        "domainName": headers.get("host", "127.0.0.1"),
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent", "")},
    }


def answer_body(answer: Mapping[str, Any]) -> bytes:
    """The bytes of a function's answer."""
    body = answer.get("body")
    if body is None:
        return b""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body).encode("utf-8")
