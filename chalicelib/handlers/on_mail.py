"""Door for the queue of mails: mails to send and reminders to decide, by type of message. Nothing is decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.handlers.message_batch import Messages, handle_batch
from chalicelib.services.deps import Deps
from chalicelib.services.mail_sending import send_mail
from chalicelib.services.reminding import remind_invoice, remind_page


def handle_mails(event: dict[str, Any]) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed."""
    return handle_batch(event, MESSAGES)


def _send_mail(deps: Deps, message: dict[str, Any]) -> None:
    send_mail(deps, str(message["invoice_id"]), str(message["mail"]))


def _remind_page(deps: Deps, message: dict[str, Any]) -> None:
    remind_page(deps, datetime.fromisoformat(message["as_of"]), message["cursor"])


def _remind_invoice(deps: Deps, message: dict[str, Any]) -> None:
    remind_invoice(deps, str(message["invoice_id"]), datetime.fromisoformat(message["as_of"]))


MESSAGES: Messages = {
    "send_mail": _send_mail,
    "remind_page": _remind_page,
    "remind_invoice": _remind_invoice,
}
