"""Entries of bank statements: figures and dates as banks write them, which way the money went, and what is the same entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bank_entry import (
    DATE_FORMATS,
    BankEntry,
    EntryReject,
    RawEntry,
    Side,
    Style,
    clean,
    identify,
    judge_entry,
    parse_day,
    parse_money,
)
from chalicelib.domain.errors import Invalid

RAW = RawEntry(line=3, amount="12.5", currency="EUR", date="2026-11-15", remittance="INV-1001", name="Acme Ltd")
GERMAN = Style(decimal_mark=",", date_format="DD.MM.YYYY", credit_marks=frozenset({"H"}), debit_marks=frozenset({"S"}))


def an_entry(**fields: object) -> BankEntry:
    """The entry of RAW, with other texts."""
    entry = judge_entry(replace(RAW, **fields), Style())  # type: ignore[arg-type]
    assert isinstance(entry, BankEntry)
    return entry


def identity(entry: BankEntry, account: str = "DE1") -> str:
    """What a single entry is known by."""
    return identify([entry], account)[0].identity


@pytest.mark.parametrize(
    "text, mark, amount",
    [
        ("1.234,50", ",", "1234.50"),
        ("1234,5", ",", "1234.5"),
        ("1 234,50", ",", "1234.50"),
        ("1’234.50", ".", "1234.50"),
        ("-12.00", ".", "-12.00"),
        ("12.00-", ".", "-12.00"),
        ("+ 12.00", ".", "12.00"),
        ("1.234.567", ",", "1234567"),
        ("0,00", ",", "0.00"),
    ],
)
def test_figures_are_read_as_stated(text: str, mark: str, amount: str) -> None:
    """One decimal mark, thousands grouped or not, sign before or behind."""
    assert parse_money(text, mark) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "-", "--5", "-5-", "1,23.4", "12,34,567", "1e5", "NaN", "\u0663", "1.2.3", "5 EUR", "9" * 21, "1." + "0" * 13]
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    """A wrong decimal mark, exponents, other digits, currencies: nothing is guessed."""
    with pytest.raises(Invalid) as refused:
        parse_money(text, ".")
    assert refused.value.code == "invalid_amount"


@given(amount=st.decimals(min_value=-(10**12), max_value=10**12, places=2), mark=st.sampled_from([".", ","]))
def test_grouped_figures_come_back(amount: Decimal, mark: str) -> None:
    """What a bank writes with groups is the amount it means."""
    text = f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) if mark == "," else f"{amount:,.2f}"
    assert parse_money(text, mark) == amount


@given(day=st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), written=st.sampled_from(DATE_FORMATS))
def test_dates_come_back_in_every_format(day: date, written: str) -> None:
    """Written in the stated format, a date is read as itself."""
    text = written.replace("YYYY", f"{day:%Y}").replace("YY", f"{day:%y}").replace("MM", f"{day:%m}").replace("DD", f"{day:%d}")
    assert parse_day(text, written) == day


@pytest.mark.parametrize(
    "text",
    ["15.11.2026", "2026-02-30", "2026-11-155", "", "0001-01-01", "2200-01-01", "2026-11", "\u0662\u0660\u0662\u0666-11-15"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Another format, a day that does not exist, other digits."""
    with pytest.raises(Invalid) as refused:
        parse_day(text, "YYYY-MM-DD")
    assert refused.value.code == "invalid_date"


def test_an_entry_is_judged_whole() -> None:
    """Amount with the currency's digits, day, one-line texts, account without spaces."""
    raw = replace(RAW, remittance="INV-\x00 1001\n\u202enov", account="de89 3704")
    entry = judge_entry(raw, Style())
    assert isinstance(entry, BankEntry)
    assert (entry.id, str(entry.amount), entry.side, entry.date) == ("000003", "12.50", Side.CREDIT, date(2026, 11, 15))
    assert (entry.remittance, entry.account) == ("INV- 1001 nov", "DE893704")


