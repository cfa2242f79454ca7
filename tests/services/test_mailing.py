"""Mails about documents: wanted or not, sent once, and what stands in the way is noted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.customer import EmailStatus
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.events import EventType
from chalicelib.domain.invoice import Invoice, PdfStatus
from chalicelib.domain.mail import ISSUED, Feedback, Mail, MailStatus
from chalicelib.services.event_listeners import LISTENERS
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.mail_enclosures import MAX_ATTACHMENTS
from chalicelib.services.mail_reports import Report, note_report
from chalicelib.services.mail_sending import LEASE, send_mail
from chalicelib.services.mailing import announce, list_document_mails, send_by_hand
from chalicelib.services.sweep import PATIENCE, sweep
from chalicelib.store import runs
from chalicelib.store.customers import get_customer
from chalicelib.store.mails import find_mail
from chalicelib.store.pdf_marks import mark_pdf
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.kills import Killed
from tests.support.mailroom import SENDER, Mailroom, attached_names, print_paper, receive_mail_work
from tests.support.money_in import Clerk

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

LINK = "https://portal.example.com/invoices/{invoice_id}"


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk of an operator that sends mails, with a customer that wants them."""
    assert cloud
    clerk = Clerk()
    clerk.world.settings(email_from=SENDER, portal_url=LINK)
    clerk.world.customer("acme", email="ap@acme.example", email_invoices=True)
    return clerk


@pytest.fixture
def mailroom(cloud: Cloud) -> Mailroom:
    """A post office that has sent nothing."""
    assert cloud
    return Mailroom().open()


def state_of(invoice: Invoice, name: str = ISSUED) -> tuple[MailStatus, str]:
    """How far a mail is, and why."""
    mail = find_mail(invoice.id, name)
    assert mail is not None
    return mail.status, mail.reason


def open_mails() -> list[str]:
    """Mails that the sweep would find."""
    return [pk for _, pk, _ in runs.list_open(Clerk().world.now + timedelta(days=9999), 100) if pk.startswith("MAIL#")]


def test_listeners_are_told() -> None:
    """Events reach the mails."""
    assert announce in LISTENERS


def test_a_new_invoice_is_mailed_once(clerk: Clerk, mailroom: Mailroom) -> None:
    """Told twice, delivered twice: one mail, with the PDF and the link."""
    invoice = clerk.invoice()
    for _ in range(2):
        announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps, deliveries=2)
    (message,) = mailroom.sent
    assert str(message["To"]) == "Acme Ltd <ap@acme.example>"
    assert str(message["From"]) == f"{invoice.operator.name} <{SENDER}>"
    assert attached_names(message) == [f"{invoice.number}.pdf"]
    body = message.get_body(("plain",))
    assert body is not None
    assert f"https://portal.example.com/invoices/{invoice.id}" in body.get_content()
    assert state_of(invoice) == (MailStatus.SENT, "")
    assert open_mails() == []


def test_nobody_else_is_mailed(clerk: Clerk, mailroom: Mailroom) -> None:
    """Neither who did not ask, nor about a void document, nor one issued long ago, nor on other events."""
    clerk.world.customer("quiet", email="quiet@acme.example")
    quiet, void, old = clerk.invoice(customer_id="quiet"), clerk.invoice(), clerk.invoice()
    ready = {invoice.id: print_paper(invoice) for invoice in (quiet, void, old)}
    announce(clerk.world.deps, ready[quiet.id])
    void_invoice(clerk.world.deps, void.id)
    announce(clerk.world.deps, ready[void.id])
    announce(clerk.world.deps, replace(ready[old.id], type=EventType.INVOICE_ISSUED))
    announce(clerk.world.deps, replace(ready[old.id], customer_id="nobody"))
    clerk.world.pass_time(days=8)
    announce(clerk.world.deps, ready[old.id])
    assert mailroom.work_off(clerk.world.deps) == 0
    assert [list_document_mails(invoice.id) for invoice in (quiet, void, old)] == [[], [], []]


