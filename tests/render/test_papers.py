"""Statements and reminder letters: called what they are, with what a payer has to know, and heads that are whole words."""

from __future__ import annotations

import pytest

from chalicelib.domain.invoice import Invoice
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.papers import render_reminder_pdf
from chalicelib.render.reminder_view import build_reminder_view
from chalicelib.render.statement_view import build_statement_view
from tests.support import papers, specimens
from tests.support.pdf_reading import read_pages

LATIN = ("cs", "da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr")
HEADS = ("issued", "due", "days_overdue", "amount_due")


def an_invoice_in(locale: str) -> Invoice:
    """The specimen invoice for a customer of this language."""
    return specimens.an_issued(customer=specimens.a_buyer(locale=locale))


def small(text: str) -> str:
    """Text without the difference of capitals, also the dotted one of Turkish."""
    return text.replace("\u0130", "i").replace("\u0131", "i").casefold()


@pytest.mark.parametrize("locale, addressee, date", [("en", "To", "Date"), ("de", "An", "Datum"), ("nl", "Aan", "Datum")])
def test_a_statement_is_not_called_an_invoice(locale: str, addressee: str, date: str) -> None:
    """Its date and its addressee are not those of an invoice."""
    view = build_statement_view(papers.a_statement(customer=specimens.a_buyer(locale=locale)))
    assert (view["buyer_label"], view["facts"][0]["label"]) == (addressee, date)


def test_a_letter_is_not_billed_to() -> None:
    """A reminder is addressed, not billed, to the customer."""
    assert build_reminder_view(papers.a_letter())["buyer_label"] == "To"


@pytest.mark.parametrize("step", ["upcoming", "final"])
def test_a_letter_says_what_to_quote(step: str) -> None:
    """The number stands in the payment block, also where the operator gave no account."""
    for details in ("", specimens.IBAN_DETAILS):
        invoice = specimens.an_issued(operator=specimens.an_operator(payment_details=details))
        (page,) = read_pages(render_reminder_pdf(papers.a_letter(step, invoice)))
        assert f"Please quote {invoice.number} with your payment." in page


def test_days_overdue_have_a_column_only_where_there_are_such() -> None:
    """A letter before the due date has no empty column."""
    upcoming, late = (read_pages(render_reminder_pdf(papers.a_letter(step)))[0] for step in ("upcoming", "first"))
    assert "OVERDUE" in late
    assert "OVERDUE" not in upcoming


@pytest.mark.parametrize("locale", LATIN)
def test_heads_of_letters_are_not_torn(locale: str) -> None:
    """No head of the table breaks inside a word, in capitals and in any language with Latin letters."""
    labels = Labels(document_locale(locale))
    page = small(read_pages(render_reminder_pdf(papers.a_letter(invoice=an_invoice_in(locale))))[0])
    assert [word for key in HEADS for word in labels.text(key).split() if small(word) not in page] == []