@pytest.mark.parametrize(
    "fields, side, amount",
    [
        ({"amount": "-12,50"}, Side.DEBIT, "12.50"),
        ({"amount": "12,50", "side": "s"}, Side.DEBIT, "12.50"),
        ({"amount": "12,50", "side": "H"}, Side.CREDIT, "12.50"),
        ({"amount": "-12,50", "side": "S"}, Side.DEBIT, "12.50"),
        ({"amount": "", "credit": "12,50", "debit": ""}, Side.CREDIT, "12.50"),
        ({"amount": "", "credit": "0,00", "debit": "-7,00"}, Side.DEBIT, "7.00"),
    ],
)
def test_the_side_follows_from_sign_mark_or_column(fields: dict[str, str], side: Side, amount: str) -> None:
    """A negative figure is money out; marked as out it stays out; two columns say it by which one is filled."""
    entry = judge_entry(replace(RAW, date="15.11.2026", **fields), GERMAN)
    assert isinstance(entry, BankEntry)
    assert (entry.side, str(entry.amount)) == (side, amount)


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"amount": "0.00"}, "invalid_amount"),
        ({"amount": "0.005"}, "invalid_amount"),
        ({"amount": ""}, "invalid_amount"),
        ({"amount": "", "credit": "1", "debit": "1"}, "invalid_amount"),
        ({"side": ""}, "invalid_value"),
        ({"side": "WITHDRAWAL"}, "invalid_value"),
        ({"amount": "-1", "side": "CRDT"}, "invalid_value"),
        ({"currency": "EURO"}, "unknown_currency"),
        ({"date": "15.11.2026"}, "invalid_date"),
    ],
)
def test_a_row_that_is_no_entry_says_why(fields: dict[str, str], code: str) -> None:
    """Nothing, more than nothing twice, too fine, marked as nobody knows or against its sign: the line and the reason."""
    reject = judge_entry(replace(RAW, **fields), Style())
    assert isinstance(reject, EntryReject)
    assert (reject.line, reject.code) == (3, code)


def test_the_same_entry_is_recognised_in_another_file() -> None:
    """Another line, another text beside the bank's reference: the same entry."""
    entry = an_entry(reference="R1")
    assert identity(entry) == identity(replace(entry, line=9, remittance="other", amount=Decimal("12.50")))
    assert identity(entry) != identity(entry, account="DE2")
    assert identity(entry) != identity(replace(entry, date=date(2026, 12, 15)))


@pytest.mark.parametrize("reference", ["", "NONREF", "NotProvided"])
def test_without_a_reference_all_texts_count(reference: str) -> None:
    """What banks write for no reference is none."""
    entry = an_entry(reference=reference)
    assert identity(entry) == identity(replace(entry, line=7))
    assert identity(entry) != identity(replace(entry, remittance="INV-1002"))


def test_what_the_payer_calls_it_is_no_identity_by_itself() -> None:
    """Two tenants write RENT; who paid tells them apart, and what the bank says in its place is preferred."""
    entry = an_entry(payer_reference="RENT")
    assert (entry.reference, an_entry(payer_reference="RENT", reference="R1").reference) == ("RENT", "R1")
    assert identity(entry) == identity(replace(entry, line=7))
    others = [
        replace(entry, name="Bolt"),
        replace(entry, account="DE88"),
        an_entry(payer_reference="FEE"),
        an_entry(reference="RENT"),
    ]
    assert len({identity(one) for one in (entry, *others)}) == 1 + len(others)


def test_equal_rows_of_one_file_are_two_entries() -> None:
    """Paid twice on a day is two payments, and both are recognised in the next file."""
    first = identify([an_entry(), an_entry(line=4)], "DE1")
    again = identify([an_entry(line=8), an_entry(line=9)], "DE1")
    assert first[0].identity != first[1].identity
    assert [one.identity for one in first] == [one.identity for one in again]


@given(st.text(max_size=700))
def test_texts_become_one_printable_line(text: str) -> None:
    """Whatever somebody typed into a transfer."""
    cleaned = clean(text)
    assert len(cleaned) <= 500
    assert clean(cleaned) == cleaned
