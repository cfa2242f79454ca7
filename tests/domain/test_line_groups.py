"""Sums of lines: by kind and tax, never losing a cent, in the order of kinds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.invoice import Invoice, Line, LineKind, LineUsage
from chalicelib.domain.line_groups import LineGroup, carry_forward, group_lines
from chalicelib.domain.tax import TaxCategory
from chalicelib.domain.totals import apply_totals
from tests.support.builders import a_line, an_invoice, tax

TAXES = (tax(19), tax(7), tax(0, TaxCategory.EXEMPT, reason="Exempt"), tax("21.375"))
CALLS = LineUsage(calls=2, attempts=3, duration_seconds=61, billed_seconds=120, destination="UK Mobile")

mixed = st.lists(
    st.tuples(st.sampled_from(LineKind), st.sampled_from(TAXES), st.decimals(0, 10_000, places=3)), min_size=1, max_size=30
)


def of_kind(line_id: str, kind: LineKind, net: str = "1.00", **fields: object) -> Line:
    """A line whose net is there already."""
    return replace(a_line(line_id, net, kind=kind, net=Decimal(net), tax=tax(19)), **fields)  # type: ignore[arg-type]


def invoice_of(rows: list[tuple[LineKind, object, Decimal]], *, inclusive: bool) -> Invoice:
    """A calculated invoice over such lines."""
    lines = tuple(a_line(str(i), price, kind=kind, tax=one) for i, (kind, one, price) in enumerate(rows))
    return apply_totals(an_invoice(lines=lines, prices_include_tax=inclusive))


@given(mixed, st.booleans(), st.integers(0, 20))
@settings(max_examples=50)
def test_sums_add_up_to_the_tax_groups(rows: list[tuple[LineKind, object, Decimal]], inclusive: bool, most: int) -> None:
    """However many lines are summed up, the entries of each (category, percent) come to the net of its tax group."""
    invoice = invoice_of(rows, inclusive=inclusive)
    nets: dict[tuple[TaxCategory, Decimal], Decimal] = {}
    for entry in group_lines(invoice.lines, most):
        one = entry if isinstance(entry, LineGroup) else entry[1]
        key = (one.tax.category, one.tax.percent)
        nets[key] = nets.get(key, Decimal(0)) + one.net
    assert nets == {(group.category, group.percent): group.net for group in invoice.taxes}


def test_usage_is_summed_up_and_few_others_are_not() -> None:
    """Other lines keep their positions while they are few; usage becomes one entry a kind and tax, between them by kind."""
    lines = [
        of_kind("m", LineKind.MANUAL),
        of_kind("u1", LineKind.USAGE, usage=CALLS),
        of_kind("u2", LineKind.USAGE, usage=CALLS, tax=tax(7)),
        of_kind("u3", LineKind.USAGE, usage=CALLS),
        of_kind("p", LineKind.PACKAGE),
    ]
    package, usage, reduced, manual = group_lines(lines, 2)
    assert (package, manual) == ((5, lines[4]), (1, lines[0]))
    assert isinstance(usage, LineGroup)
    assert isinstance(reduced, LineGroup)
    assert sorted([(usage.tax.percent, usage.net), (reduced.tax.percent, reduced.net)]) == [
        (Decimal(7), Decimal(1)),
        (Decimal(19), Decimal(2)),
    ]


def test_many_other_lines_are_summed_up_too() -> None:
    """One more than the limit, and every kind is one entry."""
    lines = [of_kind(str(i), LineKind.MANUAL, "0.10") for i in range(3)]
    assert [type(entry) for entry in group_lines(lines, 3)] == [tuple] * 3
    assert group_lines(lines, 2) == [LineGroup(kind=LineKind.MANUAL, tax=tax(19), net=Decimal("0.30"))]


def test_usage_of_a_sum() -> None:
    """Calls and seconds add up; the destination is nobody's; lines without usage count for nothing."""
    lines = [of_kind("1", LineKind.USAGE, usage=CALLS), of_kind("2", LineKind.USAGE, usage=CALLS), of_kind("3", LineKind.USAGE)]
    [group] = group_lines(lines, 9)
    assert isinstance(group, LineGroup)
    assert group.usage == LineUsage(calls=4, attempts=6, duration_seconds=122, billed_seconds=240)


@pytest.mark.parametrize(
    "dates, expected",
    [
        ([(None, None)], (None, None)),
        ([(date(2026, 11, 3), None), (None, None)], (date(2026, 11, 3), date(2026, 11, 3))),
        (
            [(date(2026, 11, 3), date(2026, 11, 30)), (date(2026, 11, 1), date(2026, 11, 2))],
            (date(2026, 11, 1), date(2026, 11, 30)),
        ),
    ],
)
def test_dates_of_a_sum(dates: list[tuple[date | None, date | None]], expected: tuple[date | None, date | None]) -> None:
    """From the first start to the last end; a line with a start only is of that day."""
    lines = [of_kind(str(i), LineKind.USAGE, start_date=start, end_date=end) for i, (start, end) in enumerate(dates)]
    [group] = group_lines(lines, 0)
    assert isinstance(group, LineGroup)
    assert (group.start_date, group.end_date) == expected


@pytest.mark.parametrize(
    "ends, sums", [([], []), ([1], ["0.1"]), ([4], ["0.4"]), ([3, 5], ["0.3", "0.5"]), ([4, 6, 8], ["0.4", "0.6", "0.8"])]
)
def test_carrying_forward(ends: list[int], sums: list[str]) -> None:
    """One sum a page, each with all before it, exact."""
    lines = [of_kind(str(i), LineKind.USAGE, "0.10") for i in range(ends[-1] if ends else 0)]
    assert carry_forward(lines, ends) == [Decimal(one) for one in sums]
