"""What invoices ask for charges and credit notes took back of them: by assignment and interval, in terms of the price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.billed_charges import BilledCharge, calculate_billed, calculate_credited
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, LineKind
from chalicelib.domain.tax import Tax
from tests.support.builders import a_line, an_invoice

FIRST = date(2026, 11, 1)
KEY = ("as1", FIRST)
WANTED = {KEY}


def a_note(*prices: str, original: str | None = "acme.20261101.R", **fields: Any) -> Invoice:
    """A credit note over parts of the November charge of `as1`."""
    lines = [
        a_line(str(number), price, kind=LineKind.PACKAGE, assignment_id="as1", start_date=FIRST)
        for number, price in enumerate(prices)
    ]
    kind, status = InvoiceKind.CREDIT_NOTE, InvoiceStatus.ISSUED
    return an_invoice(**{"kind": kind, "status": status, "lines": tuple(lines), "original_invoice_id": original, **fields})


def test_what_came_back_of_a_charge_is_added_up() -> None:
    """Over all its credit notes; with tax where that is asked for."""
    notes = [a_note("2.00", "1.00"), a_note("0.50")]
    assert calculate_credited(notes, WANTED, with_tax=False) == {KEY: Decimal("3.50")}
    gross = [a_note("1.20", prices_include_tax=True)]
    assert calculate_credited(gross, WANTED, with_tax=True) == {KEY: Decimal("1.20")}


def test_other_lines_and_notes_do_not_count() -> None:
    """Other intervals, other kinds of lines, lines by hand, and what runs credited themselves."""
    [line] = a_note("2.00").lines
    others = (
        replace(line, start_date=date(2026, 12, 1)),
        replace(line, kind=LineKind.CREDIT),
        replace(line, assignment_id=None),
        replace(line, start_date=None),
    )
    assert calculate_credited([replace(a_note(), lines=others), a_note("2.00", original=None)], WANTED, with_tax=False) == {}


def test_a_charge_is_what_its_line_asks_for() -> None:
    """After any change by hand; on a document that a run made a credit note, it is negative."""
    [line] = a_note("2.00").lines
    discounted = replace(line, discount_percent=Decimal(50), net=Decimal("1.00"))
    invoice = an_invoice(lines=(a_line("9", "7.00"), discounted))
    turned = an_invoice(lines=(replace(line, quantity=Decimal(-1), net=Decimal("-2.00")),), kind=InvoiceKind.CREDIT_NOTE)
    for document, expected in ((invoice, "1.00"), (turned, "2.00")):
        assert calculate_billed({KEY: document}, with_tax=False) == {KEY: BilledCharge(Decimal(expected), line.tax)}


@pytest.mark.parametrize("included, with_tax, expected", [(0, 0, "2.01"), (0, 1, "2.41"), (1, 0, "1.68"), (1, 1, "2.01")])
def test_a_charge_is_told_with_or_without_its_tax(included: int, with_tax: int, expected: str) -> None:
    """As is asked for, whether or not its invoice's prices included the 20 %."""
    [line] = a_note("2.01").lines
    charge = replace(line, tax=Tax(percent=Decimal(20)))
    document = an_invoice(lines=(charge,), prices_include_tax=bool(included))
    assert calculate_billed({KEY: document}, with_tax=bool(with_tax)) == {KEY: BilledCharge(Decimal(expected), charge.tax)}


def test_a_line_that_was_taken_off_charges_nothing() -> None:
    """One that only got other dates is not known, so nothing is said of it."""
    [line] = a_note("2.00").lines
    moved = an_invoice(lines=(replace(line, start_date=date(2026, 11, 2)),))
    taken_off = an_invoice(lines=(a_line("1", "2.00"),))
    assert calculate_billed({KEY: taken_off}, with_tax=False) == {KEY: BilledCharge(Decimal(0), None)}
    assert calculate_billed({KEY: moved}, with_tax=False) == {}
