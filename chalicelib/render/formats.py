"""Figures and dates as the customer's locale writes them (CLDR through Babel).

Shows exactly what is stored: it never rounds an amount, and takes the digits of a currency from ISO 4217, not from CLDR, so that
what is printed adds up.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from babel import Locale
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern, get_minus_sign_symbol
from babel.units import format_unit

from chalicelib.domain.invoice import PrintedPeriod
from chalicelib.domain.money import PRECISION, exponent
from chalicelib.render.printable import LEFT_TO_RIGHT_MARK

SECONDS_PER_MINUTE = 60
HUNDREDTH = Decimal("0.01")
LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class Formats:
    """Formatters of one document: its locale and its currency."""

    locale: Locale
    currency: str

    def money(self, amount: Decimal) -> str:
        """An amount with its currency and the currency's digits: €1,234.50, ¥1,235, KWD 1.234."""
        return self._currency(amount, exponent(self.currency))

    def price(self, price: Decimal) -> str:
        """A unit price with all its decimals, at least the currency's: €0.0008."""
        digits = -int(_plain(price).as_tuple().exponent)
        return self._currency(price, max(digits, exponent(self.currency)))

    def number(self, value: Decimal | int) -> str:
        """A number of any scale without trailing zeros: 1,204.5."""
        pattern = with_minus(self.locale.decimal_formats[None], self.locale)
        return _exactly(lambda: pattern.apply(_plain(Decimal(value)), self.locale, decimal_quantization=False))

    def percent(self, percent: Decimal) -> str:
        """A rate given in percent (19 is 19 %), any scale."""
        pattern = self.locale.percent_formats[None]
        return self._apply(pattern, _plain(percent).scaleb(-2), max(0, -int(_plain(percent).as_tuple().exponent)))

    def percent_in_text(self, percent: Decimal) -> str:
        """The same for a place behind words: behind letters from right to left its sign would change sides (UAX 9, W2)."""
        mark = LEFT_TO_RIGHT_MARK if self.locale.text_direction == "rtl" else ""
        return f"{mark}{self.percent(percent)}{mark}"

    def date(self, day: date) -> str:
        """A date as the locale writes it in medium length."""
        return format_date(day, "medium", self.locale)

    def period(self, period: PrintedPeriod) -> str:
        """An inclusive range of dates without repeating common parts: 1-30 Nov 2026."""
        if period.start_date == period.end_date:
            return self.date(period.start_date)
        return format_interval(period.start_date, period.end_date, "yMMMd", locale=self.locale)

    def minutes(self, seconds: int) -> str:
        """Seconds as minutes with both decimals, as in a column of them (display only; nothing is charged by this figure)."""
        shown = (Decimal(seconds) / SECONDS_PER_MINUTE).quantize(HUNDREDTH, ROUND_HALF_UP)
        pattern = self.locale.decimal_formats[None].pattern.replace(".###", ".00")
        written = format_unit(shown, "duration-minute", "short", pattern, self.locale)
        return written.replace(" ", NO_BREAK_SPACE)

    def _currency(self, amount: Decimal, digits: int) -> str:
        """A code or sign that ends in a letter keeps a space to the digits (CLDR currencySpacing, which Babel does not apply)."""
        shown = self._apply(self.locale.currency_formats["standard"], amount, digits)
        return LETTER_MEETS_DIGIT.sub(NO_BREAK_SPACE, shown)

    def _apply(self, pattern: NumberPattern, value: Decimal, digits: int) -> str:
        fixed = with_minus(pattern, self.locale)
        fixed.frac_prec = (digits, digits)
        return _exactly(lambda: fixed.apply(value, self.locale, currency=self.currency, currency_digits=False))


def with_minus(pattern: NumberPattern, locale: Locale) -> NumberPattern:
    """A copy of the pattern with the minus of the locale, which Babel leaves out: without its mark (ar, he) it changes sides."""
    copied = copy.copy(pattern)
    copied.prefix = (pattern.prefix[0], pattern.prefix[1].replace("-", get_minus_sign_symbol(locale)))
    return copied


def _plain(value: Decimal) -> Decimal:
    """The value without trailing zeros and never in exponent notation."""
    with localcontext(prec=PRECISION):
        short = value.normalize()
        return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def _exactly(render: Callable[[], str]) -> str:
    """Run Babel with enough digits for the longest amount; its own context would refuse 29."""
    with localcontext(prec=PRECISION):
        return render()
