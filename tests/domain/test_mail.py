"""When a mail is wanted, what keeps it from leaving, and what reports about it change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.customer import AddressTrouble, EmailStatus
from chalicelib.domain.customer_rules import with_address_trusted
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.mail import (
    BY_HAND,
    FRESH,
    ISSUED,
    Feedback,
    Mail,
    MailStatus,
    apply_feedback,
    find_obstacle,
    is_wanted,
    may_remind,
    reminder_name,
)
from chalicelib.domain.mail_addresses import copy_name
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.domain.settings_rules import validate_settings
from tests.support.builders import NOW, TODAY, a_customer, an_invoice, settings


def a_mail(**fields: Any) -> Mail:
    """The mail that brings an issued invoice."""
    base = Mail(invoice_id="acme.20261115.A.1", name=ISSUED, to="ap@acme.example", created_at=NOW, date=TODAY)
    return replace(base, **fields)


def issued(**fields: Any) -> Invoice:
    """An issued invoice of 12.00."""
    return an_invoice(status=InvoiceStatus.ISSUED, **fields)


REMINDER = a_mail(name=reminder_name(ReminderTemplate.FIRST), reminder=ReminderTemplate.FIRST)
CFO = "cfo@acme.example"
COPY_TO_CFO = a_mail(name=copy_name(ISSUED, CFO), to=CFO)
BOUNCED_CFO = {"email_cc": (CFO,), "email_cc_troubles": (AddressTrouble(address=CFO, status=EmailStatus.BOUNCED),)}


def test_only_customers_who_ask_get_new_documents() -> None:
    """A document is mailed by itself when it was issued lately and its customer wants mails."""
    asking = a_customer(email_invoices=True)
    assert is_wanted(issued(), asking, NOW + FRESH)
    assert not is_wanted(issued(), a_customer(), NOW)
    assert not is_wanted(issued(), asking, NOW + FRESH + timedelta(seconds=1))
    assert not is_wanted(an_invoice(), asking, NOW)
    assert not is_wanted(an_invoice(status=InvoiceStatus.VOID), asking, NOW)
    assert not is_wanted(issued(issued_at=None), asking, NOW)


@pytest.mark.parametrize(
    "mail, invoice, customer, expected",
    [
        (a_mail(), issued(), {}, None),
        (a_mail(), issued(), {"reminders_paused_until": TODAY}, None),
        (a_mail(), issued(amount_paid=Decimal("12.00")), {}, None),
        (a_mail(), an_invoice(status=InvoiceStatus.VOID), {}, (MailStatus.DROPPED, "void")),
        (a_mail(to=""), issued(), {}, (MailStatus.FAILED, "no_address")),
        (a_mail(), issued(), {"email_status": EmailStatus.BOUNCED}, (MailStatus.FAILED, "address_bounced")),
        (a_mail(), issued(), {"email_status": EmailStatus.COMPLAINED}, (MailStatus.FAILED, "address_complained")),
        (a_mail(name=f"{BY_HAND}1"), issued(), {"email_status": EmailStatus.BOUNCED}, None),
        (COPY_TO_CFO, issued(), {"email_cc": (CFO,)}, None),
        (COPY_TO_CFO, issued(), {"email_cc": (CFO,), "email_status": EmailStatus.BOUNCED}, None),
        (COPY_TO_CFO, issued(), {"email": CFO}, None),
        (COPY_TO_CFO, issued(), {"email_cc": ("other@acme.example",)}, (MailStatus.DROPPED, "address_removed")),
        (COPY_TO_CFO, issued(), BOUNCED_CFO, (MailStatus.FAILED, "address_bounced")),
        (a_mail(), issued(), BOUNCED_CFO, None),
        (a_mail(name=copy_name(f"{BY_HAND}1", CFO), to=CFO), issued(), BOUNCED_CFO, (MailStatus.FAILED, "address_bounced")),
        (a_mail(name=f"{BY_HAND}1", to=CFO), issued(), BOUNCED_CFO, None),
        (REMINDER, issued(), {}, None),
        (REMINDER, issued(amount_paid=Decimal("12.00")), {}, (MailStatus.DROPPED, "paid")),
        (REMINDER, issued(), {"reminders_paused_until": TODAY}, (MailStatus.DROPPED, "paused")),
        (REMINDER, issued(), {"reminders_paused_until": TODAY - timedelta(days=1)}, None),
    ],
)
def test_what_keeps_a_mail_from_leaving(
    mail: Mail, invoice: Invoice, customer: dict[str, Any], expected: tuple[MailStatus, str] | None
) -> None:
    """The document, the address and the pause are looked at once more before a mail leaves."""
    assert find_obstacle(mail, invoice, a_customer(**{"email": "ap@acme.example", **customer}), TODAY) == expected


@pytest.mark.parametrize("status", list(MailStatus))
def test_a_mail_that_ended_without_an_attempt_never_left(status: MailStatus) -> None:
    """It failed or was dropped before anybody handed it over; what was refused by the mail service had been handed over."""
    assert a_mail(status=status).never_left == (status in {MailStatus.FAILED, MailStatus.DROPPED})
    assert not a_mail(status=status, tried_at=NOW).never_left


def test_who_is_reminded() -> None:
    """Issued invoices that are owed, unless the customer's reminders are paused."""
    assert may_remind(issued(), a_customer(), TODAY)
    assert not may_remind(an_invoice(), a_customer(), TODAY)
    assert not may_remind(an_invoice(status=InvoiceStatus.VOID), a_customer(), TODAY)
    assert not may_remind(issued(kind=InvoiceKind.CREDIT_NOTE), a_customer(), TODAY)
    assert not may_remind(issued(amount_credited=Decimal("12.00")), a_customer(), TODAY)
    assert not may_remind(issued(), a_customer(reminders_paused_until=date(9999, 12, 31)), TODAY)


