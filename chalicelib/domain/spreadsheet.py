"""Text cells that no spreadsheet takes for a formula (CSV injection). Numbers and dates are left as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STARTS = frozenset("=+-@\t\r")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def neutralise(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would run it; plain signed numbers (and dialled ones) stay.

    >>> neutralise("=1+1"), neutralise("-0.5"), neutralise("+442071234567"), neutralise("UK Mobile")
    ("'=1+1", '-0.5', '+442071234567', 'UK Mobile')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def neutralise_column(cells: Sequence[str]) -> Sequence[str]:
    """Each cell neutralised, at next to no cost where none needs it.

    >>> neutralise_column(["UK", "=1+1"]), neutralise_column(["UK", ""])
    (['UK', "'=1+1"], ['UK', ''])
    """
    return cells if _STARTS.isdisjoint({cell[:1] for cell in cells}) else [neutralise(cell) for cell in cells]
