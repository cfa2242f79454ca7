"""What credit notes took back of charges: by assignment and interval, in terms of the price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.domain.credited_charges import calculate_credited
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
