"""A mail as the bytes that travel: headers, text, HTML, the PDF. Built by the standard library's email package.

Nothing from outside can add a header or a recipient: names lose control characters and line breaks, addresses that are not plain
ones are refused, and the package itself refuses a header with a line break.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from chalicelib.render.mail import Letter
from chalicelib.render.printable import printable

MAX_NAME = 120
"""Characters of a name in a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """A name and an address as `ascii_address` gives it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, about what (`thread` names the mail for ever), when. `reply_to` is empty or an address."""

    sender: Correspondent
    to: Correspondent
    reply_to: str
    thread: str
    date: datetime


def build_message(letter: Letter, envelope: Envelope, attachments: Mapping[str, bytes]) -> bytes:
    """The message; `attachments` are PDFs by file name."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(envelope.sender)
    message["To"] = _mailbox(envelope.to)
    if envelope.reply_to:
        message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = message_id(envelope.thread, envelope.sender.address)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def message_id(thread: str, sender: str) -> str:
    """The same mail has the same id, however often it is built; so mail programs show a doubled one once."""
    return f"<{sha256(thread.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"


def _mailbox(who: Correspondent) -> Address:
    local, _, domain = who.address.rpartition("@")
    return Address(_one_line(who.name)[:MAX_NAME], local, domain)


def _one_line(text: str) -> str:
    return " ".join(str(printable(text)).split())
