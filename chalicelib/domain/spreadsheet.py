"""Text cells that no spreadsheet takes for a formula (CSV injection)."""

from __future__ import annotations

import re
from collections.abc import Sequence

BOM = "\ufeff"
"""At the start of a file, for spreadsheets that take UTF-8 for something else without it."""

_FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
"""Equals, plus, minus and at signs that East Asian spreadsheets run, too."""
_BLANKS = " \u00a0\u3000\ufeff\u200b\u200e\u200f"
"""What a spreadsheet may skip before it looks for a formula."""
_FORMULA = re.compile(rf"[{_BLANKS}]*[=+\-@\t\r\n{_FULL_WIDTH}]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_STARTS = frozenset(f"=+-@\t\r\n{_FULL_WIDTH}{_BLANKS}")


def neutralise(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would run it (OWASP, CSV injection).

    >>> neutralise("=1+1"), neutralise(" @SUM(A1)"), neutralise("UK Mobile")
    ("'=1+1", "' @SUM(A1)", 'UK Mobile')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def neutralise_column(cells: Sequence[str]) -> Sequence[str]:
    """Each cell neutralised, at next to no cost where none needs it; signed numbers, and dialled ones, are no formula and stay.

    >>> neutralise_column(["UK", "=1+1"]), neutralise_column(["-0.5", "+442071234567"])
    (['UK', "'=1+1"], ['-0.5', '+442071234567'])
    """
    if _STARTS.isdisjoint({cell[:1] for cell in cells}):
        return cells
    return [cell if _NUMBER.fullmatch(cell) else neutralise(cell) for cell in cells]
