"""E-invoices: the official rules find nothing, the bytes are the expected ones, lines and taxes add up as the norm reckons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from chalicelib.domain.fingerprint import fingerprint
from chalicelib.domain.invoice import Invoice, InvoiceKind
from chalicelib.domain.money import quantise
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.einvoice.cii import write_cii
from chalicelib.render.einvoice.mapping import build_einvoice
from chalicelib.render.einvoice.model import EInvoice, Item
from chalicelib.render.einvoice.ubl import write_ubl
from chalicelib.store import codec
from tests.support import specimens
from tests.support.builders import a_line, tax
from tests.support.einvoice_rules import judge_cii, judge_ubl
from tests.support.random_invoices import a_random_invoice

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "einvoice").glob("*.json"))
SEEDS = 6
EACH = 50


def read(path: Path) -> EInvoice:
    """The e-invoice of a golden document."""
    return build_einvoice(codec.load(Invoice, path.read_bytes()))


def cii_of(invoice: EInvoice) -> bytes:
    """The whole file in CII."""
    return "".join(write_cii(invoice)).encode()


def ubl_of(invoice: EInvoice) -> bytes:
    """The whole file in UBL."""
    return "".join(write_ubl(invoice)).encode()


def words(xml: bytes, tag: str) -> list[str]:
    """The texts of all elements of a local name."""
    return [found.text or "" for found in etree.fromstring(xml).iter(f"{{*}}{tag}")]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_documents_give_the_expected_bytes(path: Path) -> None:
    """A change of the XML is seen in review, byte by byte."""
    found = read(path)
    assert cii_of(found) == path.with_suffix(".cii.xml").read_bytes()
    assert ubl_of(found) == path.with_suffix(".ubl.xml").read_bytes()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_official_rules_find_nothing_in_golden_documents(path: Path) -> None:
    """XSD and Schematron, warnings included, of both syntaxes."""
    assert judge_cii(path.with_suffix(".cii.xml").read_bytes()) == []
    assert judge_ubl(path.with_suffix(".ubl.xml").read_bytes()) == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_official_rules_find_nothing_in_random_documents(seed: int) -> None:
    """Three hundred documents of every kind; on each line quantity × price, less the discount, is the net."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    for _ in range(EACH):
        invoice = a_random_invoice(random)
        found = build_einvoice(invoice)
        assert judge_cii(cii_of(found)) == [], codec.dump(invoice)
        assert judge_ubl(ubl_of(found)) == [], codec.dump(invoice)
        assert [recalculated(item, found.currency) for item in found.items] == [item.net for item in found.items]


def recalculated(item: Item, currency: str) -> Decimal:
    """A line's net as a receiver reckons it (PEPPOL-EN16931-R120)."""
    gross = quantise(item.quantity * item.price, currency)
    if item.discount is None:
        return gross
    assert item.discount.amount > 0
    return gross + item.discount.amount if item.discount.is_charge else gross - item.discount.amount


def test_a_wrong_figure_is_found() -> None:
    """The judges do judge: a total that is a cent off breaks BR-CO-15 and BR-CO-16 in both syntaxes."""
    found = build_einvoice(specimens.an_issued())
    wrong = replace(found, total=found.total + Decimal("0.01"))
    for complaints in (judge_cii(cii_of(wrong)), judge_ubl(ubl_of(wrong))):
        assert {complaint[1:9] for complaint in complaints} >= {"BR-CO-15", "BR-CO-16"}


def test_standard_rate_of_zero_is_zero_rated_once() -> None:
    """S at 0 % and Z are one row of the breakdown, as BR-S-05 and BR-Z-01 want it."""
    lines = (a_line("1", "10", tax=tax(0)), a_line("2", "5", tax=tax(0, TaxCategory.ZERO)), a_line("3", "1", tax=tax(19)))
    rows = build_einvoice(specimens.an_issued(lines=lines)).taxes
    assert [(row.tax.category, row.base) for row in rows] == [("S", Decimal("1.00")), ("Z", Decimal("15.00"))]


def test_negative_prices_become_negative_quantities() -> None:
    """A price is never negative (BR-27); the discount of a negative line is a charge."""
    lines = (a_line("1", "100"), a_line("2", "-10", 3, discount_percent=Decimal(10)), a_line("3", "-2", "-4"))
    found = build_einvoice(specimens.an_issued(lines=lines))
    assert [(item.quantity, item.price, item.net) for item in found.items] == [
        (Decimal(1), Decimal(100), Decimal("100.00")),
        (Decimal(-3), Decimal(10), Decimal("-27.00")),
        (Decimal(4), Decimal(2), Decimal("8.00")),
    ]
    discount = list(found.items)[1].discount
    assert discount
    assert (discount.is_charge, discount.amount, discount.base) == (True, Decimal("3.00"), Decimal("30.00"))


