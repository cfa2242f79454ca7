"""Amounts: exact decimals quantised to a currency, split without losing a cent.

Refuses floats and unknown currencies. Formatting for people is in `render`, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any, Protocol

from iso4217 import Currency

from chalicelib.domain.errors import Invalid, Issue

ZERO = Decimal(0)
HUNDRED = Decimal(100)
PRECISION = 60
"""Digits kept in intermediate results; amounts have at most 38 (the store's limit)."""


class Orderable(Protocol):
    """A tie-breaking key: str, int, date, or a tuple of those."""

    def __lt__(self, other: Any, /) -> bool:
        """Order keys of one kind."""


@cache
def exponent(currency: str) -> int:
    """Decimal digits of the currency's minor unit (ISO 4217).

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD"), exponent("CLF")
    (2, 0, 3, 4)
    """
    try:
        digits = Currency(currency).exponent
    except ValueError:
        digits = None
    if digits is None:
        raise Invalid.of(Issue("currency", "unknown_currency", f"{currency!r} is not an ISO 4217 currency in use."))
    return int(digits)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, half away from zero; a negative that rounds to nothing is plain zero.

    >>> quantise(Decimal("0.125"), "EUR"), quantise(Decimal("-0.125"), "EUR"), quantise(Decimal("2.5"), "JPY")
    (Decimal('0.13'), Decimal('-0.13'), Decimal('3'))
    """
    with localcontext(prec=PRECISION):
        return amount.quantize(_unit(currency), ROUND_HALF_UP) + ZERO


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount as whole minor units; an amount finer than the currency is a bug and raises.

    >>> to_minor(Decimal("12.50"), "EUR")
    1250
    """
    with localcontext(prec=PRECISION):
        scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than {currency}")
    return int(scaled)


def from_minor(minor: int, currency: str) -> Decimal:
    """Whole minor units as an amount with the currency's digits.

    >>> from_minor(1250, "KWD")
    Decimal('1.250')
    """
    return Decimal(minor).scaleb(-exponent(currency))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Exact sum, zero for none.

    >>> total([Decimal("0.0008")] * 100)
    Decimal('0.0800')
    """
    with localcontext(prec=PRECISION):
        return sum(amounts, ZERO)


def round_to_sum(amount: Decimal, shares: Sequence[Fraction], keys: Sequence[Orderable], currency: str) -> list[Decimal]:
    """Round exact shares to the currency so that they add up to `amount`, their rounded sum, by largest remainder.

    Ties go to the smaller key. Shares may have mixed signs; turning all signs turns the result's. An amount that is more
    than one unit per share away from the shares' sum is a bug and raises.

    >>> third = Fraction(8, 300)
    >>> round_to_sum(Decimal("0.08"), [third] * 3, ["a", "b", "c"], "EUR")
    [Decimal('0.03'), Decimal('0.03'), Decimal('0.02')]
    """
    sign = -1 if amount < 0 else 1
    scale = sign * 10 ** exponent(currency)
    exact = [share * scale for share in shares]
    parts = [floor(share) for share in exact]
    missing = sign * to_minor(amount, currency) - sum(parts)
    if not 0 <= missing <= len(parts):
        raise ValueError(f"{amount} is not the sum of its shares")
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], keys[i]))
    for i in order[:missing]:
        parts[i] += 1
    return [from_minor(sign * part, currency) for part in parts]


def apportion(amount: Decimal, weights: Sequence[Decimal], keys: Sequence[Orderable], currency: str) -> list[Decimal]:
    """Split a quantised amount in proportion to weights by largest remainder; parts always sum to the whole.

    Ties go to the smaller key. Weights that sum to zero: the smallest key takes all.

    >>> apportion(Decimal("0.08"), [Decimal(1)] * 3, ["a", "b", "c"], "EUR")
    [Decimal('0.03'), Decimal('0.03'), Decimal('0.02')]
    """
    if not weights:
        return []
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if whole == 0:
        first = min(range(len(keys)), key=lambda i: keys[i])
        exact = [Fraction(i == first) for i in range(len(weights))]
        whole = Fraction(1)
    return round_to_sum(amount, [Fraction(amount) * weight / whole for weight in exact], keys, currency)


@cache
def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))
