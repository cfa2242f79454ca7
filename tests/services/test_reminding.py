"""The daily look: each step of each invoice once, by the customer's day, paused or not; and telling that one became overdue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import pytest

from chalicelib.domain.drafting import InvoiceChanges
from chalicelib.domain.events import EventType
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.mail import MailStatus
from chalicelib.domain.reminders import ReminderStep, ReminderTemplate
from chalicelib.services import reminding
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.reminding import list_reminders, remind_invoice, remind_page
from chalicelib.services.sweep import PATIENCE, sweep
from chalicelib.store.invoices import get_invoice, put_invoice_once
from chalicelib.store.mails import change_mail, list_mails, put_mail_again
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.builders import an_invoice
from tests.support.kills import Killed, killed_at
from tests.support.mailroom import SENDER, Mailroom, print_paper, receive_mail_work
from tests.support.money_in import Clerk

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

UPCOMING, FIRST, SECOND, FINAL = ReminderTemplate
LADDER = tuple(
    ReminderStep(days_after_due=days, template=template)
    for days, template in ((-3, UPCOMING), (7, FIRST), (14, SECOND), (30, FINAL))
)
ISSUE = date(2026, 11, 1)
DUE = date(2026, 11, 15)
DEATHS: tuple[Literal["before", "after"], ...] = ("before", "after")


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A clerk of an operator that reminds in four steps."""
    assert cloud
    clerk = Clerk()
    clerk.world.settings(email_from=SENDER, reminders=LADDER)
    clerk.world.customer("acme", email="ap@acme.example")
    clerk.world.now = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    return clerk


@pytest.fixture
def mailroom(cloud: Cloud) -> Mailroom:
    """A post office that has sent nothing."""
    assert cloud
    return Mailroom().open()


def owed(clerk: Clerk, customer_id: str = "acme") -> Invoice:
    """A printed invoice over 10.00 that is due on 15 November."""
    invoice = clerk.invoice(customer_id=customer_id, invoice_date=ISSUE, due_date=DUE)
    print_paper(invoice)
    return invoice


def on_day(clerk: Clerk, mailroom: Mailroom, days_after_due: int) -> list[str]:
    """The daily look so many days after the due date; subjects of all mails until then."""
    clerk.world.now = datetime(2026, 11, 15, 8, 30, tzinfo=UTC) + timedelta(days_after_due)
    remind_page(clerk.world.deps, clerk.world.now, None)
    mailroom.work_off(clerk.world.deps)
    return mailroom.subjects()


def test_a_month_of_reminders(clerk: Clerk, mailroom: Mailroom) -> None:
    """Looked at every day, an invoice that is never paid brings each step once, on its day."""
    invoice = owed(clerk)
    for day in range(-6, 40):
        on_day(clerk, mailroom, day)
    assert mailroom.subjects() == [
        "Invoice INV-1001 falls due on Nov 15, 2026",
        "Reminder: invoice INV-1001",
        "Second reminder: invoice INV-1001",
        "Final reminder: invoice INV-1001",
    ]
    assert [(each.step, (each.date - DUE).days, each.status) for each in list_reminders(invoice.id)] == [
        (step.template, step.days_after_due, MailStatus.SENT) for step in LADDER
    ]


def test_missed_days_bring_one_mail(clerk: Clerk, mailroom: Mailroom) -> None:
    """After an outage over two steps only the later one is sent, and the earlier one never."""
    owed(clerk)
    assert on_day(clerk, mailroom, 20) == ["Second reminder: invoice INV-1001"]
    assert len(on_day(clerk, mailroom, 21)) == 1


def test_the_same_look_twice_reminds_once(clerk: Clerk, mailroom: Mailroom) -> None:
    """An event that comes twice, with every message delivered twice, sends one mail."""
    owed(clerk)
    clerk.world.now = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    for _ in range(2):
        remind_page(clerk.world.deps, clerk.world.now, None)
    mailroom.work_off(clerk.world.deps, deliveries=2)
    assert mailroom.subjects() == ["Reminder: invoice INV-1001"]


