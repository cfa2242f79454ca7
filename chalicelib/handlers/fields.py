"""Types of request fields: amounts, days, texts, ids. Each refuses what would go wrong further in, and says how to fix it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2199, 12, 31)
FACTOR_LIMIT = Decimal(10) ** 12

_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ufffe\uffff]")
_BREAKS = re.compile(r"[\t\r\n]")


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise PydanticCustomError("invalid_amount", "A JSON number with a fraction is not exact; send amounts as strings.")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise PydanticCustomError("invalid_type", 'Send a decimal string such as "12.50".')
    text = value if isinstance(value, str) else _digits(value)
    if not _DECIMAL.fullmatch(text):
        raise PydanticCustomError(
            "invalid_amount", 'Send a decimal string such as "12.50": at most 20 digits before the point and 12 after it.'
        )
    return _exact(text)


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**20 else ""


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # pragma: no cover  # the pattern leaves nothing that Decimal refuses
        raise AssertionError(text) from error


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "Send a date such as 2026-11-30.")
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("invalid_date", f"Send a calendar date from {FIRST_DAY} to {LAST_DAY}, such as 2026-11-30.")
    return day


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "Send an instant such as 2026-11-30T12:00:00Z.")
    try:
        instant = datetime.fromisoformat(value) if "T" in value else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not FIRST_DAY < instant.date() < LAST_DAY:
        raise PydanticCustomError("invalid_date", "Send an instant with its offset, such as 2026-11-30T12:00:00Z.")
    return instant.astimezone(UTC)


def _one_line(text: str) -> str:
    if _BREAKS.search(text):
        raise PydanticCustomError("invalid_value", "Only one line of text is possible here.")
    return _printable(text)


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("invalid_value", "Control characters cannot be printed.")
    return text.strip()


def _named(text: str) -> str:
    if not text:
        raise PydanticCustomError("required", "The text must not be empty.")
    return text


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("invalid_amount", "The amount must be greater than 0.")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("invalid_amount", "The amount must not be negative.")
    return _factor(value)


def _factor(value: Decimal) -> Decimal:
    """Products of two such numbers stay exact."""
    if value >= FACTOR_LIMIT:
        raise PydanticCustomError("invalid_amount", "At most 12 digits before the decimal point.")
    return value


_DECIMAL_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,20}(\.[0-9]{1,12})?$", "examples": ["12.50"]})
_DAY_SCHEMA = WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-30"]})
_INSTANT_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-30T12:00:00Z"]})
_AS_TEXT = PlainSerializer(lambda value: f"{value:f}", when_used="json")

Amount = Annotated[Decimal, BeforeValidator(_decimal), _DECIMAL_SCHEMA, _AS_TEXT]
"""An exact decimal, sent as a string or a JSON integer. The currency's digits are checked where the currency is known."""
Price = Annotated[Decimal, AfterValidator(_not_negative), BeforeValidator(_decimal), _DECIMAL_SCHEMA, _AS_TEXT]
"""A price: zero or more, any scale."""
Quantity = Annotated[
    Decimal, AfterValidator(_factor), AfterValidator(_positive), BeforeValidator(_decimal), _DECIMAL_SCHEMA, _AS_TEXT
]
"""A quantity: more than zero, any scale."""
Day = Annotated[date, BeforeValidator(_day), _DAY_SCHEMA]
"""A calendar date, YYYY-MM-DD."""
Instant = Annotated[datetime, BeforeValidator(_instant), _INSTANT_SCHEMA]
"""An instant with its offset, given on as UTC."""
OneLine = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
"""One printable line of text, at most 200 characters, trimmed."""
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line), AfterValidator(_named)]
"""A line that is not empty."""
Text = Annotated[str, Field(max_length=4000), AfterValidator(_printable)]
"""Printable text of several lines, at most 4000 characters, trimmed."""
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""The id of something that exists."""
