"""Amounts: exact decimals quantised to a currency, split without losing a cent.

Refuses floats and unknown currencies. Formatting for people is in `render`, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from math import lcm
from typing import Any, Protocol

from iso4217 import Currency

from chalicelib.domain.errors import Invalid, Issue

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
PRECISION = 60
"""Digits kept in intermediate results; amounts have at most 38 (the store's limit)."""

_EXACT = Context(prec=PRECISION)  # handed to single operations: entering a local context costs four times as much


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
    return _EXACT.plus(amount.quantize(_unit(currency), ROUND_HALF_UP, _EXACT))


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


def round_to_sum(
    amount: Decimal, shares: Sequence[Decimal], keys: Sequence[Orderable], currency: str, *, divisor: Decimal = ONE
) -> list[Decimal]:
    """Round each share / divisor to the currency so that the parts add up to `amount`, their rounded sum, by largest remainder.

    Ties go to the smaller key. Shares may have mixed signs; turning all signs turns the result's. An amount that is more
    than one unit per share away from the shares' sum is a bug and raises.

    >>> round_to_sum(Decimal("0.08"), [Decimal("0.08")] * 3, ["a", "b", "c"], "EUR", divisor=Decimal(3))
    [Decimal('0.03'), Decimal('0.03'), Decimal('0.02')]
    """
    *numerators, denominator = _as_integers([*shares, divisor])
    scale: int = 10 ** exponent(currency)
    parts = _settle(to_minor(amount, currency), [numerator * scale for numerator in numerators], denominator, keys)
    return [from_minor(part, currency) for part in parts]


def apportion(amount: Decimal, weights: Sequence[Decimal], keys: Sequence[Orderable], currency: str) -> list[Decimal]:
    """Split a quantised amount in proportion to weights by largest remainder; parts always sum to the whole.

    Ties go to the smaller key. Weights that sum to zero: the smallest key takes all.

    >>> apportion(Decimal("0.08"), [Decimal(1)] * 3, ["a", "b", "c"], "EUR")
    [Decimal('0.03'), Decimal('0.03'), Decimal('0.02')]
    """
    if not weights:
        return []
    parts = _as_integers(weights)
    if sum(parts) == 0:
        first = min(range(len(keys)), key=lambda i: keys[i])
        parts = [int(i == first) for i in range(len(weights))]
    whole = sum(parts)
    sign = -1 if whole < 0 else 1
    minor = to_minor(amount, currency)
    settled = _settle(minor, [sign * minor * part for part in parts], sign * whole, keys)
    return [from_minor(part, currency) for part in settled]


def _settle(minor: int, numerators: list[int], denominator: int, keys: Sequence[Orderable]) -> list[int]:
    """Round numerator / denominator each so that all add up to `minor`; whole numbers, so nothing is lost on the way."""
    sign = -1 if minor < 0 else 1
    divided = [divmod(sign * numerator, denominator) for numerator in numerators]
    parts = [quotient for quotient, _ in divided]
    missing = sign * minor - sum(parts)
    if not 0 <= missing <= len(parts):
        raise ValueError(f"{minor} minor units are not the sum of their shares")
    if missing:
        for i in sorted(range(len(parts)), key=lambda i: (-divided[i][1], keys[i]))[:missing]:
            parts[i] += 1
    return [sign * part for part in parts]


def _as_integers(numbers: Sequence[Decimal]) -> list[int]:
    """The numbers multiplied by their common denominator."""
    ratios = [number.as_integer_ratio() for number in numbers]
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]


@cache
def _unit(currency: str) -> Decimal:
    return ONE.scaleb(-exponent(currency))
