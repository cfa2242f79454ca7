"""`/invoices/{invoice_id}/email`: mails about a document, those that were sent or are to be, and sending one by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.mail import BY_HAND, Mail, MailStatus
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import OneLine
from chalicelib.handlers.requests import Body, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import mailing

api = Api(__name__)


class EmailInput(Body):
    """Where to; left out, to the customer's address."""

    to: OneLine | None = None


class EmailAnswer(BaseModel):
    """A mail. `reminder` null: it brings the document; `by_hand`: somebody asked for it. `reason` says why it did not arrive."""

    id: str
    to: str
    status: MailStatus
    reason: str
    reminder: ReminderTemplate | None
    by_hand: bool
    created_at: datetime
    tried_at: datetime | None


@api.endpoint(
    "POST",
    "/invoices/{invoice_id}/email",
    permission="billing:write",
    summary="Mail an issued document",
    body=EmailInput,
    judge=lambda request: _judge(request.body),
    answer=EmailAnswer,
    status=202,
)
def email_invoice(request: Request) -> Answer:
    """Queue a mail with the document as it is when the mail leaves."""
    return Answer(present_mail(mailing.send_by_hand(request.deps, request.path["invoice_id"], request.body.to)))


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/emails",
    permission="billing:read",
    summary="Mails about a document, the oldest first",
    answer=Page[EmailAnswer],
)
def list_invoice_emails(request: Request) -> Answer:
    """Every mail, whatever became of it."""
    found = mailing.list_document_mails(request.path["invoice_id"])
    return Answer(page([present_mail(mail) for mail in found], None))


def present_mail(mail: Mail) -> dict[str, Any]:
    """A mail as answered."""
    derived = {"id": mail.name, "by_hand": mail.name.startswith(BY_HAND)}
    return {**{name: getattr(mail, name) for name in EmailAnswer.model_fields if name not in derived}, **derived}


def _judge(body: EmailInput) -> None:
    if body.to is not None:
        mailing.check_address(body.to)
