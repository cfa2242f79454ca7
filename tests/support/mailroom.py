"""The post office of tests: moto's SES with a verified sender, what it was given, and the queue of mails worked off."""

from __future__ import annotations

import email
import json
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from chalicelib.domain.events import Event, EventType, event_id
from chalicelib.domain.invoice import Invoice, PdfStatus
from chalicelib.handlers.on_mail import MESSAGES
from chalicelib.services.deps import Deps
from chalicelib.store import clients, objects, pdf_marks
from chalicelib.store.objects import PaperKind
from tests.support.builders import NOW
from tests.support.cloud import REGION

SENDER = "billing@telco.example"
PDF = b"%PDF-1.7 of an invoice"
LETTER = b"%PDF-1.7 of a reminder letter"


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What SES has sent. Opened, it has sent nothing and knows the operator's domain."""

    def open(self) -> Mailroom:
        """Empty the post office and verify the operator's domain."""
        ses = ses_backends[DEFAULT_ACCOUNT_ID][REGION]
        ses.sent_messages.clear()
        ses.verify_email_identity("telco.example")
        return self

    @property
    def sent(self) -> list[EmailMessage]:
        """Every message that SES took, the first one first."""
        taken = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        return [_parsed(message.raw_data) for message in taken]

    def counted(self) -> Counter[str]:
        """How often each message was taken, by its id."""
        return Counter(str(message["Message-ID"]) for message in self.sent)

    def subjects(self) -> list[str]:
        """Subjects of what was taken."""
        return [str(message["Subject"]) for message in self.sent]

    def work_off(self, deps: Deps, *, deliveries: int = 1) -> int:
        """Do every message of the queue of mails, `deliveries` times; how many. Delays do not count, letters are there."""
        count = 0
        while messages := receive_in_time():
            for message in messages:
                for _ in range(deliveries):
                    MESSAGES[message["type"]](deps, message)
            count += len(messages)
        return count


def receive_mail_work() -> list[dict[str, Any]]:
    """Up to ten messages of the queue of mails, taken for good."""
    url = clients.names.mails_queue_url
    found = clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def receive_in_time() -> list[dict[str, Any]]:
    """The same, those too that are held back until letters are drawn, which now they are."""
    print_letters()
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[clients.names.mails_queue_url.rpartition("/")[2]]
    for message in queue._messages:
        message.delayed_until = 0
    return receive_mail_work()


def print_letters() -> None:
    """Make the PDFs of all reminder letters that were asked for without drawing them."""
    bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[clients.names.bucket]
    asked = [digest for key in list(bucket.keys) if (digest := objects.parse_paper_key(PaperKind.REMINDERS, key))]
    for pdf in (objects.paper_pdf_key(PaperKind.REMINDERS, digest) for digest in asked):
        if pdf not in bucket.keys:
            objects.put_object(pdf, LETTER)


def print_paper(invoice: Invoice, pdf: bytes = PDF) -> Event:
    """Make the PDF of an invoice without drawing it; the event that says so."""
    objects.put_object(objects.pdf_key(invoice.id, invoice.revision), pdf)
    pdf_marks.mark_pdf(invoice.id, invoice.revision, PdfStatus.READY, "")
    return Event(
        id=event_id(EventType.PDF_READY, invoice.id, invoice.version),
        type=EventType.PDF_READY,
        occurred_at=NOW,
        customer_id=invoice.customer_id,
        subject=invoice.id,
        sequence=invoice.version,
        data={},
    )


def attached_names(message: EmailMessage) -> list[str]:
    """File names of what is attached."""
    return [str(part.get_filename()) for part in message.iter_attachments()]


def _parsed(raw: str) -> EmailMessage:
    message = email.message_from_string(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message
