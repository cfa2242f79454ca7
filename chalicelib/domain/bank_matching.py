"""Whose money an entry of a bank statement may be, and what it may pay: proposals with reasons, for a clerk to confirm.

Decides nothing and books nothing. A score adds the weights of the reasons; it orders proposals and is no probability. The full
score is for who is named by number and pays to the cent: whatever else speaks for somebody else counts less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.allocation import MAX_ALLOCATIONS, AllocationStrategy, OpenInvoice, plan_allocation
from chalicelib.domain.bank_entry import BankEntry
from chalicelib.domain.money import total

MAX_PROPOSALS = 5
FULL_SCORE = 100
SHORTEST_MARK = 3
"""Characters below which a number, id or name is found in too many texts to mean anything."""


class MatchReason(StrEnum):
    """Why somebody is proposed."""

    INVOICE_NUMBER = "invoice_number"
    ACCOUNT_KNOWN = "account_known"
    TAX_ID = "tax_id"
    EXTERNAL_ID = "external_id"
    CUSTOMER_NAME = "customer_name"
    AMOUNT_OF_INVOICE = "amount_of_invoice"
    AMOUNT_OF_ALL_NAMED = "amount_of_all_named"


WEIGHTS: Mapping[MatchReason, int] = {
    MatchReason.INVOICE_NUMBER: 60,
    MatchReason.ACCOUNT_KNOWN: 40,
    MatchReason.TAX_ID: 40,
    MatchReason.EXTERNAL_ID: 35,
    MatchReason.CUSTOMER_NAME: 30,
    MatchReason.AMOUNT_OF_INVOICE: 25,
    MatchReason.AMOUNT_OF_ALL_NAMED: 25,
}

EXACT = frozenset({MatchReason.AMOUNT_OF_INVOICE, MatchReason.AMOUNT_OF_ALL_NAMED})
"""Reasons that leave no cent over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBill:
    """An issued invoice that still owes something."""

    number: str
    terms: OpenInvoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A customer as matching sees it; `accounts` are those that paid for it before.

    `brings_invoice`: its payments create their own invoice, so they are never proposed for another.
    """

    customer_id: str
    name: str
    currency: str
    tax_id: str = ""
    external_id: str = ""
    accounts: frozenset[str] = frozenset()
    brings_invoice: bool = False
    bills: tuple[OpenBill, ...] = ()


class ProposedLine(NamedTuple):
    """How much would go to which invoice."""

    invoice_id: str
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A customer, why, and what would be paid. No lines where the currencies differ: nothing can be booked."""

    customer_id: str
    customer_name: str
    score: int
    reasons: tuple[MatchReason, ...]
    currency: str
    fits_currency: bool
    lines: tuple[ProposedLine, ...] = ()


def propose(entry: BankEntry, debtors: Iterable[Debtor]) -> tuple[Proposal, ...]:
    """The best proposals, highest score first; ties by customer id."""
    told = _Told(entry)
    found = [proposal for debtor in debtors if (proposal := _match(entry, told, debtor)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.score, one.customer_id))[:MAX_PROPOSALS])


def contains_mark(text: str, mark: str) -> bool:
    """Whether a number or id stands in a text, however the bank wrapped or spaced it, and not inside a longer number.

    >>> contains_mark("RE INV-10 01/NOV", "INV-1001"), contains_mark("INV-10012", "INV-1001")
    (True, False)
    """
    characters = [character for character in mark if character.isalnum()]
    if len(characters) < SHORTEST_MARK:
        return False
    before = r"(?<![0-9])" if characters[0].isdecimal() else r"(?<![^\W\d_])"
    after = r"(?![0-9])" if characters[-1].isdecimal() else r"(?![^\W_])"
    return re.search(before + r"[\W_]*".join(map(re.escape, characters)) + after, text, re.IGNORECASE) is not None


class _Told:
    """What an entry tells in words, and the same without anything between letters and digits: a quick first look."""

    def __init__(self, entry: BankEntry) -> None:
        self.text = f"{entry.remittance} {entry.reference}"
        self.everything = f"{self.text} {entry.name}"
        self._letters = _letters(self.everything)

    def names(self, mark: str) -> bool:
        """Whether a number or id is named anywhere."""
        return _letters(mark) in self._letters and contains_mark(self.everything, mark)


def _match(entry: BankEntry, told: _Told, debtor: Debtor) -> Proposal | None:
    fits = debtor.currency == entry.currency
    named = [bill for bill in debtor.bills if told.names(bill.number)]
    same = [bill for bill in debtor.bills if fits and bill.terms.amount_due == entry.amount]
    reasons = [*_reasons(entry, told, debtor, named), *_amounts(entry, named, same, fits=fits)]
    if not reasons:
        return None
    return Proposal(
        customer_id=debtor.customer_id,
        customer_name=debtor.name,
        score=_score(reasons),
        reasons=tuple(reasons),
        currency=debtor.currency,
        fits_currency=fits,
        lines=_lines(entry, debtor, named or same[:1]) if fits and not debtor.brings_invoice else (),
    )


def _score(reasons: list[MatchReason]) -> int:
    if MatchReason.INVOICE_NUMBER in reasons and not EXACT.isdisjoint(reasons):
        return FULL_SCORE
    return min(FULL_SCORE - 1, sum(WEIGHTS[reason] for reason in reasons))


def _reasons(entry: BankEntry, told: _Told, debtor: Debtor, named: list[OpenBill]) -> Iterable[MatchReason]:
    if named:
        yield MatchReason.INVOICE_NUMBER
    if entry.account in debtor.accounts:
        yield MatchReason.ACCOUNT_KNOWN
    if told.names(debtor.tax_id):
        yield MatchReason.TAX_ID
    if told.names(debtor.external_id):
        yield MatchReason.EXTERNAL_ID
    if told.names(debtor.name):
        yield MatchReason.CUSTOMER_NAME


def _amounts(entry: BankEntry, named: list[OpenBill], same: list[OpenBill], *, fits: bool) -> Iterable[MatchReason]:
    if same and (not named or any(bill in named for bill in same)):
        yield MatchReason.AMOUNT_OF_INVOICE
    elif fits and len(named) > 1 and total(bill.terms.amount_due for bill in named) == entry.amount:
        yield MatchReason.AMOUNT_OF_ALL_NAMED


def _lines(entry: BankEntry, debtor: Debtor, wanted: list[OpenBill]) -> tuple[ProposedLine, ...]:
    """The invoices that are meant, else the oldest due ones, as far as the money goes and one transaction holds."""
    bills = {bill.terms.invoice_id: bill for bill in wanted or debtor.bills}
    plan = plan_allocation(entry.amount, [bill.terms for bill in bills.values()], AllocationStrategy.OLDEST_DUE_FIRST)
    return tuple(
        ProposedLine(invoice_id, bills[invoice_id].number, amount) for invoice_id, amount in plan.lines[:MAX_ALLOCATIONS]
    )


@lru_cache(maxsize=50_000)
def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