def test_what_is_paid_void_or_credited_is_left_alone(clerk: Clerk, mailroom: Mailroom) -> None:
    """Nobody is reminded of what is not owed, also when it was paid after the look."""
    paid, void, late, free = owed(clerk), owed(clerk), owed(clerk), clerk.invoice("0.00", invoice_date=ISSUE, due_date=DUE)
    clerk.allocate(clerk.payment("10.00"), (paid, "10.00"))
    void_invoice(clerk.world.deps, void.id)
    clerk.world.now = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    remind_invoice(clerk.world.deps, late.id, clerk.world.now)
    clerk.allocate(clerk.payment("10.00"), (late, "10.00"))
    assert on_day(clerk, mailroom, 7) == []
    assert [each.status for each in list_reminders(late.id)] == [MailStatus.DROPPED]
    assert [list_reminders(each.id) for each in (paid, void, free)] == [[], [], []]
    remind_invoice(clerk.world.deps, "acme.20261101.A.none", clerk.world.now)


def test_a_pause_is_per_customer_and_ends(clerk: Clerk, mailroom: Mailroom) -> None:
    """Nothing goes out up to the last day of the pause; the step that is due then comes on the day after."""
    clerk.world.customer("acme", email="ap@acme.example", reminders_paused_until=DUE + timedelta(10))
    clerk.world.customer("beta", email="ap@beta.example")
    owed(clerk)
    owed(clerk, "beta")
    assert on_day(clerk, mailroom, 7) == ["Reminder: invoice INV-1002"]
    assert len(on_day(clerk, mailroom, 10)) == 1
    assert on_day(clerk, mailroom, 11)[1:] == ["Reminder: invoice INV-1001"]


@pytest.mark.parametrize("zone, first_day", [("Pacific/Kiritimati", 6), ("UTC", 7), ("Pacific/Pago_Pago", 8)])
def test_the_customers_own_day_counts(clerk: Clerk, mailroom: Mailroom, zone: str, first_day: int) -> None:
    """At the same instant it is another day elsewhere: far east the step is due earlier, far west later."""
    clerk.world.customer("acme", email="ap@acme.example", timezone=zone)
    owed(clerk)
    clerk.world.settings(reminders=LADDER[1:])
    instants = {6: 12, 7: 8, 8: 8}  # it is tomorrow on Kiritimati at noon UTC, and yesterday on Pago Pago in the morning
    for day in (6, 7, 8):
        clerk.world.now = datetime(2026, 11, 15, instants[day], 30, tzinfo=UTC) + timedelta(day)
        remind_page(clerk.world.deps, clerk.world.now, None)
        mailroom.work_off(clerk.world.deps)
        assert len(mailroom.subjects()) == (1 if day >= first_day else 0)


def test_without_address_the_step_is_noted(clerk: Clerk, mailroom: Mailroom) -> None:
    """The invoice shows that nobody could be reminded."""
    clerk.world.customer("acme", email="")
    invoice = owed(clerk)
    assert on_day(clerk, mailroom, 7) == []
    assert [(each.step, each.status) for each in list_reminders(invoice.id)] == [(FIRST, MailStatus.FAILED)]


def test_a_reminder_without_address_goes_once_there_is_one(clerk: Clerk, mailroom: Mailroom) -> None:
    """What keeps it is noted once; the first look after it is mended sends the step that is due, and it is never sent again."""
    clerk.world.customer("acme", email="")
    invoice = owed(clerk)
    on_day(clerk, mailroom, 7)
    (noted,) = list_mails(invoice.id)
    assert (on_day(clerk, mailroom, 8), list_mails(invoice.id)) == ([], [noted])
    clerk.world.customer("acme", email="ap@acme.example")
    for day in (9, 10, 13):
        assert on_day(clerk, mailroom, day) == ["Reminder: invoice INV-1001"]
    assert [(each.step, (each.date - DUE).days, each.status) for each in list_reminders(invoice.id)] == [
        (FIRST, 9, MailStatus.SENT)
    ]


