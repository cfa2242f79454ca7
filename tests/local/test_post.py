"""Mails of a local run can be read, and are missed in words when nothing runs."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.home import LocalError, open_home
from local.post import as_text, read_mails

MAIL = {"Source": "billing@local.example", "To": ["ap@acme.example"], "Subject": "Invoice", "BodyText": "Hello Acme,"}


class Emulator(BaseHTTPRequestHandler):
    """Answers like the emulator's list of mails."""

    def do_GET(self) -> None:
        """The mails of two accounts."""
        body = json.dumps({"messages": {"1": [MAIL], "2": [MAIL]} if self.path == "/_ministack/ses/messages" else {}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_mails_of_the_running_system_are_read(tmp_path: Path) -> None:
    """From the address that the latest run left in its data directory, whichever account they are under."""
    home = open_home(tmp_path / "data")
    server = HTTPServer(("127.0.0.1", 0), Emulator)
    threading.Thread(target=server.handle_request, daemon=True).start()
    home.emulator_url.write_text(f"http://127.0.0.1:{server.server_port}", encoding="utf-8")
    try:
        assert read_mails(home) == [MAIL, MAIL]
    finally:
        server.server_close()


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:9"])
def test_nothing_runs(tmp_path: Path, address: str | None) -> None:
    """Neither ever, nor any more."""
    home = open_home(tmp_path / "data")
    if address:
        home.emulator_url.write_text(address, encoding="utf-8")
    with pytest.raises(LocalError, match="local run"):
        read_mails(home)


def test_a_mail_reads_like_a_mail() -> None:
    """Headers, an empty line, the text."""
    assert as_text(MAIL) == "From: billing@local.example\nTo: ap@acme.example\nSubject: Invoice\n\nHello Acme,"
