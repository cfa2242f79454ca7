"""Changing the grouping of a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.errors import Conflict
from chalicelib.domain.generation import as_credit_note
from chalicelib.domain.invoice import Invoice, LineKind
from chalicelib.domain.regrouping import regroup
from chalicelib.domain.totals import apply_totals
from chalicelib.domain.usage_lines import UsageScope, build_usage_lines
from tests.support.builders import a_line, a_usage_row, an_invoice, tax
from tests.support.usage_rows import to_columns

DAYS = tuple(date(2026, 11, day) for day in range(1, 31))
ROWS = [
    a_usage_row(date(2026, 11, day), name, charge)
    for day in (3, 4, 9)
    for name, charge in (("France", "0.1234"), ("Japan", "0.0049"), ("UK Mobile", "0"))
]
LATE = a_usage_row(date(2026, 10, 31), charge="0.335")


def a_usage_draft(grouping: LineGrouping = LineGrouping.DESTINATION, *, inclusive: bool = False) -> Invoice:
    """A draft over November: a package line, usage with one late row, and a line by hand."""
    scope = UsageScope(days=frozenset(DAYS), grouping=grouping, tax=tax(), billed_on={date(2026, 10, 31): "acme.20261001.R"}.get)
    usage = build_usage_lines([to_columns([*ROWS, LATE])], scope, 2)
    lines = (a_line("1", kind=LineKind.PACKAGE), *usage, a_line(str(len(usage) + 2)))
    return an_invoice(lines=lines, days=DAYS, line_grouping=grouping, prices_include_tax=inclusive)


@given(st.sampled_from(LineGrouping), st.sampled_from(LineGrouping), st.booleans(), st.booleans())
def test_regrouped_draft_is_the_draft_that_grouping_would_have_made(
    before: LineGrouping, after: LineGrouping, inclusive: bool, as_credit: bool
) -> None:
    """Lines, ids, late usage and totals are those of a draft made with the other grouping from the start."""
    draft, wanted = a_usage_draft(before, inclusive=inclusive), a_usage_draft(after, inclusive=inclusive)
    if as_credit:
        draft, wanted = as_credit_note(draft), as_credit_note(wanted)
    assert regroup(draft, [to_columns([*ROWS, LATE])], after) == wanted


def test_other_lines_stay_in_their_places() -> None:
    """Lines around the usage keep order and text; only their ids are counted again."""
    draft = a_usage_draft()
    regrouped = regroup(draft, [to_columns([*ROWS, LATE])], LineGrouping.NONE)
    assert [line.kind for line in regrouped.lines] == [
        LineKind.PACKAGE,
        LineKind.USAGE,
        LineKind.LATE_USAGE,
        LineKind.MANUAL,
    ]
    assert regrouped.total == draft.total


def test_draft_without_usage_only_changes_its_grouping() -> None:
    """There is nothing to rebuild."""
    draft = an_invoice()
    assert regroup(draft, [], LineGrouping.DAY) == replace(draft, line_grouping=LineGrouping.DAY)


def test_usage_lines_edited_by_hand_are_not_thrown_away() -> None:
    """Rebuilding would lose the edit and change the total: refused."""
    draft = a_usage_draft()
    edited = replace(draft.lines[1], unit_price=Decimal(5))
    changed = apply_totals(replace(draft, lines=(draft.lines[0], edited, *draft.lines[2:])))
    with pytest.raises(Conflict) as refused:
        regroup(changed, [to_columns(ROWS)], LineGrouping.DAY)
    assert refused.value.code == "wrong_state"
