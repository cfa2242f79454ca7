"""What a line and a total may be: every complaint at once, each with its path.

Judges input only; it calculates nothing (see `totals`) and does not know the state of the document (see `states`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Line
from chalicelib.domain.money import HUNDRED, ZERO, exponent
from chalicelib.domain.tax import Tax, TaxCategory

MAX_LINES = 50_000
MAX_DIGITS = 12
"""Digits allowed on each side of the decimal point of a quantity or unit price: their product stays exact."""
MAX_PERCENT_DIGITS = 4
MAX_TOTAL = Decimal(10) ** 18
"""Totals stay below this, far from where the store (38 digits) or decimal arithmetic (28) would lose a cent."""

MAX_DESCRIPTION = 1000
MAX_UNIT = 40
MAX_TAX_NAME = 40
MAX_REASON = 500

TAXED = frozenset({TaxCategory.STANDARD})
"""Categories whose percent may be other than zero (EN 16931 BR-Z-05, BR-E-05, BR-AE-05, BR-IC-05, BR-G-05)."""
WITHOUT_REASON = frozenset({TaxCategory.STANDARD, TaxCategory.ZERO})
"""Categories that need no reason text (EN 16931 BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10)."""

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def validate_lines(lines: Sequence[Line], currency: str) -> list[Issue]:
    """Every issue of the lines of one document, with paths such as `lines.0.tax.reason`; empty when all is well."""
    if len(lines) > MAX_LINES:
        return [Issue("lines", "too_many_items", f"At most {MAX_LINES} lines fit on one document.")]
    issues = list(_currency_issues(currency))
    seen: set[str] = set()
    for position, line in enumerate(lines):
        if line.id in seen:
            issues.append(Issue(f"lines.{position}.id", "invalid_value", "Each line needs an id of its own."))
        seen.add(line.id)
        issues.extend(_line_issues(line, f"lines.{position}"))
    return issues


def validate_tax(tax: Tax, path: str) -> list[Issue]:
    """The issues of one tax: percent 0 to 100, zero for all but S, a reason for all but S and Z, texts within limits.

    >>> [issue.code for issue in validate_tax(Tax(category=TaxCategory.REVERSE_CHARGE, percent=Decimal(20)), "tax")]
    ['invalid_value', 'reason_required']
    """
    issues = list(_percent_issues(tax.percent, f"{path}.percent"))
    if not issues and tax.percent != 0 and tax.category not in TAXED:
        issues.append(Issue(f"{path}.percent", "invalid_value", f"Category {tax.category} has no tax; the percent must be 0."))
    if tax.category not in WITHOUT_REASON and not tax.reason.strip():
        issues.append(Issue(f"{path}.reason", "reason_required", f"Say why no tax is charged (category {tax.category})."))
    issues.extend(validate_text(tax.name, MAX_TAX_NAME, f"{path}.name"))
    issues.extend(validate_text(tax.reason, MAX_REASON, f"{path}.reason"))
    return issues


def validate_text(text: str, limit: int, path: str) -> list[Issue]:
    """The issues of a text that is printed: too long, or with characters that neither PDF nor XML can carry."""
    issues = []
    if len(text) > limit:
        issues.append(Issue(path, "too_long", f"At most {limit} characters."))
    if _CONTROL_CHARACTERS.search(text):
        issues.append(Issue(path, "invalid_value", "Control characters cannot be printed."))
    return issues


def validate_total(total: Decimal) -> list[Issue]:
    """The issues of a document's total: it is not negative (that would be a credit note) and not beyond `MAX_TOTAL`.

    >>> [issue.code for issue in validate_total(Decimal("-0.01"))], validate_total(Decimal(0))
    (['negative_total'], [])
    """
    if total < 0:
        return [Issue("lines", "negative_total", "The total is negative; make a credit note instead.")]
    if total >= MAX_TOTAL:
        return [Issue("lines", "invalid_amount", "The total is too large.")]
    return []


def _currency_issues(currency: str) -> Iterator[Issue]:
    try:
        exponent(currency)
    except Invalid as error:
        yield from error.issues


def _line_issues(line: Line, path: str) -> Iterator[Issue]:
    yield from _decimal_issues(line.quantity, f"{path}.quantity")
    yield from _decimal_issues(line.unit_price, f"{path}.unit_price")
    yield from _percent_issues(line.discount_percent, f"{path}.discount_percent")
    yield from validate_text(line.description, MAX_DESCRIPTION, f"{path}.description")
    yield from validate_text(line.unit, MAX_UNIT, f"{path}.unit")
    yield from validate_tax(line.tax, f"{path}.tax")
    if line.start_date and line.end_date and line.end_date < line.start_date:
        yield Issue(f"{path}.end_date", "invalid_date", "The end date lies before the start date.")


def _decimal_issues(number: Decimal, path: str) -> Iterator[Issue]:
    """A plain number with at most `MAX_DIGITS` digits on each side of the point."""
    if not number.is_finite():
        yield Issue(path, "invalid_value", "This is not a number.")
    elif number.adjusted() >= MAX_DIGITS:
        yield Issue(path, "invalid_value", f"At most {MAX_DIGITS} digits before the decimal point.")
    elif _scale(number) > MAX_DIGITS:
        yield Issue(path, "invalid_value", f"At most {MAX_DIGITS} decimal digits.")


def _percent_issues(percent: Decimal, path: str) -> Iterator[Issue]:
    if not percent.is_finite() or not ZERO <= percent <= HUNDRED or _scale(percent) > MAX_PERCENT_DIGITS:
        yield Issue(path, "invalid_value", f"A percentage is 0 to 100 with at most {MAX_PERCENT_DIGITS} decimal digits.")


def _scale(number: Decimal) -> int:
    """Digits written after the decimal point of a finite number."""
    return -int(number.as_tuple().exponent)