def test_the_last_step_goes_once_the_settings_are_mended(clerk: Clerk, mailroom: Mailroom) -> None:
    """A deployment without a sender uses up no reminder."""
    clerk.world.settings(email_from="", reminders=LADDER)
    invoice = owed(clerk)
    assert on_day(clerk, mailroom, 30) == []
    assert [(mail.status, mail.reason) for mail in list_mails(invoice.id)] == [(MailStatus.FAILED, "no_sender")]
    clerk.world.settings(email_from=SENDER, reminders=LADDER)
    assert [on_day(clerk, mailroom, day) for day in (31, 32)] == [["Final reminder: invoice INV-1001"]] * 2


def dropped_as_paid(clerk: Clerk, mailroom: Mailroom) -> Invoice:
    """An invoice whose first reminder was dropped, for it was paid after the look; then the payment bounced."""
    invoice = owed(clerk)
    clerk.world.now = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
    allocated = clerk.allocate(clerk.payment("10.00"), (invoice, "10.00"))
    mailroom.work_off(clerk.world.deps)
    assert [(mail.status, mail.reason) for mail in list_mails(invoice.id)] == [(MailStatus.DROPPED, "paid")]
    reverse_allocation(clerk.world.deps, invoice.id, allocated.rows[0].id, None)
    return invoice


def test_a_payment_that_bounces_brings_the_reminder_back(clerk: Clerk, mailroom: Mailroom) -> None:
    """A mail that was dropped reminded nobody."""
    dropped_as_paid(clerk, mailroom)
    assert [on_day(clerk, mailroom, day) for day in (8, 13)] == [["Reminder: invoice INV-1001"]] * 2


def test_a_pause_that_ends_brings_the_reminder_back(clerk: Clerk, mailroom: Mailroom) -> None:
    """A mail that was dropped as its customer was paused after the look, goes on the day after the pause."""
    invoice = owed(clerk)
    clerk.world.now = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
    clerk.world.customer("acme", email="ap@acme.example", reminders_paused_until=DUE + timedelta(10))
    mailroom.work_off(clerk.world.deps)
    assert [(mail.status, mail.reason) for mail in list_mails(invoice.id)] == [(MailStatus.DROPPED, "paused")]
    assert [len(on_day(clerk, mailroom, day)) for day in (10, 11, 12)] == [0, 1, 1]


def test_what_was_handed_over_is_not_queued_again(clerk: Clerk, mailroom: Mailroom) -> None:
    """A mail that SES refused, or that may have been taken, used its step up; also for a look that read it just before."""
    invoice = dropped_as_paid(clerk, mailroom)
    (dropped,) = list_mails(invoice.id)
    on_day(clerk, mailroom, 8)
    (sent,) = list_mails(invoice.id)
    for status in (MailStatus.FAILED, MailStatus.UNKNOWN):
        tried = replace(sent, status=status, reason="refused")
        assert change_mail(sent, tried)
        assert put_mail_again(replace(dropped, status=status), dropped, clerk.world.now) == tried
        assert len(on_day(clerk, mailroom, 9)) == 1
        sent = tried


def test_a_reminder_queued_again_survives_every_death(clerk: Clerk, mailroom: Mailroom) -> None:
    """Wherever the second look dies, the next ones and the sweep send the mail once."""
    for at in range(1, 10):
        for side in DEATHS:
            invoice = dropped_as_paid(clerk, mailroom.open())
            with killed_at(at, side) as kill, suppress(Killed):
                remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
            clerk.world.pass_time(seconds=int(PATIENCE.total_seconds()) + 1)
            sweep(clerk.world.deps)
            remind_invoice(clerk.world.deps, invoice.id, clerk.world.now)
            mailroom.work_off(clerk.world.deps)
            assert len(mailroom.sent) == 1
        if kill.writes < at:
            return
    pytest.fail("more writes than expected")


