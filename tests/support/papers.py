"""Statements of account and reminder letters for the tests of rendering and for looking at with eyes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.reminder_letter import ReminderLetter, plan_letter
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.domain.statement import Movement, MovementKind, Statement, StatementRow
from chalicelib.domain.statement_document import StatementDocument
from tests.support import specimens

OPENING = Decimal("120.00")
START = date(2026, 11, 1)


def a_statement(count: int = 9, **fields: Any) -> StatementDocument:
    """So many movements, invoices and the payments of them, on an account that had 120.00 due."""
    moves = [_movement(number) for number in range(count)]
    balances = list(accumulate((move.debit - move.credit for move in moves), initial=OPENING))
    rows = tuple(StatementRow(movement=move, balance=balance) for move, balance in zip(moves, balances[1:], strict=True))
    statement = Statement(start=START, end=date(2027, 1, 31), opening=OPENING, rows=rows, closing=balances[-1])
    operator, customer = fields.pop("operator", specimens.an_operator()), fields.pop("customer", specimens.a_buyer())
    return StatementDocument(
        operator=operator, customer=customer, currency="EUR", made_on=date(2027, 2, 1), statement=statement, **fields
    )


def a_letter(step: str = "second", invoice: Invoice | None = None, design: Design = Design.MODERN) -> ReminderLetter:
    """A reminder of the specimen invoice, thirty days late, or up to its day for `upcoming`."""
    invoice = invoice or specimens.an_issued()
    late = 0 if step == "upcoming" else 30
    return plan_letter(invoice, ReminderTemplate(step), invoice.due_date + timedelta(late), design)


def _movement(number: int) -> Movement:
    on = START + timedelta(number * 2 % 90)
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    amount = Decimal("133.98") * (number // 2 + 1)
    if number % 2:
        reference = f"Transfer of Zażółć Gęślą, RF{number:06}"
        return Movement(date=on, kind=MovementKind.PAYMENT, reference=reference, debit=Decimal(0), credit=amount, entered_at=at)
    return Movement(
        date=on, kind=MovementKind.INVOICE, number=f"INV-2026-{number:06}", debit=amount, credit=Decimal(0), entered_at=at
    )