def test_prices_with_tax_become_net_prices_with_enough_decimals() -> None:
    """7 × 9.99 with 19 % tax is net 58.76: a price of 8.3943 gives it."""
    found = build_einvoice(specimens.an_issued(lines=(a_line("1", "9.99", 7, tax=tax(19)),), prices_include_tax=True))
    (item,) = found.items
    assert (item.net, item.price) == (Decimal("58.76"), Decimal("8.3943"))
    assert (item.price * 7).quantize(Decimal("0.01"), ROUND_HALF_UP) == item.net


def test_out_of_scope_names_no_vat_id() -> None:
    """BR-O-02: the seller is known by its registration, the buyer by an identifier."""
    xml = cii_of(build_einvoice(specimens.in_dinar()))
    assert b'schemeID="VA"' not in xml
    assert b"HRB 123456 B" in xml


def test_account_is_named_only_when_certain() -> None:
    """An IBAN is a transfer, SEPA in euro only; other details are text; none is silence."""
    dollars = specimens.an_issued(currency="USD")
    by_text = specimens.an_issued(operator=specimens.an_operator(payment_details="Cash\nor card"))
    silent = specimens.an_issued(operator=specimens.an_operator(payment_details=""))
    found = [build_einvoice(invoice).payment for invoice in (specimens.an_issued(), dollars, by_text, silent)]
    assert [(means.code, means.iban, means.text) if means else None for means in found] == [
        ("58", "DE02120300000000202051", ""),
        ("30", "DE02120300000000202051", ""),
        ("1", "", "Cash or card"),
        None,
    ]


def test_credit_notes_name_the_invoice_and_ask_for_nothing() -> None:
    """Type 381 with positive amounts, number and date of the invoice, its reason as note, neither account nor due date."""
    found = build_einvoice(specimens.a_credit_note())
    cii, ubl = cii_of(found), ubl_of(found)
    assert (found.type_code, found.due > 0) == ("381", True)
    assert words(cii, "IssuerAssignedID") == ["INV-2026-000417"]
    assert words(cii, "Content")[0].partition("\n")[0] == "Two seats were never delivered."
    assert words(ubl, "CreditNoteTypeCode") == ["381"]
    assert (words(cii, "IBANID"), words(ubl, "DueDate")) == ([], [])
    unnamed = replace(specimens.a_credit_note(), original_invoice_number=None, kind=InvoiceKind.CREDIT_NOTE)
    assert build_einvoice(unnamed).preceding is None


def test_the_note_ends_with_the_fingerprint() -> None:
    """In both syntaxes the one note (more are not allowed everywhere) carries the hash that the page and the API tell."""
    invoice = specimens.an_issued(notes="Thank you.")
    found = build_einvoice(invoice)
    note = [f"Thank you.\nSHA-256 {fingerprint(invoice)}"]
    assert words(cii_of(found), "Content") == words(ubl_of(found), "Note") == note


def test_what_was_paid_at_the_freeze_is_prepaid() -> None:
    """Paid and credited amounts lower what is due (BR-CO-16)."""
    invoice = replace(specimens.an_issued(), amount_paid=Decimal("100.00"), amount_credited=Decimal("50.05"))
    xml = cii_of(build_einvoice(invoice))
    assert words(xml, "TotalPrepaidAmount") == ["150.05"]
    assert words(xml, "DuePayableAmount") == [str(invoice.amount_due)]
    assert judge_cii(xml) == []


def test_kosovo_is_written_as_the_norm_writes_it() -> None:
    """XK is not in the code list, 1A is."""
    buyer = specimens.a_buyer(address=replace(specimens.a_buyer().address, country="XK"))
    xml = ubl_of(build_einvoice(specimens.an_issued(customer=buyer)))
    assert judge_ubl(xml) == []
    assert words(xml, "IdentificationCode") == ["DE", "1A", "1A"]


def test_period_follows_from_the_lines() -> None:
    """Without a billed period: from the first to the last day of the lines."""
    lines = (a_line("1", start_date=date(2026, 11, 3)), a_line("2", end_date=date(2026, 11, 9)), a_line("3"))
    period = build_einvoice(specimens.an_issued(period=None, lines=lines)).period
    assert period
    assert (period.start, period.end) == (date(2026, 11, 3), date(2026, 11, 9))


@pytest.mark.parametrize("write", [write_cii, write_ubl])
def test_a_long_document_is_written_line_by_line(write: Callable[[EInvoice], Iterator[str]]) -> None:
    """Half a megabyte of XML in pieces of which none is longer than a party or a line: it is never held as a whole."""
    pieces = [len(piece) for piece in write(build_einvoice(specimens.an_issued(lines=specimens.usage_lines(500))))]
    assert (sum(pieces) > 500_000, max(pieces) < 4_000) == (True, True)
