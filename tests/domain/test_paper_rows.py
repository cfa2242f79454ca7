"""Room for small print at the foot of a page."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.paper_rows import ROW, count_rows, fill_rows
from chalicelib.domain.settings_rules import MAX_FOOTER_ROWS, validate_settings


@pytest.mark.parametrize("text, rows", [("", 1), ("x" * ROW, 1), ("x" * (ROW + 1), 2), ("a\n\nb", 3), ("東" * ROW, 2)])
def test_long_lines_take_more_rows(text: str, rows: int) -> None:
    """Empty lines take one, and wide letters count twice."""
    assert count_rows(text) == rows


def test_the_footer_has_room_for_so_much() -> None:
    """More would leave no room for the document."""
    fits = OperatorSettings(footer="\n".join("x" * MAX_FOOTER_ROWS))
    assert validate_settings(fits) == []
    (issue,) = validate_settings(OperatorSettings(footer="x" * (ROW * MAX_FOOTER_ROWS + 1)))
    assert (issue.path, issue.code) == ("footer", "too_long")


@settings(max_examples=50)
@given(st.lists(st.text("ab东 ", max_size=ROW + 5), max_size=6))
def test_parts_are_kept_whole_and_rows_are_full(parts: list[str]) -> None:
    """In their order; a row takes one row of the page unless one part alone does not, and the next part would not have fitted."""
    rows = fill_rows(parts)
    assert " · ".join(rows) == " · ".join(filter(None, parts))
    assert [row for row in rows if row not in parts and count_rows(row) > 1] == []
    assert [row for row, after in pairwise(rows) if count_rows(f"{row} · {after.split(' · ')[0]}") == 1] == []
