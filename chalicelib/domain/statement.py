"""A customer's account over some days: opening balance, movements with running balance, closing balance.

Works on movements that were read elsewhere; the same movements, dates and `known_at` give the same statement for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from chalicelib.domain.money import quantise, total


class MovementKind(StrEnum):
    """What moves a customer's balance; allocations only match, so they move nothing."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    VOID = "void"
    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One business event: `debit` is owed to the operator, `credit` is in the customer's favour; one of them is zero.

    `date` is the business date, `entered_at` the instant from which it was known. Documents have a `number`, money a `reference`.
    """

    date: dt.date
    kind: MovementKind
    number: str = ""
    reference: str = ""
    debit: Decimal
    credit: Decimal
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A movement and the balance after it; positive means the customer owes."""

    movement: Movement
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """opening + Σ debits − Σ credits = closing, from `start` to `end`, both inclusive."""

    start: date
    end: date
    opening: Decimal
    rows: tuple[StatementRow, ...]
    closing: Decimal


def calculate_statement(
    movements: Iterable[Movement], *, start: date, end: date, currency: str, known_at: datetime | None = None
) -> Statement:
    """The account by business dates; with `known_at` only of what had been entered by that instant."""
    known = [one for one in movements if one.date <= end and (known_at is None or one.entered_at <= known_at)]
    opening = quantise(total(_effect(one) for one in known if one.date < start), currency)
    shown = sorted(
        (one for one in known if one.date >= start),
        key=lambda one: (one.date, one.entered_at, one.kind, one.number, one.reference),
    )
    balances = list(accumulate((_effect(one) for one in shown), initial=opening))
    rows = tuple(StatementRow(movement=one, balance=balance) for one, balance in zip(shown, balances[1:], strict=True))
    return Statement(start=start, end=end, opening=opening, rows=rows, closing=balances[-1])


def _effect(movement: Movement) -> Decimal:
    return movement.debit - movement.credit
