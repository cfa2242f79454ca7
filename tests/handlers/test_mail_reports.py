"""The door for reports of SES: read from the event as AWS sends it, odd ones left alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.domain.mail import Feedback
from chalicelib.handlers.on_mail_report import parse_report
from chalicelib.services.mail_sending import tags_of
from chalicelib.services.mailing import announce, list_document_mails
from chalicelib.store.customers import get_customer
from tests.support.mailroom import SENDER, Mailroom, print_paper
from tests.support.money_in import Clerk
from tests.support.story import raw_event

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

BOUNCED: dict[str, Any] = raw_event("mail_bounced")["detail"]


def changed(kind: str, **parts: Any) -> dict[str, Any]:
    """The report as another kind of report."""
    detail = copy.deepcopy(BOUNCED)
    del detail["bounce"]
    return {**detail, "eventType": kind, **parts}


def test_a_bounce_names_its_mail_and_what_the_server_said() -> None:
    """Invoice and mail come from the tags that went with the mail."""
    report = parse_report(BOUNCED)
    assert (report.invoice_id, report.mail) == ("acme.20261115.A.00000001", "issued")
    assert report.feedback is Feedback.BOUNCED
    assert report.reason == "Permanent, General, smtp; 550 5.1.1 user unknown"
    assert report.is_final


@pytest.mark.parametrize(
    "detail, feedback, is_final, reason",
    [
        (
            changed("Bounce", bounce={"bounceType": "Transient", "bounceSubType": "MailboxFull"}),
            "bounced",
            False,
            "Transient, MailboxFull",
        ),
        (changed("Complaint", complaint={"complaintFeedbackType": "abuse"}), "complained", True, "abuse"),
        (changed("Complaint", complaint={}), "complained", True, ""),
        (changed("Delivery", delivery={"smtpResponse": "250 ok"}), "delivered", False, ""),
    ],
)
def test_kinds_of_reports(detail: dict[str, Any], feedback: str, is_final: bool, reason: str) -> None:
    """A full mailbox may be empty tomorrow; a complaint is for ever."""
    report = parse_report(detail)
    assert (report.feedback, report.is_final, report.reason) == (feedback, is_final, reason)


def test_a_long_story_of_a_mail_server_is_cut() -> None:
    """What comes from outside does not fill the books."""
    assert len(parse_report(changed("Bounce", bounce={"bounceType": "x" * 5000})).reason) == 300


def test_a_bounce_reaches_mail_and_customer(cloud: Cloud) -> None:
    """From the raw event to the books."""
    assert cloud
    clerk, mailroom = Clerk(), Mailroom().open()
    clerk.world.settings(email_from=SENDER)
    clerk.world.customer("acme", email="ap@acme.example", email_invoices=True)
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps)
    (mail,) = list_document_mails(invoice.id)
    event = raw_event("mail_bounced")
    event["detail"]["mail"]["tags"].update({name: [value] for name, value in tags_of(mail).items()})
    for _ in range(2):
        Client(app).lambda_.invoke("note_bounce", event)
    (mail,) = list_document_mails(invoice.id)
    assert mail.status == "bounced"
    assert get_customer("acme").email_status == "bounced"


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"eventType": "Bounce"},
        {"eventType": "Open", "mail": BOUNCED["mail"]},
        {"eventType": "Bounce", "mail": {"tags": {}}},
        {"eventType": "Bounce", "bounce": "odd", "mail": BOUNCED["mail"]},
        {"eventType": "Bounce", "mail": {"tags": {"invoice": [], "mail": []}}},
        {"eventType": "Bounce", "mail": {"tags": {"invoice": ["nonsense"], "mail": ["issued"]}}},
        BOUNCED,
    ],
)
def test_reports_that_are_not_ours_are_left_alone(cloud: Cloud, detail: dict[str, Any]) -> None:
    """No error, so that they do not come again."""
    assert cloud
    assert Client(app).lambda_.invoke("note_bounce", {**raw_event("mail_bounced"), "detail": detail}).payload is None