@pytest.mark.parametrize(
    "customer, sender, expected",
    [
        ({"email": ""}, SENDER, "no_address"),
        ({"email": "jürgen@acme.example"}, SENDER, "bad_address"),
        ({"email_status": EmailStatus.BOUNCED}, SENDER, "address_bounced"),
        ({}, "", "no_sender"),
        ({}, "x@unverified.example", "Did not have authority to send from email x@unverified.example"),
    ],
)
def test_what_stands_in_the_way_is_noted(
    clerk: Clerk, capsys: pytest.CaptureFixture[str], customer: dict[str, str], sender: str, expected: str
) -> None:
    """A mail that cannot be sent says why, counts for the alarm, and stays as it is."""
    mailroom = Mailroom().open()
    clerk.world.customer("acme", **{"email": "ap@acme.example", "email_invoices": True, **customer})
    clerk.world.settings(email_from=sender)
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps)
    assert state_of(invoice) == (MailStatus.FAILED, expected)
    assert capsys.readouterr().out.count('"MailFailed": 1') == 1
    assert mailroom.sent == []
    assert open_mails() == []


def test_a_document_above_the_limit_is_not_attached(clerk: Clerk, mailroom: Mailroom) -> None:
    """A PDF of five megabytes goes along, one byte more does not; the mail leads to it."""
    for extra, attached in ((0, 1), (1, 0)):
        invoice = clerk.invoice()
        announce(clerk.world.deps, print_paper(invoice, b"%" * (MAX_ATTACHMENTS + extra)))
        mailroom.work_off(clerk.world.deps)
        assert len(attached_names(mailroom.sent[-1])) == attached


def test_a_mail_waits_for_its_paper(clerk: Clerk, mailroom: Mailroom) -> None:
    """While the PDF is being drawn the mail stays, whoever drives it; with the PDF it leaves."""
    invoice = clerk.invoice()
    mail = send_by_hand(clerk.world.deps, invoice.id, None)
    assert receive_mail_work() == []  # held back, since the PDF is not expected yet
    for _ in range(2):
        send_mail(clerk.world.deps, invoice.id, mail.name)
    assert state_of(invoice, mail.name) == (MailStatus.QUEUED, "")
    assert receive_mail_work() == []  # nobody drives it but the sweep, so messages do not multiply
    print_paper(invoice)
    send_mail(clerk.world.deps, invoice.id, mail.name)
    assert state_of(invoice, mail.name) == (MailStatus.SENT, "")
    assert len(mailroom.sent) == 1


def test_a_mail_without_paper_fails(clerk: Clerk) -> None:
    """Once the drawing failed, so did the mail; a new one is refused with the reason."""
    invoice = clerk.invoice()
    mail = send_by_hand(clerk.world.deps, invoice.id, None)
    mark_pdf(invoice.id, 0, PdfStatus.FAILED, "too long")
    send_mail(clerk.world.deps, invoice.id, mail.name)
    assert state_of(invoice, mail.name) == (MailStatus.FAILED, "template_failed")
    with pytest.raises(Conflict, match="too long"):
        send_by_hand(clerk.world.deps, invoice.id, None)


def test_by_hand_it_is_mailed_again_and_anywhere(clerk: Clerk, mailroom: Mailroom) -> None:
    """Each click sends a mail of its own, also to an address that bounced, or that is not the customer's."""
    clerk.world.customer("acme", email="ap@acme.example", email_status=EmailStatus.BOUNCED)
    invoice = clerk.invoice()
    print_paper(invoice)
    for to in (None, "boss@acme.example"):
        send_by_hand(clerk.world.deps, invoice.id, to)
    mailroom.work_off(clerk.world.deps)
    assert [message["To"].addresses[0].addr_spec for message in mailroom.sent] == ["ap@acme.example", "boss@acme.example"]


@pytest.mark.parametrize("to", ["", "nobody", "jürgen@acme.example", "a@b.example\r\nBcc: c@d.example"])
def test_unusable_addresses_are_refused(clerk: Clerk, to: str) -> None:
    """Nothing is queued for an address that is none."""
    clerk.world.customer("acme", email="")
    invoice = clerk.invoice()
    with pytest.raises(Invalid):
        send_by_hand(clerk.world.deps, invoice.id, to)
    assert list_document_mails(invoice.id) == []


