"""Customers with several addresses: each gets a mail of its own, once, and what goes wrong at one is nothing to the others."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.customer import AddressTrouble, EmailStatus
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import Feedback, MailStatus
from chalicelib.domain.reminders import ReminderStep, ReminderTemplate
from chalicelib.services.customers import update_customer
from chalicelib.services.mail_reports import Report, note_report
from chalicelib.services.mail_sending import LEASE
from chalicelib.services.mailing import announce, list_document_mails, send_by_hand
from chalicelib.services.reminding import list_reminders, remind_invoice
from chalicelib.services.sweep import PATIENCE, sweep
from chalicelib.store.customers import get_customer
from tests.support.kills import Killed, killed_at
from tests.support.mailroom import SENDER, Mailroom, print_paper
from tests.support.money_in import Clerk

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

AP, CFO, BOSS = "ap@acme.example", "cfo@acme.example", "boss@acme.example"


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk of an operator that sends mails; its customer has three addresses."""
    assert cloud
    clerk = Clerk()
    Mailroom().open()
    clerk.world.settings(email_from=SENDER, reminders=(ReminderStep(days_after_due=7, template=ReminderTemplate.FIRST),))
    clerk.world.customer("acme", email=AP, email_cc=(CFO, BOSS), email_invoices=True)
    return clerk


def change(clerk: Clerk, **changes: Any) -> None:
    """Change the customer as the API does."""
    update_customer(clerk.world.deps, "acme", changes, None)


def receivers() -> list[str]:
    """Who got a mail, one entry a mail."""
    return sorted(message["To"].addresses[0].addr_spec for message in Mailroom().sent)


def sent_document(clerk: Clerk) -> Invoice:
    """An invoice that was mailed by itself, told twice and delivered twice."""
    invoice = clerk.invoice()
    for _ in range(2):
        announce(clerk.world.deps, print_paper(invoice))
    Mailroom().work_off(clerk.world.deps, deliveries=2)
    return invoice


def bounce(clerk: Clerk, invoice: Invoice, address: str, feedback: Feedback = Feedback.BOUNCED) -> None:
    """SES reports, twice, that nothing will arrive there."""
    [mail] = [mail for mail in list_document_mails(invoice.id) if mail.to == address]
    for _ in range(2):
        note_report(
            clerk.world.deps, Report(invoice_id=invoice.id, mail=mail.name, feedback=feedback, reason="5.1.1", is_final=True)
        )


def states(invoice: Invoice) -> dict[str, tuple[MailStatus, str]]:
    """How far the mail to each address is, and why."""
    return {mail.to: (mail.status, mail.reason) for mail in list_document_mails(invoice.id)}


def test_each_address_gets_a_mail_of_its_own_once(clerk: Clerk) -> None:
    """Nobody sees the others' addresses."""
    invoice = sent_document(clerk)
    assert receivers() == [AP, BOSS, CFO]
    assert all(message["Cc"] is None for message in Mailroom().sent)
    assert set(states(invoice).values()) == {(MailStatus.SENT, "")}


def test_one_address_that_bounces_stops_no_other(clerk: Clerk) -> None:
    """It is noted at that address; the next document goes to the rest, until it is taken out and given again."""
    bounce(clerk, sent_document(clerk), CFO)
    customer = get_customer("acme")
    assert customer.email_status is EmailStatus.OK
    assert customer.email_cc_troubles == (AddressTrouble(address=CFO, status=EmailStatus.BOUNCED),)
    Mailroom().open()
    following = sent_document(clerk)
    assert receivers() == [AP, BOSS]
    assert states(following)[CFO] == (MailStatus.FAILED, "address_bounced")
    change(clerk, email_cc=(CFO, BOSS))
    assert get_customer("acme").email_cc_troubles == customer.email_cc_troubles
    change(clerk, email_cc=(BOSS,))
    change(clerk, email_cc=(CFO, BOSS))
    Mailroom().open()
    sent_document(clerk)
    assert receivers() == [AP, BOSS, CFO]


