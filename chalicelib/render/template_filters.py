"""The filters that templates of operators have for plain figures: money, price …, as the customer's locale writes them.

They take what the plain data of a document holds (texts, whole numbers) and refuse anything else with words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from markupsafe import Markup, escape

from chalicelib.render.formats import Formats

LONGEST_FIGURE = 40
SCALES = 24
"""Digits before or after the point beyond which a figure is none of a document."""


class FigureError(ValueError):
    """A filter was given what it cannot format; the message says what it takes."""


def build_filters(formats: Formats) -> dict[str, Callable[..., object]]:
    """The filters of one document: its locale, its currency."""
    return {
        "money": lambda value: formats.price(_decimal(value)),
        "number": lambda value: formats.number(_decimal(value)),
        "percent": lambda value: formats.percent(_decimal(value)),
        "date": lambda value: formats.date(_date(value)),
        "minutes": lambda value: formats.minutes(int(_decimal(value))),
        "nl2br": lambda value: Markup("<br>").join(escape(line) for line in str(value).split("\n")),
    }


def _decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, (str, int)) else ""
    try:
        number = Decimal(text[:LONGEST_FIGURE])
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not -SCALES < number.adjusted() < SCALES or int(number.as_tuple().exponent) < -SCALES:
        raise FigureError(f"{str(value)[:LONGEST_FIGURE]!r} is not a figure such as 12.50.")
    return number


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise FigureError(f"{str(value)[:LONGEST_FIGURE]!r} is not a date such as 2026-11-30.") from error
