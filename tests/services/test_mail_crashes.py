"""Deaths, races and silence on the way of a mail: it is sent once, or nobody knows; never lost, and never sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Event
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import ISSUED, Feedback, MailStatus
from chalicelib.services.mail_reports import Report, note_report
from chalicelib.services.mail_sending import LEASE, send_mail
from chalicelib.services.mailing import announce, list_document_mails
from chalicelib.services.sweep import PATIENCE, sweep
from chalicelib.store.mails import change_mail, put_mail_again
from chalicelib.store.overdue import OverdueMark, mark_overdue
from tests.support.aws_calls import Call, Watcher, meanwhile, watched
from tests.support.builders import TODAY
from tests.support.kills import Killed, killed_at
from tests.support.mailroom import SENDER, Mailroom, print_paper
from tests.support.money_in import Clerk

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

MOST = 30
"""More writes than a mail takes."""


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk of an operator that sends mails, with a customer that wants them."""
    assert cloud
    clerk = Clerk()
    Mailroom().open()
    clerk.world.settings(email_from=SENDER)
    clerk.world.customer("acme", email="ap@acme.example", email_invoices=True)
    return clerk


def send(clerk: Clerk, event: Event) -> None:
    """The whole way of a mail: the event, and what is in the queue."""
    announce(clerk.world.deps, event)
    Mailroom().work_off(clerk.world.deps)


def recover(clerk: Clerk, event: Event) -> None:
    """The event comes again; then the sweep, as often as it takes."""
    send(clerk, event)
    for _ in range(2):
        clerk.world.pass_time(seconds=int((PATIENCE + LEASE).total_seconds()))
        sweep(clerk.world.deps)
        Mailroom().work_off(clerk.world.deps)


def play(clerk: Clerk, at: int, side: Literal["before", "after"]) -> tuple[int, MailStatus, int]:
    """Die at that write, then recover: how many writes there were, how the mail ended, how often it was sent."""
    mailroom = Mailroom().open()
    invoice: Invoice = clerk.invoice()
    event = print_paper(invoice)
    with killed_at(at, side) as kill, suppress(Killed):
        send(clerk, event)
    recover(clerk, event)
    (mail,) = list_document_mails(invoice.id)
    return kill.writes, mail.status, len(mailroom.sent)


def test_a_mail_survives_every_death(clerk: Clerk) -> None:
    """Wherever the process dies: sent exactly once, or unknown and sent at most once."""
    writes, status, count = play(clerk, 0, "before")
    assert (status, count) == (MailStatus.SENT, 1)
    assert writes < MOST
    ends = [play(clerk, at, side)[1:] for at in range(1, writes + 1) for side in ("before", "after")]
    assert set(ends) == {(MailStatus.SENT, 1), (MailStatus.UNKNOWN, 0), (MailStatus.UNKNOWN, 1)}
    assert [status for status, _count in ends].count(MailStatus.UNKNOWN) == 4  # after the attempt, around SES, before the result


@dataclass(slots=True)
class Silence(Watcher):
    """SES is not reached, or its answers get lost."""

    takes: bool

    def on_wire(self, call: Call, request: Any, send: Callable[[], Any]) -> Any:
        """Fail every try."""
        if call.operation != "SendEmail":
            return send()
        if not self.takes:
            raise ConnectTimeoutError(endpoint_url=request.url)
        send()
        raise ReadTimeoutError(endpoint_url=request.url)


@pytest.mark.parametrize("takes, status", [(False, MailStatus.QUEUED), (True, MailStatus.UNKNOWN)])
def test_a_silent_post_office(clerk: Clerk, monkeypatch: pytest.MonkeyPatch, takes: bool, status: MailStatus) -> None:
    """A mail that was surely not taken waits for the sweep and leaves then; one that may have been taken never leaves again."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    mailroom, invoice = Mailroom().open(), clerk.invoice()
    event = print_paper(invoice)
    with watched(Silence(takes)):
        send(clerk, event)
    assert [mail.status for mail in list_document_mails(invoice.id)] == [status]
    recover(clerk, event)
    assert len(mailroom.sent) == 1


def test_two_workers_send_one_mail(clerk: Clerk) -> None:
    """Whoever notes the attempt first sends; the other, one step behind, does nothing."""
    mailroom, invoice = Mailroom().open(), clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    with meanwhile("TransactWriteItems", 1, lambda: send_mail(clerk.world.deps, invoice.id, ISSUED)):
        send_mail(clerk.world.deps, invoice.id, ISSUED)
    send_mail(clerk.world.deps, invoice.id, ISSUED)
    send_mail(clerk.world.deps, invoice.id, "never heard of")
    assert len(mailroom.sent) == 1


def test_a_report_that_meets_a_change_comes_again(clerk: Clerk) -> None:
    """A bounce while the mail is being changed is not lost: the event is refused, and repeated."""
    invoice = clerk.invoice()
    send(clerk, print_paper(invoice))
    bounced, complained = (
        Report(invoice_id=invoice.id, mail=ISSUED, feedback=feedback, reason="", is_final=False)
        for feedback in (Feedback.BOUNCED, Feedback.COMPLAINED)
    )
    with (
        meanwhile("TransactWriteItems", 1, lambda: note_report(clerk.world.deps, complained)),
        pytest.raises(Unavailable),
    ):
        note_report(clerk.world.deps, bounced)
    note_report(clerk.world.deps, bounced)
    assert [mail.status for mail in list_document_mails(invoice.id)] == [MailStatus.COMPLAINED]


def test_an_obstacle_found_late_hides_no_attempt(clerk: Clerk) -> None:
    """Whoever finds that a mail cannot leave, while another handed it over and got no answer, leaves it unknown."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    (mail,) = list_document_mails(invoice.id)
    tried = replace(mail, status=MailStatus.UNKNOWN, tried_at=clerk.world.now, reason="no_answer")
    clerk.world.settings(email_from="")
    with meanwhile("TransactWriteItems", 1, lambda: change_mail(mail, tried)):
        send_mail(clerk.world.deps, invoice.id, ISSUED)
    assert list_document_mails(invoice.id) == [tried]


def test_a_late_message_takes_no_mail_from_the_sweep(clerk: Clerk) -> None:
    """It finds a mail that failed, which is queued again before it cleans up: the sweep still has it sent."""
    mailroom, invoice = Mailroom().open(), clerk.invoice()
    clerk.world.settings(email_from="")
    send(clerk, print_paper(invoice))
    (failed,) = list_document_mails(invoice.id)
    queued = replace(failed, status=MailStatus.QUEUED, reason="")
    with meanwhile("TransactWriteItems", 1, lambda: put_mail_again(failed, queued, clerk.world.now)):
        send_mail(clerk.world.deps, invoice.id, ISSUED)
    clerk.world.settings(email_from=SENDER)
    clerk.world.pass_time(seconds=int(PATIENCE.total_seconds()) + 1)
    sweep(clerk.world.deps)
    mailroom.work_off(clerk.world.deps)
    assert len(mailroom.sent) == 1


def test_two_looks_at_once_mark_an_invoice_once(clerk: Clerk) -> None:
    """The second finds the mark of the first, with its version."""
    invoice = clerk.invoice()
    with meanwhile("PutItem", 1, lambda: mark_overdue(invoice.id, TODAY, 1)):
        assert mark_overdue(invoice.id, TODAY, 2) == OverdueMark(TODAY, 1, is_told=False)
