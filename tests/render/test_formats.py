"""Figures and dates in the customer's locale: other signs, the same value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import PrintedPeriod
from chalicelib.domain.money import exponent, from_minor
from chalicelib.render.formats import Formats
from chalicelib.render.labels import languages

CURRENCIES = ("EUR", "JPY", "KWD", "CLF", "HUF", "IQD", "USD")


def formats(tag: str = "en", currency: str = "EUR") -> Formats:
    """Formatters of that locale and currency."""
    return Formats(Locale.parse(tag, sep="-"), currency)


@pytest.mark.parametrize(
    "tag, currency, amount, shown",
    [
        ("en", "EUR", "1234.50", "€1,234.50"),
        ("de", "EUR", "1234.50", "1.234,50\u00a0€"),
        ("fr", "EUR", "-1234.50", "-1\u202f234,50\u00a0€"),
        ("en-GB", "JPY", "1235", "JP¥1,235"),
        ("en", "KWD", "1234.567", "KWD\u00a01,234.567"),
        ("en", "HUF", "12.34", "HUF\u00a012.34"),
        ("en", "IQD", "-12.345", "-IQD\u00a012.345"),
        ("en", "USD", "99999999999999999999999999999999999.99", "$99,999,999,999,999,999,999,999,999,999,999,999.99"),
    ],
)
def test_money(tag: str, currency: str, amount: str, shown: str) -> None:
    """Amounts have the currency's ISO 4217 digits, also where CLDR would print none (IQD), and any length."""
    assert formats(tag, currency).money(Decimal(amount)) == shown


@given(
    st.sampled_from(sorted(name.replace("_", "-") for name in languages())),
    st.sampled_from(CURRENCIES),
    st.integers(-(10**30), 10**30),
)
def test_printed_money_is_the_stored_money(tag: str, currency: str, minor: int) -> None:
    """In every language the printed figure reads back as the stored amount."""
    amount = from_minor(minor, currency)
    printed = formats(tag, currency).money(amount)
    figure = "".join(sign for sign in printed.replace("\u2212", "-") if sign.isdigit() or sign in ".,-").strip(".,")
    decimals = str(Locale.parse(tag, sep="-").number_symbols["latn"]["decimal"])
    whole, _, fraction = figure.rpartition(decimals) if exponent(currency) else (figure, "", "")
    digits = "".join(sign for sign in whole if sign.isdigit())
    assert Decimal(f"{'-' if '-' in figure else ''}{digits}.{fraction or '0'}") == amount


@pytest.mark.parametrize(
    "price, shown", [("0.0008", "€0.0008"), ("5", "€5.00"), ("1E+3", "€1,000.00"), ("0.10", "€0.10"), ("-2.125", "-€2.125")]
)
def test_unit_prices_keep_their_scale(price: str, shown: str) -> None:
    """A unit price shows every decimal it has, and at least those of the currency."""
    assert formats().price(Decimal(price)) == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_numbers_read_back(value: Decimal) -> None:
    """A printed number reads back as itself, in German too."""
    assert parse_decimal(formats("de").number(value), locale="de") == value


@pytest.mark.parametrize(
    "tag, percent, shown", [("en", "19", "19%"), ("de", "7.5", "7,5\u00a0%"), ("en", "0", "0%"), ("en", "21.375", "21.375%")]
)
def test_percent(tag: str, percent: str, shown: str) -> None:
    """Rates are given in percent and keep their decimals."""
    assert formats(tag).percent(Decimal(percent)) == shown


@pytest.mark.parametrize(
    "tag, seconds, shown",
    [
        ("en", 0, "0.00\u00a0min"),
        ("en", 30, "0.50\u00a0min"),
        ("en", 61, "1.02\u00a0min"),
        ("en", 3600 * 100, "6,000.00\u00a0min"),
        ("hi", 6 * 10**7, "10,00,000.00\u00a0मि॰"),
        ("ar", 26274, "437.90\u00a0د"),
    ],
)
def test_minutes(tag: str, seconds: int, shown: str) -> None:
    """Seconds are shown as minutes with both decimals; figure and unit never come apart."""
    assert formats(tag).minutes(seconds) == shown


@pytest.mark.parametrize(
    "tag, minus, shown",
    [
        ("ar", "\u200e-", "\u200f\u200e-30.50\u00a0€"),
        ("he", "\u200e-", "\u200f\u200e-30.50\u00a0\u200f€"),
        ("sv", "\u2212", "\u221230,50\u00a0€"),
        ("nl", "-", "€\u00a0-30,50"),
    ],
)
def test_the_minus_is_that_of_the_language(tag: str, minus: str, shown: str) -> None:
    """With its mark where reading begins at the right: the same one for amounts, prices, numbers and rates."""
    assert formats(tag).money(Decimal("-30.50")) == formats(tag).price(Decimal("-30.5")) == shown
    assert formats(tag).number(-1) == f"{minus}1"
    assert formats(tag).percent(Decimal(-5)).startswith(f"{minus}5")


def test_a_period_of_one_day_is_a_date() -> None:
    """One day is not printed as a range."""
    day = date(2026, 11, 3)
    assert formats("de").period(PrintedPeriod(start_date=day, end_date=day)) == "03.11.2026"
