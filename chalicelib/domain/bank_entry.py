"""What a bank statement says happened on the operator's account: entries as read, judged, and told apart from those seen before.

Values and tests of texts; nothing here books anything, and where a text is unclear the row is refused rather than guessed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.money import exponent, quantise
from chalicelib.domain.payment_rules import validate_amount

ISO_DATE = "YYYY-MM-DD"
DATE_FORMATS = (
    ISO_DATE,
    "DD.MM.YYYY",
    "DD.MM.YY",
    "DD/MM/YYYY",
    "DD/MM/YY",
    "MM/DD/YYYY",
    "DD-MM-YYYY",
    "YYYY/MM/DD",
    "YYYYMMDD",
)
"""How a statement may write its dates; the file's one format is stated, never guessed."""
YEARS = range(1990, 2200)
"""Years that money can have moved in; what lies outside is a misread date."""
DECIMAL_MARKS = {".": ",", ",": "."}
"""Decimal mark → the mark that may group thousands beside it."""
NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})
"""What banks write where there is no reference (ISO 20022, SWIFT)."""
TEXT_LIMIT = 500

_TOKENS = {"YYYY": r"(?P<year>\d{4})", "YY": r"(?P<year>\d{2})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})"}
_EXACT = {**_TOKENS, "MM": r"(?P<month>\d{2})", "DD": r"(?P<day>\d{2})"}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
_DIGITS = 20
_CENTURY, _SHORT_YEAR = 2000, 2


class Side(StrEnum):
    """Which way the money went, as the account's owner sees it."""

    CREDIT = "credit"
    DEBIT = "debit"


