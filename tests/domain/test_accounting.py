"""Postings add up to the totals of their document, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.accounting import PostingKind, list_postings
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, LineKind
from chalicelib.domain.money import total
from chalicelib.domain.tax import TaxCategory
from tests.support.builders import a_line, an_invoice, tax
from tests.support.random_invoices import a_random_invoice

KINDS = tuple(LineKind)


def with_kinds(random: Random, invoice: Invoice) -> Invoice:
    """The document with lines of random kinds."""
    lines = tuple(replace(line, kind=random.choice(KINDS)) for line in invoice.lines)
    return replace(invoice, lines=lines)


@settings(max_examples=50)
@given(seed=st.integers(0, 10**9))
def test_postings_add_up_to_the_totals(seed: int) -> None:
    """Net, tax and gross of invoices and credit notes, to the cent, each tax group too."""
    random = Random(seed)  # noqa: S311  # nothing secret about it
    document = with_kinds(random, a_random_invoice(random))
    sign = -1 if document.kind is InvoiceKind.CREDIT_NOTE else 1
    postings = list_postings(document)
    assert total(one.net for one in postings) == sign * document.subtotal
    assert total(one.tax for one in postings) == sign * document.tax_total
    assert total(one.gross for one in postings) == sign * document.total
    for group in document.taxes:
        assert total(one.tax for one in postings if one.group == group) == sign * group.tax
    assert len({(one.group, one.revenue) for one in postings}) == len(postings)


def test_each_kind_of_revenue_has_its_row() -> None:
    """Lines of one kind and tax are one posting; the tax is shared by net."""
    lines = (
        a_line("1", "10.00", kind=LineKind.USAGE),
        a_line("2", "10.00", kind=LineKind.PACKAGE),
        a_line("3", "5.00", kind=LineKind.PACKAGE),
        a_line("4", "7.00", kind=LineKind.PACKAGE, tax=tax(0, TaxCategory.EXEMPT)),
    )
    postings = list_postings(an_invoice(lines=lines, status=InvoiceStatus.ISSUED))
    assert [(one.group.category.value, one.revenue.value, str(one.net), str(one.tax)) for one in postings] == [
        ("S", "package", "15.00", "3.00"),
        ("S", "usage", "10.00", "2.00"),
        ("E", "package", "7.00", "0.00"),
    ]
    assert {(one.kind, one.on) for one in postings} == {(PostingKind.ISSUE, date(2026, 11, 15))}


def test_a_void_is_booked_back_on_its_own_day() -> None:
    """What was booked on the invoice date is taken back on the day of the void, in the customer's zone."""
    issued = an_invoice(status=InvoiceStatus.ISSUED)
    customer = replace(issued.customer, timezone="Asia/Tokyo")
    at = datetime(2026, 12, 1, 20, tzinfo=UTC)
    void = replace(issued, status=InvoiceStatus.VOID, voided_at=at, customer=customer)
    there, back = list_postings(void)
    assert (there.net, there.tax, there.on) == (Decimal("10.00"), Decimal("2.00"), issued.invoice_date)
    assert (back.kind, back.net, back.tax, back.on) == (PostingKind.VOID, -there.net, -there.tax, date(2026, 12, 2))


def test_a_void_of_an_invoice_dated_ahead_is_booked_back_on_its_date() -> None:
    """Never before it was booked: the statement says the same, and no month shows revenue below nothing."""
    ahead = an_invoice(status=InvoiceStatus.ISSUED, invoice_date=date(2027, 1, 10), due_date=date(2027, 1, 24))
    void = replace(ahead, status=InvoiceStatus.VOID, voided_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert {posting.on for posting in list_postings(void)} == {date(2027, 1, 10)}


def test_a_draft_books_nothing() -> None:
    """Drafts are nobody's revenue."""
    assert list_postings(an_invoice()) == ()
