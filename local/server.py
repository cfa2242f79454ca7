"""Child process: the API over HTTP/1.1 on a socket that the runner has already bound.

Connects the event queues before it answers the first request, so that no event of a request can be lost. Head and body of an
answer leave in one packet: two would cost 44 ms on kept connections, for the client's delayed acknowledgement.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import threading
import uuid
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from chalice.local import LocalGateway, LocalGatewayException

from local.children import stop_with_parent
from local.functions import load_app
from local.gateway import answer_body, make_gateway
from local.queues import connect_events
from local.refusals import Refusal, build_refusal

SLOW_LIBRARIES = ("chalice.local", "pydantic", "pynamodb.models", "jwt.algorithms")
"""Imported while the emulator starts: they do not care for the environment, and take longer than everything else."""
MAX_BODY = 10 * 1024 * 1024
"""What API Gateway accepts."""
DRAINED_PIECES = 64
JSON = {"Content-Type": "application/json"}
NO_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class RequestHandler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands them to the gateway, writes answers."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # buffered: the base class flushes once per request
    disable_nagle_algorithm = True
    timeout = 75
    gateway: ClassVar[LocalGateway]

    def __getattr__(self, name: str) -> Any:
        """The base class looks for `do_<METHOD>`, and answers with a page of its own where there is none."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Answer one request of any method."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self._refuse(Refusal(HTTPStatus.LENGTH_REQUIRED, JSON, b'{"message": "Length Required"}'))
        elif int(length) > MAX_BODY:
            self._refuse(build_refusal("REQUEST_TOO_LARGE", str(uuid.uuid4())))
        else:
            self._pass_on(self.rfile.read(int(length)) or None)

    def version_string(self) -> str:
        """Name no library."""
        return "billing-local"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        """Requests are not logged here; the function logs its own."""

    def _pass_on(self, body: bytes | None) -> None:
        headers = {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers}
        try:
            answer = self.gateway.handle_request(self.command, self.path, headers, body)
        except LocalGatewayException as refusal:
            self._write(refusal.CODE, JSON | refusal.headers, refusal.body or b"")
        else:
            many = {**answer.get("headers", {}), **answer.get("multiValueHeaders", {})}
            self._write(answer["statusCode"], many, answer_body(answer))

    def _write(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.send_response(status)
        if status not in NO_BODY:
            kind = {} if any(name.lower() == "content-type" for name in headers) else JSON
            headers = {**kind, **headers, "Content-Length": str(len(body))}
        for name, value in headers.items():
            for single in value if isinstance(value, list) else [value]:
                self.send_header(name, single)
        self.end_headers()
        if self.command != "HEAD" and status not in NO_BODY:
            self.wfile.write(body)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer, then take in a little of what the client still sends: closing with unread input would reset the answer away."""
        self.close_connection = True
        self._write(refusal.status, refusal.headers | {"Connection": "close"}, refusal.body)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(1)
        with suppress(OSError):
            for _ in range(DRAINED_PIECES):
                if not self.connection.recv(65_536):
                    break


class Server(ThreadingHTTPServer):
    """Serves on a socket that somebody else has bound."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, gateway: LocalGateway) -> None:
        """Take over the listening socket."""
        handler = type("Handler", (RequestHandler,), {"gateway": gateway})
        super().__init__(listener.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = listener.getsockname()[:2]


def main() -> None:
    """Read the environment of the functions, a JSON object, from the first line of standard input; then serve until SIGTERM."""
    for library in SLOW_LIBRARIES:
        importlib.import_module(library)
    os.environ.update(json.loads(sys.stdin.readline() or sys.exit(1)))
    stop_with_parent()
    app = load_app()
    connect_events(app)
    server = Server(socket.socket(fileno=int(sys.argv[1])), make_gateway(app))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
