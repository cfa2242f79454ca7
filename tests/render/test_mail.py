"""Mails about documents: every kind in every language, the same facts in text and HTML, and nothing that outsiders can add."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.render.enclosure import Enclosure
from chalicelib.render.labels import languages
from chalicelib.render.mail import Letter, build_letter_view, render_letter
from chalicelib.render.mail_address import ascii_address
from chalicelib.render.mime import Correspondent, Envelope, build_message
from tests.support.builders import a_customer_snapshot, an_invoice, an_operator_snapshot

LINK = "https://portal.example.com/#/invoices/acme.20261115.A.1"
AT = datetime(2026, 11, 15, 9, 30, tzinfo=UTC)
KINDS = (None, *ReminderTemplate)


def issued(**fields: Any) -> Invoice:
    """An issued invoice of 12.00 with payment details."""
    operator = an_operator_snapshot(payment_details="IBAN DE02 1203 0000 0000 2020 51")
    return an_invoice(**{"status": InvoiceStatus.ISSUED, "operator": operator, **fields})


def letter(invoice: Invoice | None = None, reminder: ReminderTemplate | None = None, link: str = LINK) -> Letter:
    """A mail with the document attached."""
    return render_letter(invoice or issued(), reminder, link, Enclosure.ATTACHED)


def message(of: Letter, attachments: dict[str, bytes] | None = None, **fields: Any) -> EmailMessage:
    """The message as a mail program reads it."""
    usual = {
        "sender": Correspondent(name="Telco GmbH", address="billing@telco.example"),
        "to": Correspondent(name="Acme Ltd", address="ap@acme.example"),
        "reply_to": "",
        "thread": "acme.20261115.A.1~issued",
        "date": AT,
    }
    raw = build_message(of, Envelope(**{**usual, **fields}), attachments or {})
    assert raw.isascii()
    parsed = email.message_from_bytes(raw, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", sorted(languages()))
def test_every_mail_in_every_language(language: str, kind: ReminderTemplate | None) -> None:
    """Number and open amount are in text and HTML, the page runs as the language does, and no placeholder is left."""
    tag = language.replace("_", "-")
    made = letter(issued(customer=a_customer_snapshot(locale=tag)), kind)
    direction = Locale.parse(language).text_direction
    assert f'lang="{tag}" dir="{direction}"' in made.html
    for part in (made.text, made.html):
        assert "INV-1001" in part
        assert "12" in part
        assert LINK in part
        assert "IBAN DE02" in part
        assert "{" not in part.partition("</head>")[2]
    assert "INV-1001" in made.subject
    assert "\n" not in made.subject


def test_the_reminders_get_firmer() -> None:
    """Each template has words of its own."""
    assert len({letter(reminder=kind).text for kind in KINDS}) == len(KINDS)
    assert "Reminder: invoice INV-1001" in letter(reminder=ReminderTemplate.FIRST).subject


def test_an_invoice_says_how_to_pay_and_a_paid_one_does_not() -> None:
    """A mail asks for what is due; with nothing due it asks for nothing."""
    assert "Please pay €12.00 by Nov 29, 2026, quoting INV-1001." in letter().text
    paid = letter(issued(amount_paid=Decimal("12.00"))).text
    assert "Please pay" not in paid
    assert "IBAN" not in paid


def test_a_credit_note_speaks_of_itself() -> None:
    """It asks for nothing and has no due date."""
    made = letter(issued(kind=InvoiceKind.CREDIT_NOTE, number="CN-1"))
    assert made.subject == "Credit note CN-1 from Telco GmbH"
    assert "Please pay" not in made.text
    assert "Due" not in made.html


def test_what_is_too_large_is_fetched_or_asked_for() -> None:
    """Without attachment there is the link; without either, the reader is told whom to ask."""
    assert "too large" not in render_letter(issued(), None, LINK, Enclosure.TOO_LARGE).text
    assert "too large" in render_letter(issued(), None, "", Enclosure.TOO_LARGE).text
    assert "attached" in letter().text


def test_right_to_left_keeps_latin_lines_in_order() -> None:
    """Payment details in Latin script read as they were written."""
    view = build_letter_view(issued(customer=a_customer_snapshot(locale="ar")), None, "", Enclosure.ATTACHED)
    assert view["dir"] == "rtl"
    assert view["payment_details"].startswith("\u200e")


def test_names_are_text_and_never_markup() -> None:
    """What a customer is called cannot add an element to the page; plain text shows it as it is."""
    made = letter(issued(customer=a_customer_snapshot(name='<img src=x onerror="x">{{ 7*7 }}')))
    assert "<img" not in made.html
    assert "&lt;img" in made.html
    assert "<img" in made.text
    assert "49" not in made.html + made.text


def test_the_message_has_text_html_and_the_document() -> None:
    """A mail program finds both bodies and the PDF under its name; names of any script arrive whole."""
    sent = message(
        letter(),
        {"INV-1001.pdf": b"%PDF-1.7 \xff"},
        sender=Correspondent(name="Телеком, GmbH", address="billing@telco.example"),
        reply_to="help@telco.example",
    )
    (attachment,) = sent.iter_attachments()
    assert attachment.get_filename() == "INV-1001.pdf"
    assert attachment.get_content() == b"%PDF-1.7 \xff"
    text, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "INV-1001" in text.get_content()
    assert "<html" in html.get_content()
    assert sent["From"].addresses[0].display_name == "Телеком, GmbH"
    assert str(sent["Reply-To"]) == "help@telco.example"
    assert sent["Auto-Submitted"] == "auto-generated"


def test_the_message_id_belongs_to_the_mail() -> None:
    """The same mail built twice is one mail; another mail is another."""
    first, again, other = message(letter()), message(letter()), message(letter(), thread="another")
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@telco.example>")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_from_outside_adds_a_header(name: str, subject: str) -> None:
    """Whatever names and subjects hold, the headers and the recipient are those that were meant."""
    hostile = Letter(subject=f"{subject}\r\nBcc: x@evil.example", text="t", html="h")
    sent = message(hostile, to=Correspondent(name=f"{name}\r\nBcc: x@evil.example", address="ap@acme.example"))
    assert [address.addr_spec for address in sent["To"].addresses] == ["ap@acme.example"]
    assert set(sent.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }


@pytest.mark.parametrize(
    "address, expected",
    [
        ("ap@acme.example", "ap@acme.example"),
        ("o'neil+x@acme.example", "o'neil+x@acme.example"),
        ("ap@bücher.example", "ap@xn--bcher-kva.example"),
        ("jürgen@acme.example", None),
        ("a\nBcc:b@acme.example", None),
        ("ap@" + "x" * 64 + ".example", None),
        ("@acme.example", None),
        ("acme", None),
        ("", None),
    ],
)
def test_addresses_are_plain_or_refused(address: str, expected: str | None) -> None:
    """Only what mail servers take goes into an envelope."""
    assert ascii_address(address) == expected
