"""Plain figures in the customer's locale, fast enough for a hundred thousand of them.

Babel takes 30 µs a figure. A locale's separators are therefore learnt from Babel once, by probes; a locale whose figures cannot
be had by exchanging separators is left to Babel. Currency signs stand in the heading of a column, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cached_property

from babel import Locale

from chalicelib.domain.money import PRECISION, exponent
from chalicelib.render.formats import with_minus

PROBES = ("0", "7.5", "-12.05", "999.99", "1234.5", "-43210.99", "1234567.89", "987654321012.34")
SECONDS_PER_MINUTE = 60
_EXACT = Context(prec=PRECISION)


@dataclass(frozen=True)
class Figures:
    """Writes the figures of one document: amounts in its currency's digits, counts, minutes."""

    locale: Locale
    currency: str

    @cached_property
    def _digits(self) -> int:
        return exponent(self.currency)

    def amount(self, amount: Decimal) -> str:
        """An amount with the digits of the currency and no sign of it: 1,234.50. Never rounded: stored amounts have no more."""
        return self._write(amount, self._digits)

    def price(self, price: Decimal) -> str:
        """A unit price with all its decimals, at least those of the currency: 24.90, 0.0008."""
        own = -int(_EXACT.normalize(price).as_tuple().exponent)
        return self._write(price, max(own, self._digits))

    def count(self, number: int) -> str:
        """A whole number: 1,204."""
        return self._write(Decimal(number), 0)

    def minutes(self, seconds: int) -> str:
        """Seconds as minutes to a hundredth, halves up (display only)."""
        hundredths = (seconds * 200 + SECONDS_PER_MINUTE) // (2 * SECONDS_PER_MINUTE)
        return self._write(Decimal(hundredths).scaleb(-2), 2)

    @cached_property
    def _separators(self) -> dict[int, str] | None:
        """How , . - of Python's figures are written here; None where that is not all there is to it."""
        symbols = self.locale.number_symbols["latn"]
        exchange = str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": symbols["minusSign"]})
        alike = all(
            _plain(Decimal(probe), digits).translate(exchange) == _by_babel(Decimal(probe), digits, self.locale)
            for probe in PROBES
            for digits in (0, 2, 3)
        )
        return exchange if alike else None

    def _write(self, value: Decimal, digits: int) -> str:
        if self._separators is None:
            return _by_babel(value, digits, self.locale)
        return _plain(value, digits).translate(self._separators)


def _plain(value: Decimal, digits: int) -> str:
    return f"{_fixed(value, digits):,f}"


def _fixed(value: Decimal, digits: int) -> Decimal:
    if -int(value.as_tuple().exponent) == digits:
        return value
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)


def _by_babel(value: Decimal, digits: int, locale: Locale) -> str:
    pattern = with_minus(locale.decimal_formats[None], locale)
    pattern.frac_prec = (digits, digits)
    with localcontext(_EXACT):
        written: str = pattern.apply(_fixed(value, digits), locale)
    return written