@pytest.mark.parametrize("feedback", Feedback)
@pytest.mark.parametrize("status", MailStatus)
def test_reports_change_what_they_can(feedback: Feedback, status: MailStatus) -> None:
    """A delivery settles what was unknown; a bounce or complaint counts once; nothing changes a mail that never left."""
    changed = apply_feedback(a_mail(status=status), feedback, "5.1.1")
    left = {MailStatus.SENDING, MailStatus.UNKNOWN, *([] if feedback is Feedback.DELIVERED else [MailStatus.SENT])}
    assert (changed is not None) == (status in left)
    if changed is not None:
        result = MailStatus.SENT if feedback is Feedback.DELIVERED else MailStatus(feedback)
        assert (changed.status, changed.reason) == (result, "5.1.1")


def test_an_address_that_is_given_again_is_trusted_again() -> None:
    """Changing anything else leaves the account of bounces as it is."""
    assert with_address_trusted({"email": "a@b.example"})["email_status"] is EmailStatus.OK
    assert with_address_trusted({"name": "Acme"}) == {"name": "Acme"}


@pytest.mark.parametrize(
    "portal_url, is_fine",
    [
        ("", True),
        ("https://portal.example.com/#/invoices/{invoice_id}", True),
        ("http://localhost:8000/{invoice_id}", True),
        ("https://portal.example.com/", False),
        ("http://portal.example.com/{invoice_id}", False),
        ("http://localhost.example.com/{invoice_id}", False),
        ("https://x.example/{invoice_id}/{customer}", False),
        ("https://x.example/{invoice_id}/{invoice_id}", False),
        ("javascript:alert(1)//{invoice_id}", False),
        ('https://x.example/"onclick=x/{invoice_id}', False),
    ],
)
def test_the_portal_is_a_secure_address_with_a_place_for_the_invoice(portal_url: str, is_fine: bool) -> None:
    """Links in mails lead to https, or to the machine at hand."""
    issues = validate_settings(settings(portal_url=portal_url))
    assert [issue.path for issue in issues] == ([] if is_fine else ["portal_url"])


def test_the_sender_is_an_address() -> None:
    """A sender that is no address is refused."""
    assert [issue.path for issue in validate_settings(settings(email_from="Billing <x"))] == ["email_from"]