def test_the_main_address_that_bounces_stops_no_copy(clerk: Clerk) -> None:
    """A complaint of the first is not one of the others."""
    bounce(clerk, sent_document(clerk), AP, Feedback.COMPLAINED)
    assert get_customer("acme").email_status is EmailStatus.COMPLAINED
    Mailroom().open()
    sent_document(clerk)
    assert receivers() == [BOSS, CFO]


def test_an_address_that_was_taken_out_gets_nothing_more(clerk: Clerk) -> None:
    """Not even what waited for it; and one that is put in gets no old documents."""
    invoice = clerk.invoice()
    announce(clerk.world.deps, print_paper(invoice))
    change(clerk, email_cc=(BOSS, "new@acme.example"))
    announce(clerk.world.deps, print_paper(invoice))
    Mailroom().work_off(clerk.world.deps)
    assert receivers() == [AP, BOSS]
    assert states(invoice)[CFO] == (MailStatus.DROPPED, "address_removed")


def test_by_hand_all_get_it_or_the_one_that_is_named(clerk: Clerk) -> None:
    """Without an address the mail goes to all of the customer's; with one, to that alone."""
    invoice = clerk.invoice()
    print_paper(invoice)
    assert send_by_hand(clerk.world.deps, invoice.id, None).to == AP
    Mailroom().work_off(clerk.world.deps)
    assert receivers() == [AP, BOSS, CFO]
    send_by_hand(clerk.world.deps, invoice.id, BOSS)
    Mailroom().work_off(clerk.world.deps)
    assert receivers() == [AP, BOSS, BOSS, CFO]


def remind(clerk: Clerk, invoice: Invoice) -> None:
    """The daily look, and what it queued."""
    remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
    Mailroom().work_off(clerk.world.deps)


def test_reminders_go_to_all_once(clerk: Clerk) -> None:
    """The step counts once, by the customer's own address; what did not leave while it was paused leaves afterwards."""
    invoice = clerk.invoice()
    print_paper(invoice)
    clerk.world.pass_time(days=22)
    remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
    change(clerk, reminders_paused_until=clerk.world.now.date())
    Mailroom().work_off(clerk.world.deps)
    assert receivers() == []
    assert set(states(invoice).values()) == {(MailStatus.DROPPED, "paused")}
    for _ in range(3):
        clerk.world.pass_time(days=1)
        remind(clerk, invoice)
    assert receivers() == [AP, BOSS, CFO]
    assert [each.step for each in list_reminders(invoice.id)] == [ReminderTemplate.FIRST]


def test_a_main_address_that_bounced_keeps_no_reminder_from_the_others(clerk: Clerk) -> None:
    """They are reminded once, though the main one is tried again each day; once mended, it gets its own."""
    clerk.world.customer("acme", email=AP, email_cc=(CFO,), email_status=EmailStatus.BOUNCED)
    invoice = clerk.invoice()
    print_paper(invoice)
    clerk.world.pass_time(days=22)
    for _ in range(3):
        remind(clerk, invoice)
    assert receivers() == [CFO]
    change(clerk, email=AP)
    remind(clerk, invoice)
    assert receivers() == [AP, CFO]


def play(clerk: Clerk, at: int) -> tuple[int, list[str], set[MailStatus]]:
    """Die before that write, then recover: how many writes there were, who got a mail, how the mails ended."""
    Mailroom().open()
    invoice = clerk.invoice()
    event = print_paper(invoice)
    with killed_at(at, "before") as kill, suppress(Killed):
        announce(clerk.world.deps, event)
    announce(clerk.world.deps, event)
    Mailroom().work_off(clerk.world.deps)
    clerk.world.pass_time(seconds=int((PATIENCE + LEASE).total_seconds()))
    sweep(clerk.world.deps)
    Mailroom().work_off(clerk.world.deps)
    return kill.writes, receivers(), {status for status, _reason in states(invoice).values()}


@pytest.mark.parametrize("at", range(1, 7))
def test_copies_survive_every_death(clerk: Clerk, at: int) -> None:
    """Wherever queueing them dies: each address gets its mail exactly once."""
    assert play(clerk, 0)[0] == 6
    assert play(clerk, at)[1:] == ([AP, BOSS, CFO], {MailStatus.SENT})
