"""Webhooks and mails go their own ways: what a slow receiver holds up is webhooks alone. Batches are told cheaply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.mail import ISSUED, MailStatus
from chalicelib.services.event_listeners import announce
from chalicelib.store.mails import find_mail
from tests.support.aws_calls import counted
from tests.support.mailroom import SENDER, Mailroom, print_paper
from tests.support.money_in import Clerk
from tests.support.notices import PostOffice, an_event, receive_notices
from tests.support.receiver import receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cloud import Cloud


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk of an operator that sends mails, with a customer that wants them."""
    assert cloud
    clerk = Clerk()
    Mailroom().open()
    clerk.world.settings(email_from=SENDER)
    clerk.world.customer("acme", email="ap@acme.example", email_invoices=True)
    return clerk


@pytest.fixture
def office(clerk: Clerk) -> Iterator[PostOffice]:
    """A post office with two endpoints at one receiver."""
    with receiving() as receiver:
        office = PostOffice(clerk.world, receiver)
        for name in ("one", "two"):
            office.endpoint(description=name)
        yield office


def test_mails_leave_while_webhooks_wait(clerk: Clerk, office: PostOffice) -> None:
    """Nobody works the webhooks off, as if each took its fifteen seconds; the mail that was queued behind them is sent."""
    announce(office.deps, [an_event(subject=f"acme.20261101.A.{place}") for place in range(5)])
    invoice = clerk.invoice()
    announce(office.deps, [print_paper(invoice)])
    assert Mailroom().work_off(clerk.world.deps) == 1
    mail = find_mail(invoice.id, ISSUED)
    assert mail is not None
    assert mail.status is MailStatus.SENT
    assert office.receiver.received == []
    assert {message["type"] for message in receive_notices()} == {"deliver_webhook"}


def test_endpoints_are_read_once_for_a_batch(office: PostOffice) -> None:
    """Five events to two endpoints: one look at the endpoints, a delivery each, and ten messages in one call."""
    events = [an_event(subject=f"acme.20261101.A.{place}") for place in range(5)]
    with counted() as calls:
        announce(office.deps, events)
    assert {name: calls[name] for name in ("Query", "PutItem", "SendMessageBatch")} == {
        "Query": 1,
        "PutItem": 10,
        "SendMessageBatch": 1,
    }
    office.work_off()
    assert len(office.receiver.received) == 10
    with counted() as calls:
        announce(office.deps, [])
    assert calls == {}
