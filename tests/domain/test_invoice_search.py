"""What a search of invoices finds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSearch, InvoiceSummary, ListedStatus
from tests.domain.test_balance import a_row
from tests.support.builders import NOW


@pytest.mark.parametrize(
    "asked, found",
    [
        ({}, True),
        ({"customer_id": "acme", "number": "INV-1001", "status": ListedStatus.UNPAID}, True),
        ({"customer_id": "other"}, False),
        ({"number": "INV-2"}, False),
        ({"status": ListedStatus.PAID}, False),
        ({"kind": InvoiceKind.CREDIT_NOTE}, False),
        ({"first": a_row().invoice_date, "last": a_row().invoice_date}, True),
        ({"first": a_row().invoice_date + timedelta(days=1)}, False),
        ({"last": a_row().invoice_date - timedelta(days=1)}, False),
    ],
)
def test_every_condition_narrows(asked: dict[str, Any], found: bool) -> None:  # a table of examples
    """A row is found when nothing that is asked speaks against it."""
    assert InvoiceSearch(as_of=NOW, **asked).matches(a_row()) is found


def test_overdue_counts_in_the_customers_zone() -> None:
    """On the evening of the due date it is the day after in Auckland, and not yet in London."""
    evening = NOW.replace(hour=23)
    search = InvoiceSearch(as_of=evening, status=ListedStatus.OVERDUE)
    assert search.matches(a_row(due_date=evening.date(), timezone="Pacific/Auckland"))
    assert not search.matches(a_row(due_date=evening.date(), timezone="Europe/London"))


@pytest.mark.parametrize(
    "row, owed",
    [
        (a_row("3.00"), "3.00"),
        (a_row("0.00", state="paid"), "0"),
        (a_row("3.00", kind=InvoiceKind.CREDIT_NOTE), "0"),
        (a_row("3.00", status=InvoiceStatus.VOID, state="void"), "0"),
        (a_row("3.00", status=InvoiceStatus.DRAFT, state="draft"), "0"),
    ],
)
def test_only_issued_invoices_are_owed(row: InvoiceSummary, owed: str) -> None:
    """Whatever total − paid − credited is of other documents."""
    assert row.owed == Decimal(owed)


def test_credit_notes_have_no_part_in_paying() -> None:
    """They are found as issued, never as unpaid, paid or overdue."""
    note = a_row(kind=InvoiceKind.CREDIT_NOTE)
    assert InvoiceSearch(as_of=NOW, status=ListedStatus.ISSUED).matches(note)
    assert not InvoiceSearch(as_of=NOW, status=ListedStatus.UNPAID).matches(note)


def test_drafts_can_be_left_out() -> None:
    """Customers find what was issued to them."""
    draft = a_row(status=InvoiceStatus.DRAFT, state="draft")
    assert InvoiceSearch(as_of=NOW).matches(draft)
    assert not InvoiceSearch(as_of=NOW, drafts=False).matches(draft)
