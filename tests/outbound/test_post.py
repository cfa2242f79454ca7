"""One POST to a stranger: to the address that was checked, over TLS that fits the name, in bounded time, without detours."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network

import pytest

from chalicelib.outbound.network import INTERNET, ForbiddenAddressError, Network, UnknownHostError, resolve
from chalicelib.outbound.post import Outcome, post
from tests.support.receiver import HOST, Receiver, raw, receiving, status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that takes everything."""
    with receiving() as receiver:
        yield receiver


def send(receiver: Receiver, network: Network | None = None) -> Outcome:
    """A short message to the receiver."""
    return post(network or receiver.network(), receiver.url, b"{}", {"Content-Type": "application/json", "X-One": "1"})


def test_a_message_arrives_as_it_was(receiver: Receiver) -> None:
    """Path, host, headers and body reach the server, and 2xx is an outcome without error."""
    assert send(receiver) == Outcome(204)
    (came,) = receiver.received
    assert (came.path, came.body, came.headers["x-one"]) == ("/hook", b"{}", "1")
    assert came.headers["host"] == f"{HOST}:{receiver.port}"


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, code: int) -> None:
    """Wherever it points: nothing else is asked, and the message counts as not taken."""
    receiver.answers.append(status(code, Location=f"https://localhost:{receiver.port}/inner"))
    assert send(receiver) == Outcome(code, f"The endpoint answered {code}.")
    assert len(receiver.received) == 1


@pytest.mark.parametrize("code", [400, 404, 410, 429, 500, 503])
def test_a_refusal_is_an_error_with_its_status(receiver: Receiver, code: int) -> None:
    """The status says why."""
    receiver.answers.append(status(code))
    assert send(receiver).status == code


def drip(request: BaseHTTPRequestHandler) -> None:
    """A header a byte at a time, without an end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        request.wfile.write(b"a")
        request.wfile.flush()
        time.sleep(0.02)


def drip_body(request: BaseHTTPRequestHandler) -> None:
    """A status at once, then a body without an end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        request.wfile.write(b"a")
        request.wfile.flush()
        time.sleep(0.02)


def test_a_server_that_drips_is_cut_off(receiver: Receiver) -> None:
    """The time is for the whole answer, not for each byte of it."""
    receiver.answers.append(drip)
    begun = time.monotonic()
    assert send(receiver, receiver.network(seconds=1)) == Outcome(error="No answer within 1 seconds.")
    assert time.monotonic() - begun < 3


def test_a_body_without_end_does_not_matter(receiver: Receiver) -> None:
    """Once the status is there, the message was taken; the connection is cut in time."""
    receiver.answers.append(drip_body)
    assert send(receiver, receiver.network(seconds=1)) == Outcome(200)


def test_a_large_body_is_not_read(receiver: Receiver) -> None:
    """Of fifty megabytes a few kilobytes are looked at."""
    written: list[int] = []

    def flood(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(50):
            try:
                written.append(request.wfile.write(b"x" * 1_000_000))
            except OSError:
                return

    receiver.answers.append(flood)
    assert send(receiver) == Outcome(200)
    assert len(written) < 50


@pytest.mark.parametrize(
    "content", [b"", b"hello\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"]
)
def test_what_is_not_http_is_an_error(receiver: Receiver, content: bytes) -> None:
    """No answer, nonsense, headers without measure."""
    receiver.answers.append(raw(content))
    assert send(receiver) == Outcome(error="The connection broke, or the answer was not HTTP.")


def test_a_certificate_for_another_name_is_refused(receiver: Receiver) -> None:
    """Being at the address is not enough."""
    url = f"https://other.example.com:{receiver.port}/hook"
    assert post(receiver.network(), url, b"{}", {}).error.startswith("No secure connection")
    assert receiver.received == []


def test_an_unknown_authority_is_refused(receiver: Receiver) -> None:
    """A certificate that the system does not trust is none."""
    assert send(receiver, receiver.network(tls=ssl.create_default_context)).error.startswith("No secure connection")


def test_a_closed_door_is_no_connection(receiver: Receiver) -> None:
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        url = f"https://{HOST}:{port}/"
        assert post(receiver.network(), url, b"{}", {}) == Outcome(error="No connection.")


def test_the_second_address_is_tried(receiver: Receiver) -> None:
    """A host with a dead machine is still reached."""
    also = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    network = receiver.network(also=also, resolve=lambda _host, _port: ["::1", "127.0.0.1"])
    assert send(receiver, network) == Outcome(204)


def test_a_name_that_changes_its_mind_reaches_nothing_else(receiver: Receiver) -> None:
    """A name resolved once for the check is not resolved again for the connection: public now, ours a moment later."""
    asked: list[str] = []

    def rebind(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    assert send(receiver, receiver.network(resolve=rebind)) == Outcome(204)
    assert asked == [HOST]
    assert send(receiver, receiver.network(resolve=rebind)).error == "The host leads to an address that is not public."
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["fd00:ec2::254"],
        ["fe80::1%eth0"],
        ["nonsense"],
    ],
)
def test_addresses_that_are_not_public_are_refused(receiver: Receiver, addresses: list[str]) -> None:
    """One such address among others is enough, because it would be the next one tried."""
    network = Network(resolve=lambda _host, _port: addresses)
    with pytest.raises(ForbiddenAddressError):
        network.find_addresses("hooks.example.com", 443)
    assert post(network, "https://hooks.example.com/", b"", {}).error == "The host leads to an address that is not public."


def test_the_internet_is_public_addresses_on_443() -> None:
    """As deployed: names of this machine are refused, literal addresses judged as they are."""
    assert INTERNET.ports == {443}
    for host in ("localhost", "127.0.0.1", "169.254.169.254"):
        with pytest.raises(ForbiddenAddressError):
            INTERNET.find_addresses(host, 443)
    assert INTERNET.find_addresses("93.184.215.14", 443) == ["93.184.215.14"]


def test_a_name_that_leads_nowhere(receiver: Receiver) -> None:
    """No address, or a name that is none."""
    with pytest.raises(UnknownHostError):
        receiver.network(resolve=lambda _host, _port: []).find_addresses("x", 443)
    with pytest.raises(UnknownHostError):
        resolve("a" * 300, 443)
    network = receiver.network(resolve=resolve)
    assert post(network, "https://" + "a." * 130 + "b/", b"", {}).error == "The name of the host leads nowhere."
