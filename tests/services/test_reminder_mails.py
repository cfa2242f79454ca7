"""The letter that goes along with the mail of a reminder: drawn once it is queued, waited for, never in the way of the mail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.drafting import InvoiceChanges
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import MailStatus, reminder_name
from chalicelib.domain.reminders import ReminderStep, ReminderTemplate
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.mail_enclosures import LETTER_PATIENCE, MAX_ATTACHMENTS
from chalicelib.services.mail_sending import send_mail
from chalicelib.services.mailing import send_by_hand
from chalicelib.services.reminder_letters import find_letter, render_letter
from chalicelib.services.reminding import remind_invoice
from chalicelib.store import objects
from chalicelib.store.mails import find_mail
from chalicelib.store.objects import PaperKind
from tests.support.mailroom import LETTER, PDF, SENDER, Mailroom, attached_names, print_letters, print_paper

if TYPE_CHECKING:
    from tests.support.money_in import Clerk

FIRST = ReminderTemplate.FIRST
NAME = reminder_name(FIRST)
NAMES = ["reminder-INV-1001-first-2026-11-22.pdf", "INV-1001.pdf"]


@pytest.fixture
def mailroom(clerk: Clerk) -> Mailroom:
    """An empty post office, seven days after the due date of a customer who is reminded on that day."""
    clerk.world.settings(email_from=SENDER, reminders=(ReminderStep(days_after_due=7, template=FIRST),))
    clerk.world.customer("acme", email="ap@acme.example")
    clerk.world.now = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    return Mailroom().open()


def reminded(clerk: Clerk, pdf: bytes = PDF) -> Invoice:
    """An invoice whose first reminder is queued."""
    invoice = clerk.invoice(invoice_date=date(2026, 11, 1), due_date=date(2026, 11, 15))
    print_paper(invoice, pdf)
    remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
    return invoice


def letters() -> list[str]:
    """Digests of the letters that were asked for."""
    keys = objects.list_keys("documents/reminders/")
    return [digest for key in keys if (digest := objects.parse_paper_key(PaperKind.REMINDERS, key))]


def status(invoice: Invoice) -> MailStatus | None:
    """How far the reminder is."""
    mail = find_mail(invoice.id, NAME)
    return mail.status if mail else None


def test_a_reminder_brings_its_letter_and_the_invoice(clerk: Clerk, mailroom: Mailroom) -> None:
    """The letter first; it is the one that the API gives on that day, so it is drawn once for both."""
    invoice = reminded(clerk)
    mailroom.work_off(clerk.world.deps)
    [message] = mailroom.sent
    assert attached_names(message) == NAMES
    assert [part.get_content() for part in message.iter_attachments()] == [LETTER, PDF]
    assert find_letter(clerk.world.deps, invoice.id, FIRST).url is not None
    assert len(letters()) == 1


def test_the_letter_is_drawn_from_what_was_frozen(clerk: Clerk, mailroom: Mailroom) -> None:
    """The storage event of the frozen letter makes the PDF that the mail brings."""
    invoice = reminded(clerk)
    [digest] = letters()
    render_letter(clerk.world.deps, objects.paper_key(PaperKind.REMINDERS, digest))
    send_mail(clerk.world.deps, invoice.id, NAME)
    letter, _ = mailroom.sent[0].iter_attachments()
    assert letter.get_content().startswith(b"%PDF-1.7")


def test_a_reminder_waits_for_its_letter_but_not_for_ever(clerk: Clerk, mailroom: Mailroom) -> None:
    """While it is drawn the mail stays queued; after a while it leaves without, and once."""
    invoice = reminded(clerk)
    clerk.world.now += LETTER_PATIENCE - timedelta(seconds=1)
    send_mail(clerk.world.deps, invoice.id, NAME)
    assert (status(invoice), mailroom.sent) == (MailStatus.QUEUED, [])
    clerk.world.now += timedelta(seconds=1)
    for _ in range(2):
        send_mail(clerk.world.deps, invoice.id, NAME)
    assert [attached_names(message) for message in mailroom.sent] == [NAMES[1:]]


def test_a_letter_that_cannot_be_drawn_holds_nothing_up(clerk: Clerk, mailroom: Mailroom) -> None:
    """The mail leaves at once, with the invoice alone."""
    invoice = reminded(clerk)
    [digest] = letters()
    objects.put_object(objects.paper_failure_key(PaperKind.REMINDERS, digest), b"too large")
    send_mail(clerk.world.deps, invoice.id, NAME)
    assert [attached_names(message) for message in mailroom.sent] == [NAMES[1:]]


def test_a_letter_goes_along_with_what_is_due_now(clerk: Clerk, mailroom: Mailroom) -> None:
    """Money that came in meanwhile makes another letter, which the mail waits for."""
    invoice = reminded(clerk)
    print_letters()
    clerk.allocate(clerk.payment("4.00"), (invoice, "4.00"))
    send_mail(clerk.world.deps, invoice.id, NAME)
    assert (status(invoice), len(letters())) == (MailStatus.QUEUED, 2)
    mailroom.work_off(clerk.world.deps)
    assert [attached_names(message) for message in mailroom.sent] == [NAMES]


def test_a_reminder_that_fits_the_day_no_more_has_no_letter(clerk: Clerk, mailroom: Mailroom) -> None:
    """A due date that was moved on: the mail leaves as it did before there were letters."""
    invoice = reminded(clerk)
    change = ChangeInvoice(invoice_id=invoice.id, version=1, changes=InvoiceChanges(due_date=date(2026, 12, 1)))
    print_paper(change_invoice(clerk.world.deps, change))
    send_mail(clerk.world.deps, invoice.id, NAME)
    assert [attached_names(message) for message in mailroom.sent] == [NAMES[1:]]


@pytest.mark.parametrize("extra, names", [(0, NAMES), (1, NAMES[:1])])
def test_both_together_are_not_too_large(clerk: Clerk, mailroom: Mailroom, extra: int, names: list[str]) -> None:
    """Of what is too large together the letter goes along."""
    reminded(clerk, b"%" * (MAX_ATTACHMENTS - len(LETTER) + extra))
    mailroom.work_off(clerk.world.deps)
    assert attached_names(mailroom.sent[0]) == names


def test_other_mails_ask_for_no_letter(clerk: Clerk, mailroom: Mailroom) -> None:
    """What is mailed by hand brings the invoice; a reminder that cannot leave has no letter drawn."""
    invoice = clerk.invoice(invoice_date=date(2026, 11, 1), due_date=date(2026, 11, 15))
    print_paper(invoice)
    send_by_hand(clerk.world.deps, invoice.id, None)
    mailroom.work_off(clerk.world.deps)
    assert [attached_names(message) for message in mailroom.sent] == [NAMES[1:]]
    clerk.world.customer("bolt", email="")
    silent = clerk.invoice(customer_id="bolt", invoice_date=date(2026, 11, 1), due_date=date(2026, 11, 15))
    remind_invoice(clerk.world.deps, silent.id, clerk.world.now)
    assert (status(silent), letters()) == (MailStatus.FAILED, [])
