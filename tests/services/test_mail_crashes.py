"""Processes that die at every write on the way of a mail: it is sent once, or nobody knows; never lost, and never sent twice."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import pytest

from chalicelib.domain.events import Event
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import MailStatus
from chalicelib.services.mail_sending import LEASE
from chalicelib.services.mailing import announce, list_document_mails
from chalicelib.services.sweep import PATIENCE, sweep
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
