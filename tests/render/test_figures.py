"""Fast figures: the same as Babel's, in every locale that documents are written in."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from babel import Locale, localedata
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.render.figures import Figures
from chalicelib.render.formats import Formats
from chalicelib.render.labels import languages

WRITTEN = sorted(tag for tag in localedata.locale_identifiers() if tag.partition("_")[0] in languages())


@given(st.sampled_from(WRITTEN), st.integers(-(10**15), 10**15))
@settings(max_examples=50)
def test_figures_are_those_of_the_invoice(tag: str, number: int) -> None:
    """A count is the one that the invoice prints, an amount the same with its decimals after it."""
    locale = Locale.parse(tag)
    figures = Figures(locale, "EUR")
    assert figures.count(number) == Formats(locale, "EUR").number(number)
    point = locale.number_symbols["latn"]["decimal"]
    assert figures.amount(Decimal(number) + Decimal(0).scaleb(-2)) == f"{figures.count(number)}{point}00"


@pytest.mark.parametrize(
    "tag, shown",
    [
        ("en", "-1,234,567.50"),
        ("de", "-1.234.567,50"),
        ("fr", "-1\u202f234\u202f567,50"),
        ("de_CH", "-1’234’567.50"),
        ("en_IN", "-12,34,567.50"),
        ("ar", "\u200e-1,234,567.50"),
        ("he", "\u200e-1,234,567.50"),
    ],
)
def test_separators_of_a_locale(tag: str, shown: str) -> None:
    """Groups, decimals and minus as the locale writes them, also where groups are not of three; Latin digits everywhere."""
    assert Figures(Locale.parse(tag), "EUR").amount(Decimal("-1234567.50")) == shown


@pytest.mark.parametrize("currency, shown", [("EUR", "7.50"), ("JPY", "8"), ("KWD", "7.500")])
def test_digits_of_the_currency(currency: str, shown: str) -> None:
    """An amount has the digits of its currency."""
    assert Figures(Locale("en"), currency).amount(Decimal("7.5")) == shown


@pytest.mark.parametrize("price, shown", [("24.9", "24.90"), ("0.0125", "0.0125"), ("1E+3", "1,000.00"), ("3.1000", "3.10")])
def test_prices_keep_all_their_decimals(price: str, shown: str) -> None:
    """At least the currency's digits, and no trailing zeros beyond them."""
    assert Figures(Locale("en"), "EUR").price(Decimal(price)) == shown


@given(st.integers(0, 10**9))
@settings(max_examples=50)
def test_minutes_are_those_of_the_invoice(seconds: int) -> None:
    """Minutes are rounded as the invoice rounds them, and show both decimals."""
    shown = re.match(r"[\d,.]+", Formats(Locale("en"), "EUR").minutes(seconds))
    assert shown
    assert Decimal(Figures(Locale("en"), "EUR").minutes(seconds).replace(",", "")) == Decimal(shown[0].replace(",", ""))
