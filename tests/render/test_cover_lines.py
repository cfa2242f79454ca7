"""What a long invoice prints itself: short, adding up, and pointing to the annex."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from chalicelib.domain.invoice import Line, LineKind
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.cover_lines import LONGEST_TABLE, MOST_SINGLE
from chalicelib.render.labels import languages
from chalicelib.render.view import build_view
from tests.support import specimens
from tests.support.builders import a_line, tax


def manual_lines(count: int) -> tuple[Line, ...]:
    """Lines written by hand."""
    return tuple(a_line(f"m{i}", "0.10", description=f"Item {i}", tax=tax(19)) for i in range(count))


def amount_of(shown: str) -> Decimal:
    """The amount in a cell."""
    return Decimal(re.sub(r"[^\d.-]", "", shown))


def test_an_annex_begins_with_one_line_too_many() -> None:
    """The longest table has every line and no pointer; one line more, and there are sums and a pointer with the count."""
    table = build_view(specimens.an_issued(lines=specimens.usage_lines(LONGEST_TABLE)))
    assert (len(table["lines"]), table["annex"]) == (LONGEST_TABLE, "")
    summed = build_view(specimens.an_issued(lines=specimens.usage_lines(LONGEST_TABLE + 1)))
    assert len(summed["lines"]) == 1
    assert summed["annex"] == "The lines are summed up here. All 301 of them are listed in the annex."


@pytest.mark.parametrize("others, rows", [(MOST_SINGLE, MOST_SINGLE + 2), (MOST_SINGLE + 1, 3)])
def test_rows_add_up(others: int, rows: int) -> None:
    """Whether other lines are printed one by one or summed up, the rows come to the subtotal."""
    export = tax(0, TaxCategory.EXPORT, reason="Export")
    usage = (*specimens.usage_lines(400), *(specimens.a_usage_line(i, id=f"x{i}", tax=export) for i in range(9)))
    invoice = specimens.an_issued(lines=(*usage, *manual_lines(others)))
    lines = build_view(invoice)["lines"]
    assert len(lines) == rows
    assert sum(amount_of(line["amount"]) for line in lines) == invoice.subtotal
    assert {line["tax_code"] for line in lines} == {"", "G"}


def test_a_sum_says_what_it_sums_up() -> None:
    """Kind, dates, calls and minutes; no quantity and no unit price."""
    [row] = build_view(specimens.an_issued(lines=specimens.usage_lines(301)))["lines"]
    assert row["description"] == "Calls"
    assert re.fullmatch(r"Nov 1\u2009?\u2013\u2009?30, 2026 · [\d,]+ calls · [\d,.]+\u00a0min", row["details"])
    assert (row["position"], row["quantity"], row["unit_price"]) == ("", "", "")


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_kind_has_a_name(language: str) -> None:
    """A sum of any kind of lines is named in every language."""
    lines = [a_line(f"{kind}{i}", "1", kind=kind, tax=tax(19)) for kind in LineKind for i in range(50)]
    rows = build_view(specimens.an_issued(lines=tuple(lines), customer=specimens.a_buyer(locale=language)))["lines"]
    assert len(rows) == len(LineKind)
    assert all(row["description"] for row in rows)
    assert not any(row["details"] for row in rows)
