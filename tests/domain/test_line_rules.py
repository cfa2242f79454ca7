"""What a line and a total may be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.line_rules import MAX_LINES, MAX_TOTAL, validate_lines, validate_tax, validate_total
from chalicelib.domain.tax import TaxCategory
from tests.support.builders import a_line, tax

WITHOUT_TAX = [
    TaxCategory.EXEMPT,
    TaxCategory.REVERSE_CHARGE,
    TaxCategory.INTRA_COMMUNITY,
    TaxCategory.EXPORT,
    TaxCategory.OUT_OF_SCOPE,
]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"quantity": Decimal(0)},
        {"unit_price": Decimal("-999999999999.999999999999")},
        {"discount_percent": Decimal(100)},
        {"tax": tax("100")},
        {"tax": tax("0")},
        {"tax": tax(0, TaxCategory.ZERO)},
        {"start_date": date(2026, 11, 30), "end_date": date(2026, 11, 30)},
        {"end_date": date(2026, 11, 30)},
        {"description": "×" * 1000},
        {"description": "two\nlines\tand a tab"},
        *({"tax": tax(0, category)} for category in WITHOUT_TAX),
    ],
)
def test_good_lines_have_no_issues(fields: dict[str, Any]) -> None:
    """Everything a clerk may type is accepted up to the limits."""
    assert validate_lines([a_line(**fields)], "EUR") == []


@pytest.mark.parametrize(
    "fields, path, code",
    [
        ({"quantity": Decimal("NaN")}, "quantity", "invalid_value"),
        ({"quantity": Decimal("-Infinity")}, "quantity", "invalid_value"),
        ({"quantity": Decimal("1E+12")}, "quantity", "invalid_value"),
        ({"unit_price": Decimal("1E+999999")}, "unit_price", "invalid_value"),
        ({"unit_price": Decimal("0.0000000000001")}, "unit_price", "invalid_value"),
        ({"discount_percent": Decimal("100.01")}, "discount_percent", "invalid_value"),
        ({"discount_percent": Decimal(-1)}, "discount_percent", "invalid_value"),
        ({"discount_percent": Decimal("NaN")}, "discount_percent", "invalid_value"),
        ({"tax": tax("100.01")}, "tax.percent", "invalid_value"),
        ({"tax": tax("20.00001")}, "tax.percent", "invalid_value"),
        ({"tax": tax(20, TaxCategory.ZERO)}, "tax.percent", "invalid_value"),
        ({"tax": tax(name="x" * 41)}, "tax.name", "too_long"),
        ({"tax": tax(0, TaxCategory.EXEMPT, reason="x" * 501)}, "tax.reason", "too_long"),
        ({"start_date": date(2026, 11, 30), "end_date": date(2026, 11, 29)}, "end_date", "invalid_date"),
        ({"description": "x" * 1001}, "description", "too_long"),
        ({"description": "bell\x07"}, "description", "invalid_value"),
        ({"unit": "x" * 41}, "unit", "too_long"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], path: str, code: str) -> None:
    """Each broken rule gives one issue with the path of its field."""
    issues = validate_lines([a_line("1"), a_line("2", **fields)], "EUR")
    assert [(issue.path, issue.code) for issue in issues] == [(f"lines.1.{path}", code)]


@pytest.mark.parametrize("category", WITHOUT_TAX)
def test_no_tax_needs_zero_percent_and_a_reason(category: TaxCategory) -> None:
    """Every category but S and Z must say why, and charges nothing."""
    issues = validate_tax(tax(5, category, reason=" "), "tax")
    assert [(issue.path, issue.code) for issue in issues] == [("tax.percent", "invalid_value"), ("tax.reason", "reason_required")]


def test_all_issues_come_at_once() -> None:
    """A caller sees every complaint of every line, and the currency's, in one answer."""
    bad = a_line("1", discount_percent=Decimal(101), quantity=Decimal("NaN"))
    paths = [issue.path for issue in validate_lines([bad, a_line("1")], "XXX")]
    assert paths == ["currency", "lines.0.quantity", "lines.0.discount_percent", "lines.1.id"]


def test_a_document_has_a_bounded_number_of_lines() -> None:
    """One line more than the limit is refused as a whole."""
    issues = validate_lines([a_line()] * (MAX_LINES + 1), "EUR")
    assert [(issue.path, issue.code) for issue in issues] == [("lines", "too_many_items")]


@pytest.mark.parametrize(
    "amount, codes",
    [("0.00", []), ("-0.01", ["negative_total"]), (str(MAX_TOTAL), ["invalid_amount"]), (str(MAX_TOTAL - 1), [])],
)
def test_totals_are_bounded(amount: str, codes: list[str]) -> None:
    """A negative total is a credit note; one beyond the limit could lose cents."""
    assert [issue.code for issue in validate_total(Decimal(amount))] == codes
