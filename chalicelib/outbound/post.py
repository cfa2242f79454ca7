"""One POST to a stranger over HTTPS: to an address that was checked, within a time, following no redirect, reading little.

Whatever goes wrong is an outcome, not an exception. Knows no webhook.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from ssl import SSLError

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from chalicelib.domain.webhook_rules import HTTPS_PORT, target
from chalicelib.outbound.network import ForbiddenAddressError, Network, UnknownHostError

MOST_READ = 16 * 1024
"""Bytes of an answer that are read, for politeness; nobody looks at them."""
MOST_ADDRESSES = 2
CONNECT_SECONDS = 5
BROKEN = (HTTPException, HTTPError, OSError, ValueError)
"""What a connection to anybody may raise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the status of the answer, and in words what was wrong (empty: nothing)."""

    status: int | None = None
    error: str = ""


def post(network: Network, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Send the body to a URL that has passed `validate_url`; only 2xx is an outcome without error."""
    host, port, path = target(url)
    deadline = time.monotonic() + network.seconds
    try:
        addresses = network.find_addresses(host, port)
        with _connected(network, addresses, (host, port), deadline) as connection:
            status = _exchange(connection, path, body, {"Host": host_header(host, port), **headers}, deadline)
    except UnknownHostError:
        return Outcome(error="The name of the host leads nowhere.")
    except ForbiddenAddressError:
        return Outcome(error="The host leads to an address that is not public.")
    except BROKEN as error:
        is_late = time.monotonic() >= deadline
        return Outcome(error=f"No answer within {network.seconds} seconds." if is_late else _describe(error))
    return Outcome(status, "" if 200 <= status <= 299 else f"The endpoint answered {status}.")  # noqa: PLR2004  # RFC 9110: success


def host_header(host: str, port: int) -> str:
    """The Host header: an IPv6 address in brackets, the port where it is not HTTPS's own.

    >>> host_header("2001:db8::1", 8443), host_header("example.com", 443)
    ('[2001:db8::1]:8443', 'example.com')
    """
    name = f"[{host}]" if ":" in host else host
    return name if port == HTTPS_PORT else f"{name}:{port}"


def _exchange(connection: HTTPSConnection, path: str, body: bytes, headers: Mapping[str, str], deadline: float) -> int:
    connection.request("POST", path, body=body, headers=headers, preload_content=False, decode_content=False)
    answer = connection.getresponse()
    if time.monotonic() >= deadline:  # headers that were cut look like headers that ended
        raise TimeoutError
    with suppress(*BROKEN):  # the status has come, and says all
        answer.read(MOST_READ)
    return answer.status


@contextmanager
def _connected(network: Network, addresses: Sequence[str], place: tuple[str, int], deadline: float) -> Iterator[HTTPSConnection]:
    """A connection that is cut at the deadline, however busily the other side drips."""
    connection = _connect(network, addresses[:MOST_ADDRESSES], place)
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        yield connection
    finally:
        watch.cancel()
        connection.close()


def _connect(network: Network, addresses: Sequence[str], place: tuple[str, int]) -> HTTPSConnection:
    """Connect to the first address that takes it; the certificate must be for the host's name."""
    host, port = place
    for position, address in enumerate(addresses, 1):
        connection = HTTPSConnection(address, port, timeout=CONNECT_SECONDS, server_hostname=host, ssl_context=network.tls())
        try:
            connection.connect()
        except BROKEN:
            connection.close()
            if position == len(addresses):
                raise
        else:
            connection.sock.settimeout(network.seconds)
            return connection
    raise AssertionError("a host has an address")


def _cut(connection: HTTPSConnection) -> None:
    with suppress(OSError, AttributeError):  # it may be closed already
        connection.sock.shutdown(socket.SHUT_RDWR)


def _describe(error: Exception) -> str:
    """In words of ours: what the other side says is nobody's business here."""
    if isinstance(error, SSLError):
        return "No secure connection: the certificate does not fit, or TLS is not spoken."
    if isinstance(error, (ConnectTimeoutError, NewConnectionError)):
        return "No connection."
    return "The connection broke, or the answer was not HTTP."
