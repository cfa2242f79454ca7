"""What invoices ask for charges and credit notes took back of them: by assignment and interval, in terms of the price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.domain.billed_charges import BilledCharge, calculate_billed, calculate_credited
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, LineKind
from tests.support.builders import a_line, an_invoice

FIRST = date(2026, 11, 1)
WANTED = {("as1", FIRST)}


def a_note(*prices: str, original: str | None = "acme.20261101.R", **fields: Any) -> Invoice:
    """A credit note over parts of the November charge of `as1`."""
    lines = [
        a_line(str(number), price, kind=LineKind.PACKAGE, assignment_id="as1", start_date=FIRST)
        for number, price in enumerate(prices)
    ]
    kind, status = InvoiceKind.CREDIT_NOTE, InvoiceStatus.ISSUED
    return an_invoice(**{"kind": kind, "status": status, "lines": tuple(lines), "original_invoice_id": original, **fields})


def test_what_came_back_of_a_charge_is_added_up() -> None:
    """Over all its credit notes; where prices include tax, with tax."""
    assert calculate_credited([a_note("2.00", "1.00"), a_note("0.50")], WANTED) == {("as1", FIRST): Decimal("3.50")}
    assert calculate_credited([a_note("1.20", prices_include_tax=True)], WANTED) == {("as1", FIRST): Decimal("1.20")}


def test_other_lines_and_notes_do_not_count() -> None:
    """Other intervals, other kinds of lines, lines by hand, and what runs credited themselves."""
    [line] = a_note("2.00").lines
    others = (
        replace(line, start_date=date(2026, 12, 1)),
        replace(line, kind=LineKind.CREDIT),
        replace(line, assignment_id=None),
        replace(line, start_date=None),
    )
    assert calculate_credited([replace(a_note(), lines=others), a_note("2.00", original=None)], WANTED) == {}


def test_a_charge_is_what_its_line_asks_for() -> None:
    """After any change by hand; with tax where prices include it; on a document that a run made a credit note, it is negative."""
    [line] = a_note("2.00").lines
    discounted = replace(line, discount_percent=Decimal(50), net=Decimal("1.00"))
    invoice = an_invoice(lines=(a_line("9", "7.00"), discounted))
    gross = an_invoice(lines=(replace(line, net=Decimal("1.67")),), prices_include_tax=True)
    turned = an_invoice(lines=(replace(line, quantity=Decimal(-1), net=Decimal("-2.00")),), kind=InvoiceKind.CREDIT_NOTE)
    for document, expected in ((invoice, "1.00"), (gross, "2.00"), (turned, "2.00")):
        assert calculate_billed({("as1", FIRST): document}) == {("as1", FIRST): BilledCharge(Decimal(expected), line.tax)}


def test_a_line_that_was_taken_off_charges_nothing() -> None:
    """One that only got other dates is not known, so nothing is said of it."""
    [line] = a_note("2.00").lines
    moved = an_invoice(lines=(replace(line, start_date=date(2026, 11, 2)),))
    assert calculate_billed({("as1", FIRST): an_invoice(lines=(a_line("1", "2.00"),))}) == {
        ("as1", FIRST): BilledCharge(Decimal(0), None)
    }
    assert calculate_billed({("as1", FIRST): moved}) == {}
