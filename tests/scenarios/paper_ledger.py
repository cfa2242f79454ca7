"""A customer's account as a clerk would keep it on paper: from the rules of billing alone, with arithmetic of its own.

Imports nothing of the product, so that a mistake there is not made here too. It keeps what was entered, and works out on any day
what is owed, what is unallocated and what the statement shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
ZERO = Decimal(0)
AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half away from zero, to the currency's digits."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS[currency]), context=_WIDE)


@dataclass(frozen=True, slots=True)
class Row:
    """A line on paper: what it comes to before rounding, its tax, and whether it is calls, which are rounded together."""

    amount: Decimal
    percent: Decimal
    is_usage: bool = False


def reckon(rows: Sequence[Row], currency: str, *, per_line: bool, inclusive: bool) -> tuple[Decimal, Decimal]:
    """Net and tax of rows: each rounded once, tax by rate or by line, taken out of the gross where prices include it."""
    net = tax = ZERO
    for percent in {row.percent for row in rows}:
        same = [row for row in rows if row.percent == percent]
        calls = [row.amount for row in same if row.is_usage]
        amounts = [rounded(row.amount, currency) for row in same if not row.is_usage]
        amounts += [rounded(sum(calls, ZERO), currency)] if calls else []
        for base in amounts if per_line else [sum(amounts, ZERO)]:
            share = rounded(_WIDE.divide(base * 100, 100 + percent), currency) if inclusive else base
            net += share
            tax += base - share if inclusive else rounded(base * percent / 100, currency)
    return net, tax


@dataclass(slots=True)
class Paper:
    """An issued document; `ended` is the day, in the zone it was issued in, from which a void one counts no more."""

    total: Decimal
    on: date
    due: date
    zone: str
    original: str | None = None
    is_note: bool = False
    ended: date | None = None

    def stands(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.on <= day and (self.ended is None or day < self.ended)


@dataclass(slots=True)
class Money:
    """A payment; with a note it is what the credit note gave."""

    amount: Decimal
    on: date
    counts: bool = True
    is_cancelled: bool = False
    note: str | None = None


@dataclass(slots=True)
class Use:
    """Money of a payment on an invoice, or given back (no invoice), from a day until it was taken back."""

    payment: str
    invoice: str | None
    amount: Decimal
    on: date
    back: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the money is there on a day."""
        return self.on <= day and (self.back is None or day < self.back)


@dataclass(slots=True)
class PaperLedger:
    """All that was entered for one customer, by id."""

    currency: str
    papers: dict[str, Paper] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)

    def notes(self, invoice: str) -> Decimal:
        """What credit notes took back of an invoice."""
        return sum((one.total for one in self.papers.values() if one.original == invoice), ZERO)

    def paid(self, invoice: str) -> Decimal:
        """What is allocated to it now."""
        return sum((use.amount for use in self.uses.values() if use.invoice == invoice and use.back is None), ZERO)

    def due(self, invoice: str) -> Decimal:
        """What it owes now: total, less what was paid and credited, and what credit notes handed to the customer."""
        paper = self.papers[invoice]
        if paper.is_note or paper.ended is not None:
            return ZERO
        mine = {key for key, one in self.papers.items() if one.original == invoice}
        return paper.total - self.paid(invoice) - self.notes(invoice) + self._given(mine, date.max)

    def left(self, payment: str) -> Decimal:
        """What of it is neither allocated nor given back now."""
        money = self.money[payment]
        used = sum((use.amount for use in self.uses.values() if use.payment == payment and use.back is None), ZERO)
        return money.amount - used if money.counts else ZERO

    def free_from(self, payment: str) -> date:
        """From which day its money can be used: its own, or when it last came back from where it had counted."""
        uses = (use for use in self.uses.values() if use.payment == payment)
        return max([self.money[payment].on, *(use.back for use in uses if use.back is not None and use.back != use.on)])

    def position(self, day: date) -> tuple[dict[str, Decimal], Decimal]:
        """What each invoice owes on a day, and what is unallocated; invoices that have too much owe nothing."""
        papers = {key: one for key, one in self.papers.items() if one.stands(day)}
        money = {key: one for key, one in self.money.items() if one.counts and one.on <= day}
        uses = [use for use in self.uses.values() if use.payment in money and use.holds(day)]
        uses = [use for use in uses if use.invoice is None or use.invoice in papers]
        unallocated = sum((one.amount for one in money.values()), ZERO) - sum((use.amount for use in uses), ZERO)
        open_amounts = {}
        for key, paper in papers.items():
            if not paper.is_note:
                mine = {other for other, one in papers.items() if one.original == key}
                paid = sum((use.amount for use in uses if use.invoice == key), ZERO)
                owed = paper.total - paid - sum((papers[one].total for one in mine), ZERO) + self._given(mine, day)
                open_amounts[key] = max(owed, ZERO)
                unallocated -= min(owed, ZERO)
        alone = {key: one for key, one in papers.items() if one.is_note and one.original not in papers}
        return open_amounts, unallocated + sum((one.total for one in alone.values()), ZERO) - self._given(set(alone), day)

    def ageing(self, day: date) -> dict[str, Decimal]:
        """The row of a report of the day."""
        open_amounts, unallocated = self.position(day)
        row = dict.fromkeys(AGES, ZERO)
        for key, amount in open_amounts.items():
            late = (day - self.papers[key].due).days
            row[AGES[0] if late <= 0 else AGES[min(4, (late + 29) // 30)]] += amount
        return {**row, "total": sum(open_amounts.values(), ZERO), "unallocated": unallocated}

    def balance(self, day: date) -> Decimal:
        """The closing balance of a statement: documents less money that came in, and money that went out again."""
        counted = {key: one for key, one in self.money.items() if one.counts and one.on <= day}
        documents = sum((-one.total if one.is_note else one.total for one in self.papers.values() if one.stands(day)), ZERO)
        came = sum((one.amount for one in counted.values() if one.note is None), ZERO)
        went = (use for use in self.uses.values() if use.invoice is None and use.payment in self.money)
        refunds = sum((use.amount for use in went if self.money[use.payment].counts and use.holds(day)), ZERO)
        return documents - came + refunds

    def _given(self, notes: Iterable[str], day: date) -> Decimal:
        wanted = set(notes)
        return sum((one.amount for one in self.money.values() if one.note in wanted and one.on <= day), ZERO)
