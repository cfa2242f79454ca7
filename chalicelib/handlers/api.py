"""The blueprint that resources are written on: `@api.endpoint(...)` declares, and this module does for each what none may forget.

In order: who asks, may they, is it theirs; then headers, query and body, all issues at once; then the handler, once per
Idempotency-Key; then the answer, or a problem document. Holds no business rule and no resource.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalice.app import Blueprint, Response
from chalice.app import Request as Incoming

from chalicelib import wiring
from chalicelib.domain.access import Actor
from chalicelib.domain.errors import BillingError, Invalid
from chalicelib.handlers.access_log import log_bug, log_request, start_clock
from chalicelib.handlers.auth import ANONYMOUS, authenticate, authorise, check_ownership
from chalicelib.handlers.endpoints import Endpoint
from chalicelib.handlers.large_answers import fit_answer
from chalicelib.handlers.partial_bodies import new_issues, read_partly
from chalicelib.handlers.problems import Refused, present_bug, present_error
from chalicelib.handlers.repetition import execute_once
from chalicelib.handlers.requests import Request, parse_body, parse_if_match, parse_query, query_values, read_body
from chalicelib.handlers.responses import Answer, present_answer, secured
from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.store.acting import acting

Handler = Callable[[Request], Answer]


class Api(Blueprint):
    """The endpoints of one resource."""

    def __init__(self, import_name: str) -> None:
        """Begin without endpoints; `import_name` is the module's `__name__`."""
        super().__init__(import_name)
        self.tag = import_name.rpartition(".")[2].replace("_", " ")
        self.endpoints: list[Endpoint] = []

    def endpoint(
        self, method: str, path: str, *, permission: str | None, summary: str, **options: Any
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function as an endpoint; see `Endpoint` for the options. None lacks a permission by oversight."""

        def register(handler: Handler) -> Handler:
            declared = Endpoint(
                method=method, path=path, permission=permission, summary=summary, handler=handler, tag=self.tag, **options
            )
            self.endpoints.append(declared)

            def view(**path: str) -> Response:
                return self._serve(declared, path)

            self.route(path, methods=[method], content_types=[], name=declared.name)(view)
            return handler

        return register

    def _serve(self, endpoint: Endpoint, path: dict[str, str]) -> Response:
        clock = start_clock()
        incoming = self.current_request
        request_id = _request_id(incoming)
        visit = Visit(endpoint, incoming, path, request_id)
        try:
            response = fit_answer(wiring.get_deps(), visit.respond())
        except BillingError as error:
            response = present_error(error, request_id, conditional="if-match" in incoming.headers)
        except Exception:  # noqa: BLE001  # the last resort: anything unexpected is logged and told to nobody
            log_bug(request_id)
            count(wiring.get_deps(), "RequestFailed", request_id=request_id)
            response = present_bug(request_id)
        log_request(endpoint, response.status_code, clock, request_id, visit.actor.subject)
        return secured(response, request_id)


class Visit:
    """One request on its way through the checks."""

    def __init__(self, endpoint: Endpoint, incoming: Incoming, path: dict[str, str], request_id: str) -> None:
        """Keep what came; nothing is believed yet."""
        self.endpoint, self.incoming, self.path, self.request_id = endpoint, incoming, path, request_id
        self.actor = ANONYMOUS

    def respond(self) -> Response:
        """The response of the handler; raises BillingError for everything that is not as it must be."""
        deps = wiring.get_deps()
        if self.endpoint.permission is not None:
            self.actor = self._admitted(deps, self.endpoint.permission)
        content = self._content()
        request = self._request(deps, content)
        key = self._idempotency_key()
        with acting(self.actor.name):
            if key is None:
                return present_answer(self.endpoint.handler(request), self.endpoint.status)
            return execute_once(self.endpoint, request, key, content)

    def _admitted(self, deps: Deps, permission: str) -> Actor:
        actor = authenticate(self.incoming.headers.get("authorization"), deps)
        authorise(actor, permission, customers=self.endpoint.customers)
        check_ownership(actor, self.path)
        return actor

    def _content(self) -> bytes:
        return read_body(self.incoming.raw_body, self.endpoint.max_body) if self.endpoint.takes_body else b"{}"

    def _request(self, deps: Deps, content: bytes) -> Request:
        if_match = self.incoming.headers.get("if-match")
        if if_match is None and self.endpoint.require_if_match:
            raise Refused("precondition_required")
        request = Request(
            path=self.path,
            query=parse_query(self.endpoint.query, query_values(self.incoming)),
            body=None,
            actor=self.actor,
            if_match=parse_if_match(if_match),
            deps=deps,
            request_id=self.request_id,
        )
        try:
            return replace(request, body=parse_body(self.endpoint.body, content))
        except Invalid as refused:
            self._judge_rest(request, content, refused)
            raise

    def _judge_rest(self, request: Request, content: bytes, refused: Invalid) -> None:
        """Raise with more issues when the part of the body that fits breaks rules too."""
        rest = read_partly(self.endpoint.body, content) if self.endpoint.judge else None
        if rest is None or self.endpoint.judge is None:
            return
        try:
            self.endpoint.judge(replace(request, body=rest))
        except Invalid as more:
            raise Invalid.of(*refused.issues, *new_issues(more.issues, refused.issues)) from more

    def _idempotency_key(self) -> str | None:
        if self.endpoint.method != "POST":
            return None
        key: str | None = self.incoming.headers.get("idempotency-key")
        if not key:
            if self.endpoint.require_idempotency_key:
                raise Refused("missing_header", "Send an Idempotency-Key, so that a repetition does nothing twice.")
            return None
        if len(key) > MAX_KEY or not key.isprintable():
            raise Refused("missing_header", f"An Idempotency-Key has at most {MAX_KEY} printable characters.")
        return key


MAX_KEY = 255


def _request_id(incoming: Incoming) -> str:
    """The id API Gateway gave the request; our own log uses the same."""
    context = incoming.lambda_context
    return str(incoming.context.get("requestId") or getattr(context, "aws_request_id", "-"))