def test_a_void_document_is_not_mailed(clerk: Clerk, mailroom: Mailroom) -> None:
    """A mail under way is dropped, a new one refused."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    void_invoice(clerk.world.deps, invoice.id)
    mailroom.work_off(clerk.world.deps)
    assert state_of(invoice) == (MailStatus.DROPPED, "void")
    with pytest.raises(Conflict):
        send_by_hand(clerk.world.deps, invoice.id, None)


@dataclass(frozen=True, slots=True)
class Dying(Watcher):
    """Kills the process right before or right after SES is called."""

    is_before: bool

    def before(self, call: Call) -> None:
        """Die before."""
        if self.is_before and call.operation == "SendEmail":
            raise Killed

    def after(self, call: Call, parsed: dict[str, object]) -> None:
        """Die after."""
        del parsed
        if not self.is_before and call.operation == "SendEmail":
            raise Killed


@pytest.mark.parametrize("before", [True, False])
def test_who_dies_at_the_post_office_leaves_it_unknown(clerk: Clerk, mailroom: Mailroom, before: bool) -> None:
    """Whether SES took it or not, it is not sent a second time; after the lease it says that nobody knows."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    with watched(Dying(before)), pytest.raises(Killed):
        mailroom.work_off(clerk.world.deps)
    send_mail(clerk.world.deps, invoice.id, ISSUED)
    assert state_of(invoice) == (MailStatus.SENDING, "")
    clerk.world.pass_time(seconds=int((PATIENCE + LEASE).total_seconds()))
    assert sweep(clerk.world.deps)["MAIL"] == 1
    mailroom.work_off(clerk.world.deps)
    assert state_of(invoice) == (MailStatus.UNKNOWN, "no_answer")
    assert len(mailroom.sent) == (0 if before else 1)
    assert open_mails() == []


def test_a_report_settles_what_was_unknown(clerk: Clerk, mailroom: Mailroom) -> None:
    """A delivery of a mail that was given up shows that it was sent."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    with watched(Dying(is_before=False)), pytest.raises(Killed):
        mailroom.work_off(clerk.world.deps)
    delivered = Report(invoice_id=invoice.id, mail=ISSUED, feedback=Feedback.DELIVERED, reason="", is_final=False)
    note_report(clerk.world.deps, delivered)
    assert state_of(invoice) == (MailStatus.SENT, "")
    assert open_mails() == []


def test_a_lost_message_is_driven_again(clerk: Clerk, mailroom: Mailroom) -> None:
    """A mail whose message got lost is found by the sweep."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    receive_mail_work()
    clerk.world.pass_time(seconds=int(PATIENCE.total_seconds()) + 1)
    sweep(clerk.world.deps)
    mailroom.work_off(clerk.world.deps)
    assert state_of(invoice) == (MailStatus.SENT, "")


@pytest.mark.parametrize(
    "feedback, is_final, on_customer",
    [
        (Feedback.BOUNCED, True, EmailStatus.BOUNCED),
        (Feedback.BOUNCED, False, EmailStatus.OK),
        (Feedback.COMPLAINED, True, EmailStatus.COMPLAINED),
    ],
)
def test_bad_news_is_noted_on_mail_and_customer(
    clerk: Clerk, mailroom: Mailroom, feedback: Feedback, is_final: bool, on_customer: EmailStatus
) -> None:
    """Twice reported is once noted; the next document is not sent to an address that does not work."""
    invoice, following = clerk.invoice(), clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps)
    report = Report(invoice_id=invoice.id, mail=ISSUED, feedback=feedback, reason="5.1.1", is_final=is_final)
    note_report(clerk.world.deps, report)
    version = get_customer("acme").version
    note_report(clerk.world.deps, report)
    assert state_of(invoice) == (MailStatus(feedback), "5.1.1")
    assert (get_customer("acme").email_status, get_customer("acme").version) == (on_customer, version)
    announce(clerk.world.deps, print_paper(following))
    assert (state_of(following)[0] is MailStatus.FAILED) == (on_customer is not EmailStatus.OK)


def test_bad_news_of_an_address_that_was_changed_is_no_longer_the_customers(clerk: Clerk, mailroom: Mailroom) -> None:
    """A late report about the old address says nothing about the new one."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps)
    clerk.world.customer("acme", email="new@acme.example")
    report = Report(invoice_id=invoice.id, mail=ISSUED, feedback=Feedback.BOUNCED, reason="", is_final=True)
    note_report(clerk.world.deps, report)
    assert get_customer("acme").email_status is EmailStatus.OK
    note_report(clerk.world.deps, Report(invoice_id=invoice.id, mail="x", feedback=Feedback.BOUNCED, reason="", is_final=True))


def test_a_mail_is_kept_whole(clerk: Clerk, mailroom: Mailroom) -> None:
    """What SES called it, who handed it over and when are kept."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    mailroom.work_off(clerk.world.deps)
    (mail,) = list_document_mails(invoice.id)
    assert isinstance(mail, Mail)
    assert mail.message_id
    assert mail.attempt
    assert mail.tried_at == clerk.world.now