def test_many_invoices_go_page_by_page(clerk: Clerk, mailroom: Mailroom) -> None:
    """A message looks at one page and brings the next about, so none runs long."""
    for number in range(reminding.PAGE + 1):
        invoice = an_invoice(id=f"gone.20261115.A.{number}", customer_id="gone", status=InvoiceStatus.ISSUED)
        put_invoice_once(invoice, 1)
    clerk.world.now = datetime(2026, 12, 6, 8, 30, tzinfo=UTC)
    remind_page(clerk.world.deps, clerk.world.now, None)
    assert mailroom.work_off(clerk.world.deps) == reminding.PAGE + 2


@dataclass(slots=True)
class Told(Watcher):
    """What the event bus is told; when deadly, whoever tells dies of it."""

    events: list[str] = field(default_factory=list)
    is_deadly: bool = False

    def before(self, call: Call) -> None:
        """Keep what is told."""
        if call.operation == "PutEvents":
            self.events.append(str(call.request["body"]))

    def after(self, call: Call, parsed: dict[str, object]) -> None:
        """Die of having told."""
        del parsed
        if self.is_deadly and call.operation == "PutEvents":
            raise Killed


@pytest.fixture
def told() -> Iterator[Told]:
    """What the bus is told during the test."""
    watcher = Told()
    with watched(watcher):
        yield watcher


def test_others_are_told_once_that_an_invoice_is_overdue(clerk: Clerk, mailroom: Mailroom, told: Told) -> None:
    """On the first day after the due date, whether or not anybody is reminded, and never again."""
    clerk.world.settings(reminders=())
    invoice = owed(clerk)
    for day in range(-2, 4):
        on_day(clerk, mailroom, day)
        assert len(told.events) == (1 if day > 0 else 0)
    assert EventType.INVOICE_OVERDUE in told.events[0]
    assert invoice.id in told.events[0]
    assert mailroom.sent == []


def due_on(invoice: Invoice, day: date) -> ChangeInvoice:
    """A change of nothing but the due date."""
    return ChangeInvoice(invoice_id=invoice.id, version=None, changes=InvoiceChanges(due_date=day))


def test_others_are_told_again_of_a_due_date_that_was_moved(clerk: Clerk, mailroom: Mailroom, told: Told) -> None:
    """Once when the first due date passes, once when the new one does, as another event; never again of a date told before."""
    clerk.world.settings(reminders=())
    invoice = owed(clerk)
    on_day(clerk, mailroom, 1)
    change_invoice(clerk.world.deps, due_on(invoice, DUE + timedelta(10)))
    for day in range(2, 14):
        on_day(clerk, mailroom, day)
        assert len(told.events) == (1 if day <= 10 else 2)
    assert f"invoice.overdue:{invoice.id}:{invoice.version}" in told.events[0]
    assert f"invoice.overdue:{invoice.id}:{get_invoice(invoice.id).version}" in told.events[1]
    change_invoice(clerk.world.deps, due_on(invoice, DUE))
    on_day(clerk, mailroom, 14)
    assert len(told.events) == 2


def test_whoever_died_while_telling_tells_the_same_again(clerk: Clerk, told: Told) -> None:
    """The event has the id it had before, though the invoice was partly paid meanwhile."""
    invoice = owed(clerk)
    at = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
    told.is_deadly = True
    with pytest.raises(Killed):
        remind_invoice(clerk.world.deps, invoice.id, at)
    told.is_deadly = False
    clerk.allocate(clerk.payment("4.00"), (invoice, "4.00"))
    told.events.clear()
    for _ in range(2):
        remind_invoice(clerk.world.deps, invoice.id, at)
    assert len(told.events) == 1
    assert f"invoice.overdue:{invoice.id}:{invoice.version}" in told.events[0]
    assert get_invoice(invoice.id).version >= invoice.version


def test_an_empty_deployment_has_nothing_to_remind_of(clerk: Clerk) -> None:
    """No invoices, no messages."""
    remind_page(clerk.world.deps, clerk.world.now, None)
    assert receive_mail_work() == []
