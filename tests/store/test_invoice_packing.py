"""The stored body of invoices: lossless, small, and the same bytes for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import Invoice, InvoiceStatus, Line, LineKind, LineUsage
from chalicelib.domain.tax import Tax, TaxCategory
from chalicelib.store import codec
from chalicelib.store.invoice_packing import pack_invoice, unpack_invoice
from tests.support.builders import a_line, an_invoice

texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=4)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
usages = st.builds(
    LineUsage,
    calls=st.integers(0, 10**6),
    attempts=st.integers(0, 10**6),
    duration_seconds=st.integers(0, 10**9),
    billed_seconds=st.integers(0, 10**9),
    destination=texts,
)
lines = st.builds(
    Line,
    id=texts,
    kind=st.sampled_from(LineKind),
    description=texts,
    start_date=st.none() | days,
    quantity=amounts,
    unit_price=amounts,
    net=amounts,
    tax=st.builds(Tax, category=st.sampled_from(TaxCategory), percent=st.integers(0, 30).map(Decimal), reason=texts),
    usage=st.none() | usages,
    original_invoice_id=st.none() | texts,
)


@given(st.lists(lines, max_size=8), st.lists(days, max_size=5, unique=True), texts)
def test_unpacking_gives_back_what_was_packed(some: list[Line], claimed: list[date], notes: str) -> None:
    """Whatever the lines are like, separators and odd characters included, nothing is lost or changed."""
    base = replace(an_invoice(), customer_id="acme", lines=tuple(some), days=tuple(claimed), notes=notes)
    invoice = replace(base, customer=replace(base.customer, id="acme"))
    assert unpack_invoice(pack_invoice(invoice), invoice.id) == invoice


def test_consecutive_days_are_kept_as_a_range() -> None:
    """A month of claimed days comes back day by day."""
    month = tuple(date(2026, 11, 1) + timedelta(days=n) for n in range(30))
    invoice = replace(an_invoice(), days=month)
    assert unpack_invoice(pack_invoice(invoice), invoice.id).days == month


def test_an_invoice_of_twenty_one_lines_leaves_room_in_one_write_unit() -> None:
    """The body of a month of usage to 20 destinations and a package takes at most 700 bytes."""
    assert len(pack_invoice(a_month_of_usage())) <= 700


def test_the_stored_format_never_changes() -> None:
    """The same text as ever: a changed default of a domain type would change what stored invoices mean."""
    body = codec.unpack_json(pack_invoice(an_invoice(status=InvoiceStatus.ISSUED)))
    assert sha256(body).hexdigest()[:16] == "797bb24da61aba3f"


@pytest.mark.parametrize("name", ["VAT", "", "USt."])
def test_names_of_taxes_are_kept(name: str) -> None:
    """Also the one that goes without saying, and none at all; what was stored without a name has always been called VAT."""
    taxes = (Tax(name=name), Tax(percent=Decimal(20), name=name))
    invoice = replace(an_invoice(), lines=tuple(a_line(str(number), "1", tax=tax) for number, tax in enumerate(taxes)))
    packed = pack_invoice(invoice)
    assert [line.tax for line in unpack_invoice(packed, invoice.id).lines] == list(taxes)
    assert (b'"name":' in codec.unpack_json(packed).partition(b'"lines"')[2]) == (name != "VAT")


def a_month_of_usage() -> Invoice:
    """An invoice of a package and usage to 20 destinations."""
    usage = [
        a_line(
            str(n + 2),
            price=Decimal(7919 * (n + 3) % 99991) / 1000,
            kind=LineKind.USAGE,
            description=f"Country {n} Mobile",
            start_date=date(2026, 11, 1),
            end_date=date(2026, 11, 30),
            usage=LineUsage(
                calls=37 * n % 97,
                attempts=53 * n % 211,
                duration_seconds=7919 * n % 9973,
                billed_seconds=7907 * n % 9967,
                destination=f"Country {n} Mobile",
            ),
        )
        for n in range(20)
    ]
    month = tuple(date(2026, 11, 1) + timedelta(days=n) for n in range(30))
    return an_invoice(lines=(a_line("1", kind=LineKind.PACKAGE), *usage), days=month)
