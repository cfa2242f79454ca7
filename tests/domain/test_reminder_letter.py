"""Who gets a reminder letter: whoever owes, in words that fit the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.reminder_letter import plan_letter
from chalicelib.domain.reminders import ReminderTemplate
from tests.support import specimens

INVOICE = specimens.an_issued()
DUE = INVOICE.due_date


@pytest.mark.parametrize(
    "step, on, days", [("upcoming", DUE, 0), ("first", DUE + timedelta(1), 1), ("final", date(2027, 2, 1), 30)]
)
def test_letters_say_how_long_it_is_overdue(step: str, on: date, days: int) -> None:
    """And carry the invoice without its lines."""
    letter = plan_letter(INVOICE, ReminderTemplate(step), on, Design.CLASSIC)
    assert (letter.days_overdue, letter.invoice.amount_due, letter.invoice.lines) == (days, INVOICE.amount_due, ())


@pytest.mark.parametrize("step, on", [("upcoming", DUE + timedelta(1)), ("first", DUE), ("final", DUE)])
def test_words_fit_the_day(step: str, on: date) -> None:
    """Nothing is upcoming once it is overdue, and nobody is urged before."""
    with pytest.raises(Conflict, match="wrong_state"):
        plan_letter(INVOICE, ReminderTemplate(step), on, Design.MODERN)


@pytest.mark.parametrize(
    "settled",
    [
        replace(INVOICE, amount_paid=INVOICE.total),
        replace(INVOICE, amount_credited=INVOICE.total + Decimal(1)),
        replace(INVOICE, status=InvoiceStatus.VOID),
        replace(INVOICE, kind=InvoiceKind.CREDIT_NOTE),
    ],
    ids=["paid", "credited", "void", "credit note"],
)
def test_nobody_is_reminded_of_what_is_not_owed(settled: Invoice) -> None:
    """Of what is paid, credited, void or a credit note."""
    with pytest.raises(Conflict, match="wrong_state"):
        plan_letter(settled, ReminderTemplate.FIRST, DUE + timedelta(9), Design.MODERN)
