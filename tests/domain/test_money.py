"""Amounts: currencies, rounding, minor units, splitting."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import apportion, exponent, from_minor, quantise, round_to_sum, to_minor, total

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD", "CLF"])
MINOR = st.integers(min_value=-(10**15), max_value=10**15)
WEIGHTS = st.lists(st.decimals(min_value=-1000, max_value=1000, places=4), min_size=1, max_size=20)


@pytest.mark.parametrize("currency", ["XXX", "XAU", "EURO", "", "eur ", "E\x00R"])
def test_unknown_currency_is_invalid(currency: str) -> None:
    """What ISO 4217 gives no minor unit is refused with its code."""
    with pytest.raises(Invalid) as caught:
        exponent(currency)
    assert caught.value.code == "unknown_currency"


@pytest.mark.parametrize(
    "amount, currency, expected",
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("0.00499999999999999999999999999999999999", "EUR", "0.00"),
        ("0.5", "JPY", "1"),
        ("1.2345", "KWD", "1.235"),
        ("1.00005", "CLF", "1.0001"),
        ("12345678901234567890123456789.005", "EUR", "12345678901234567890123456789.01"),
    ],
)
def test_rounding_is_half_away_from_zero(amount: str, currency: str, expected: str) -> None:
    """Rounding is half-up in both directions, in the digits of the currency, however long the amount."""
    assert str(quantise(Decimal(amount), currency)) == expected


def test_a_negative_that_rounds_to_nothing_is_plain_zero() -> None:
    """No document ever prints -0.00."""
    assert str(quantise(Decimal("-0.004"), "EUR")) == "0.00"


@given(MINOR, CURRENCIES)
def test_minor_units_go_there_and_back(minor: int, currency: str) -> None:
    """An amount survives the store's integers."""
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_an_amount_finer_than_its_currency_has_no_minor_units() -> None:
    """Storing an unrounded amount is a bug and raises."""
    with pytest.raises(ValueError, match="finer"):
        to_minor(Decimal("0.001"), "EUR")


@given(MINOR, WEIGHTS, CURRENCIES)
def test_parts_sum_to_the_whole(minor: int, weights: list[Decimal], currency: str) -> None:
    """Whatever the weights, mixed signs and zero sums included, not a cent is lost or made."""
    amount = from_minor(minor, currency)
    parts = apportion(amount, weights, list(range(len(weights))), currency)
    assert total(parts) == amount
    assert len(parts) == len(weights)
    assert all(part == quantise(part, currency) for part in parts)


@given(st.integers(0, 10**9), st.lists(st.decimals(min_value=0, max_value=1000, places=4), min_size=1, max_size=20))
def test_parts_are_fair(minor: int, weights: list[Decimal]) -> None:
    """With weights of one sign each part is within one cent of its exact share, and turning the sign turns the parts."""
    amount, keys, whole = from_minor(minor, "EUR"), list(range(len(weights))), sum(map(Fraction, weights))
    parts = apportion(amount, weights, keys, "EUR")
    if whole:
        shares = [Fraction(amount) * Fraction(weight) / whole for weight in weights]
        assert all(abs(Fraction(part) - share) < Fraction(1, 100) for part, share in zip(parts, shares, strict=True))
    assert apportion(-amount, weights, keys, "EUR") == [-part for part in parts]


@given(MINOR, WEIGHTS, st.randoms())
def test_order_does_not_matter(minor: int, weights: list[Decimal], random: object) -> None:
    """A part depends on its key and weight, never on where it stands."""
    amount, order = from_minor(minor, "EUR"), list(range(len(weights)))
    there = dict(zip(order, apportion(amount, weights, order, "EUR"), strict=True))
    random.shuffle(order)  # type: ignore[attr-defined]
    again = dict(zip(order, apportion(amount, [weights[key] for key in order], order, "EUR"), strict=True))
    assert there == again


def test_weights_that_sum_to_zero_give_all_to_the_smallest_key() -> None:
    """There is no proportion to follow, so one line takes it, always the same one."""
    assert apportion(Decimal("0.05"), [Decimal(1), Decimal(-1)], ["b", "a"], "EUR") == [Decimal("0.00"), Decimal("0.05")]


def test_only_the_proportion_of_weights_counts() -> None:
    """Weights that are all negative split as their opposites do."""
    weights = [Decimal(-3), Decimal(-2), Decimal(-2)]
    assert apportion(Decimal("0.10"), weights, "abc", "EUR") == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]


def test_nothing_splits_into_nothing() -> None:
    """No weights, no parts."""
    assert apportion(Decimal("1.00"), [], [], "EUR") == []


def test_shares_must_belong_to_the_amount() -> None:
    """An amount that the shares cannot make is a bug, not something to smear over them."""
    with pytest.raises(ValueError, match="not the sum"):
        round_to_sum(Decimal("1.00"), [Decimal("0.5")], ["a"], "EUR")
