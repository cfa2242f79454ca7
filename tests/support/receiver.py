"""A receiver of webhooks: an HTTPS server on this machine that answers as it is told, and remembers what came.

Its certificate is for `hooks.example.com`, signed by itself; `network` lets webhooks in the test find and believe it.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib import wiring
from chalicelib.outbound.network import Network, public_authorities

HOST = "hooks.example.com"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """`answers` are used up one after the other; when none is left, messages are taken (204)."""

    port: int = 0
    authority: bytes = b""
    answers: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens, in its own network."""
        return f"https://{HOST}:{self.port}/hook"

    @property
    def local_url(self) -> str:
        """Where it listens, on this machine."""
        return f"https://localhost:{self.port}/hook"

    def clear(self) -> None:
        """Nothing came."""
        self.received.clear()
        self.answers.clear()

    def network(self, **changes: Any) -> Network:
        """A network in which the receiver is a public server."""
        usual = {
            "ports": frozenset({self.port}),
            "also": (ip_network("127.0.0.0/8"),),
            "resolve": lambda _host, _port: ["127.0.0.1"],
            "tls": self.tls,
        }
        return Network(**{**usual, **changes})

    def tls(self) -> ssl.SSLContext:
        """Believes the receiver's certificate and no other."""
        return ssl.create_default_context(cadata=self.authority.decode())


def status(code: int, **headers: str) -> Answer:
    """Answers with a status and no body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    return answer


def raw(content: bytes) -> Answer:
    """Writes bytes and hangs up."""
    return lambda request: request.wfile.write(content) and None


class Server(ThreadingHTTPServer):
    """Takes it calmly when the other side hangs up. Sleeps between connections: looking for its end all the time costs dear."""

    is_over = False

    def handle_error(self, _request: Any, _client: Any) -> None:
        """Say nothing."""

    def serve(self) -> None:
        """Answer until it is over."""
        while not self.is_over:
            self.handle_request()

    def stop(self) -> None:
        """The end; a last connection wakes it up to see that."""
        self.is_over = True
        socket.create_connection(self.server_address[:2]).close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the time of the block."""
    receiver = Receiver(authority=_certificate()[0])
    server = Server(("127.0.0.1", 0), _handler(receiver))
    server.socket = _server_tls().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.stop()
        thread.join()
        server.server_close()


@contextmanager
def deployed_receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the deployment's variables make reachable as `localhost`, and OpenSSL's make believed."""
    with receiving() as receiver, TemporaryDirectory() as folder:
        path = Path(folder) / "authority.pem"
        path.write_bytes(receiver.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        monkeypatch.setenv("WEBHOOK_NETWORKS", "127.0.0.0/8, ::1/128")
        monkeypatch.setenv("WEBHOOK_PORTS", str(receiver.port))
        _forget()
        yield receiver
    _forget()


def _forget() -> None:
    """What the process made of its environment."""
    wiring.reset()
    public_authorities.cache_clear()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Remembers, then answers."""

        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = receiver.answers.pop(0) if receiver.answers else status(204)
            answer(self)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    return Handler


def _server_tls() -> ssl.SSLContext:
    certificate, key = _certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(key + certificate)
        context.load_cert_chain(path)
    return context


@cache
def _certificate() -> tuple[bytes, bytes]:
    """A certificate that is its own authority, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(HOST), x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem), private
