"""The post office of a local run: the emulator's SES takes every mail and sends none; here is how to look at them."""

from __future__ import annotations

import http.client
import json
from typing import Any

from local.home import Home, LocalError

SENDER = "billing@local.example"
"""The verified sender; a local operator needs no `email_from` of its own."""


def verify_sender(client: Any) -> None:
    """Make the sender known to SES by an SES client; again is harmless."""
    client.create_email_identity(EmailIdentity=SENDER)


def read_mails(home: Home) -> list[dict[str, Any]]:
    """Every mail that the run on this data directory was given, the oldest first; LocalError when none runs."""
    try:
        host = home.emulator_url.read_text(encoding="utf-8").removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("GET", "/_ministack/ses/messages")
        answer = json.load(connection.getresponse())
    except OSError as error:
        raise LocalError(f"Nothing runs on {home.root}; start it with `python -m local run`.") from error
    return [mail for mails in answer["messages"].values() for mail in mails]


def as_text(mail: dict[str, Any]) -> str:
    """A mail as one reads it at a terminal."""
    return f"From: {mail['Source']}\nTo: {', '.join(mail['To'])}\nSubject: {mail['Subject']}\n\n{mail['BodyText']}"
