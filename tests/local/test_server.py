"""HTTP in front of the app object: what API Gateway would pass on arrives, and connections are kept."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice, Response

from local.gateway import make_gateway
from local.server import MAX_BODY, Server


def _an_app() -> Chalice:
    app = Chalice("probe", configure_logs=False)

    @app.route("/echo/{name}", methods=["POST"])
    def echo(name: str) -> Response:
        request: Any = app.current_request
        seen = {
            "name": name,
            "query": request.query_params.getlist("tag"),
            "body": request.raw_body.decode(),
            "header": request.headers.get("If-Match"),
            "stage": request.context["stage"],
        }
        return Response(seen, headers={"ETag": '"7"'})

    @app.route("/nothing", methods=["DELETE"])
    def nothing() -> Response:
        return Response("", status_code=204)

    @app.route("/pdf")
    def pdf() -> Response:
        return Response(b"%PDF\xff", headers={"Content-Type": "application/octet-stream"})

    return app


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    """A kept connection to a server in front of the probe app."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener, make_gateway(_an_app()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    client = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=5)
    yield client
    client.close()
    server.shutdown()
    server.server_close()
    thread.join()


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.request(method, path, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def test_a_request_arrives_whole(connection: http.client.HTTPConnection) -> None:
    """Decoded path, repeated query parameters, text body, headers and stage reach the function; its headers come back."""
    path = "/echo/caf%C3%A9%20au%20lait?tag=a&tag=b&tag="
    status, headers, content = _ask(connection, "POST", path, '{"n": "é"}', If_Match='"7"', Content_Type="application/json")
    assert (status, headers["ETag"], headers["Content-Type"]) == (200, '"7"', "application/json")
    assert json.loads(content) == {
        "name": "café au lait",
        "query": ["a", "b", ""],
        "body": '{"n": "é"}',
        "header": '"7"',
        "stage": "api",
    }


def test_one_connection_serves_many_answers(connection: http.client.HTTPConnection) -> None:
    """Answers with and without a body leave the connection in step."""
    for _ in range(3):
        assert _ask(connection, "DELETE", "/nothing")[0] == 204
        assert _ask(connection, "GET", "/pdf", Accept="application/octet-stream")[2] == b"%PDF\xff"
    first_socket = connection.sock
    _ask(connection, "DELETE", "/nothing")
    assert connection.sock is first_socket


def test_unknown_paths_are_refused_as_the_gateway_does(connection: http.client.HTTPConnection) -> None:
    """A path without a route never reaches a function; the answer is a problem document and repeats no credentials."""
    for headers in ({}, {"Authorization": "Bearer sécret".encode().decode("latin-1")}):
        status, answered, content = _ask(connection, "GET", "/nowhere", **headers)
        assert (status, answered["Content-Type"]) == (404, "application/problem+json")
        problem = json.loads(content)
        assert (problem["status"], problem["code"], problem["issues"]) == (404, "not_found", [])
        assert len(problem["request_id"]) == 36
        assert b"cret" not in content


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "FETCH"])
def test_a_method_that_nobody_uses_is_answered_by_the_app(connection: http.client.HTTPConnection, method: str) -> None:
    """It reaches Chalice, which refuses it; the server has no page of its own."""
    status, headers, _ = _ask(connection, method, "/pdf")
    assert (status, headers["Content-Type"]) == (405, "application/json")


def test_too_large_a_body_is_refused_unread(connection: http.client.HTTPConnection) -> None:
    """The declared length alone decides."""
    connection.putrequest("POST", "/echo/a")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (413, "payload_too_large")


def test_a_body_of_unknown_length_is_refused(connection: http.client.HTTPConnection) -> None:
    """Chunked bodies are answered with 411 and the connection ends."""
    connection.request("POST", "/echo/a", iter([b"abc"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    response = connection.getresponse()
    assert (response.status, response.headers["Connection"]) == (411, "close")