class EntryState(StrEnum):
    """What became of an entry. Pending ones wait for a clerk; nothing is booked before somebody confirms."""

    PENDING = "pending"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as the file writes it, texts only. Either `amount` (signed, or with `side`), or `credit` and `debit`.

    `side` is None where the file marks no sides: the sign of the amount tells. `payer_reference` is what the payer called it.
    `own_account` is the operator's, where the file says whose statement the entry stands in.
    """

    line: int
    amount: str = ""
    credit: str = ""
    debit: str = ""
    side: str | None = None
    currency: str = ""
    date: str = ""
    reference: str = ""
    payer_reference: str = ""
    remittance: str = ""
    name: str = ""
    account: str = ""
    own_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the file writes figures and dates, and the texts of `side` (upper case) that mean money coming in and going out."""

    decimal_mark: str = "."
    date_format: str = ISO_DATE
    credit_marks: frozenset[str] = frozenset({"CRDT"})
    debit_marks: frozenset[str] = frozenset({"DBIT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """Money that came in or went out. `account` is that of the other party, `own_account` the operator's.

    `reference` is the bank's own, or, where it gave none (`has_bank_reference`), the payer's.
    `identity` is the same wherever the same entry is met again; empty until `identified`.
    """

    line: int
    side: Side
    amount: Decimal
    currency: str
    date: dt.date
    reference: str = ""
    has_bank_reference: bool = False
    remittance: str = ""
    name: str = ""
    account: str = ""
    own_account: str = ""
    identity: str = ""

    @property
    def id(self) -> str:
        """The entry within its statement."""
        return entry_id(self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReject:
    """A row that is no entry: where it stands, what is wrong, and the fix in words."""

    line: int
    code: str
    message: str


def entry_id(line: int) -> str:
    """The id of the entry of a line.

    >>> entry_id(17)
    '000017'
    """
    return f"{line:06d}"


def judge_entry(raw: RawEntry, style: Style) -> BankEntry | EntryReject:
    """The entry, or the first thing that is wrong with it."""
    try:
        exponent(raw.currency)
        side, amount = _money(raw, style)
        day = parse_day(raw.date, style.date_format)
    except Invalid as error:
        return EntryReject(line=raw.line, code=error.code, message=error.message)
    if issues := validate_amount(amount, raw.currency, ""):
        return EntryReject(line=raw.line, code=issues[0].code, message=issues[0].message)
    texts = {name: clean(getattr(raw, name)) for name in ("remittance", "name")}
    texts |= {name: clean(account_number(getattr(raw, name))) for name in ("account", "own_account")}
    bank, payer = _reference(raw.reference), _reference(raw.payer_reference)
    return BankEntry(
        line=raw.line,
        side=side,
        amount=quantise(amount, raw.currency),
        currency=raw.currency,
        date=day,
        reference=bank or payer,
        has_bank_reference=bool(bank),
        **texts,
    )


def account_number(text: str) -> str:
    """The number of an account however it was spaced.

    >>> account_number("de02 1203")
    'DE021203'
    """
    return "".join(text.split()).upper()[:TEXT_LIMIT]


def identify(entries: Iterable[BankEntry], own_account: str) -> list[BankEntry]:
    """Give each entry its identity: account, day, amount and the bank's reference; without one all that is told.

    `own_account` is that of entries that do not say their own.

    Rows of one file that are equal in all of it are different entries, told apart by counting them.
    """
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        named = entry.has_bank_reference
        told = [entry.reference] if named else [entry.reference, entry.remittance, entry.name, entry.account]
        whose = entry.own_account or own_account
        parts = [whose, entry.date.isoformat(), entry.side, str(entry.amount), entry.currency, str(int(named)), *told]
        key = "\n".join(parts)
        seen[key] += 1
        found.append(replace(entry, identity=hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()))
    return found


def parse_money(text: str, decimal_mark: str) -> Decimal:
    """A figure with one decimal mark, thousands grouped or not, the sign before or behind it. Raises Invalid invalid_amount.

    >>> parse_money("1.234,50", ","), parse_money("12.50-", "."), parse_money("1'000", ".")
    (Decimal('1234.50'), Decimal('-12.50'), Decimal('1000'))
    """
    plain = "".join(text.split())
    sign = "-" if plain[:1] == "-" or plain[-1:] == "-" else ""
    plain = plain.strip("+-") if len(plain) - len(plain.strip("+-")) <= 1 else ""
    group = re.escape(DECIMAL_MARKS[decimal_mark])
    figure = rf"(?:[0-9]{{1,3}}(?:[{group}'’][0-9]{{3}})+|[0-9]{{1,{_DIGITS}}})(?:{re.escape(decimal_mark)}[0-9]{{1,12}})?"
    if not re.fullmatch(figure, plain) or len(plain) > 2 * _DIGITS:
        raise Invalid.of(Issue("", "invalid_amount", f"{text[:40]!r} is not an amount with the decimal mark {decimal_mark!r}."))
    whole, _, fraction = plain.partition(decimal_mark)
    digits = "".join(character for character in whole if character.isdecimal())
    return Decimal(f"{sign}{digits}.{fraction or '0'}") if fraction else Decimal(f"{sign}{digits}")


def parse_day(text: str, date_format: str) -> dt.date:
    """A date in one of `DATE_FORMATS`; a time behind it is left aside. Raises Invalid invalid_date.

    >>> parse_day("24.12.26", "DD.MM.YY"), parse_day("2026-12-24T10:00:00", "YYYY-MM-DD")
    (datetime.date(2026, 12, 24), datetime.date(2026, 12, 24))
    """
    found = re.match(_pattern(date_format) + r"(?![0-9])", text.strip(), re.ASCII)
    refusal = Invalid.of(Issue("", "invalid_date", f"{text[:40]!r} is not a date written as {date_format}."))
    if found is None:
        raise refusal
    year = int(found["year"]) + (_CENTURY if len(found["year"]) == _SHORT_YEAR else 0)
    if year not in YEARS:
        raise refusal
    try:
        return dt.date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise refusal from None


def clean(text: str) -> str:
    """One printable line of bounded length: statements wrap texts, and carry what others typed."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:TEXT_LIMIT]


def _reference(text: str) -> str:
    found = clean(text)
    return "" if found.upper() in NO_REFERENCE else found


def _pattern(date_format: str) -> str:
    tokens = _TOKENS if re.search("[^A-Z]", date_format) else _EXACT
    return re.sub("YYYY|YY|MM|DD", lambda token: tokens[token[0]], date_format.replace(".", r"\."))


def _money(raw: RawEntry, style: Style) -> tuple[Side, Decimal]:
    """The side and the amount above zero. Raises Invalid."""
    if raw.amount.strip():
        amount = parse_money(raw.amount, style.decimal_mark)
        return _side(raw.side, amount, style), abs(amount)
    columns = ((Side.CREDIT, raw.credit), (Side.DEBIT, raw.debit))
    given = [(side, parse_money(text, style.decimal_mark)) for side, text in columns if text.strip()]
    moved = [(side, abs(amount)) for side, amount in given if amount]
    if len(moved) != 1:
        raise Invalid.of(Issue("", "invalid_amount", "The row must carry one amount, either in or out."))
    return moved[0]


def _side(mark: str | None, amount: Decimal, style: Style) -> Side:
    """What the mark says, and without marks the sign. Raises Invalid invalid_value for unknown marks and for contradictions."""
    if mark is None:
        return Side.DEBIT if amount < 0 else Side.CREDIT
    text = mark.strip().upper()
    if text in style.debit_marks:
        return Side.DEBIT
    if text not in style.credit_marks:
        raise Invalid.of(Issue("", "invalid_value", f"{mark[:40]!r} says neither that money came in nor that it went out."))
    if amount < 0:
        raise Invalid.of(Issue("", "invalid_value", f"The amount is negative, but {mark[:40]!r} says that money came in."))
    return Side.CREDIT
