"""Text cells that no spreadsheet takes for a formula (CSV injection). Numbers and dates are left as they are."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def neutralise(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would run it; plain signed numbers (and dialled ones) stay.

    >>> neutralise("=1+1"), neutralise("-0.5"), neutralise("+442071234567"), neutralise("UK Mobile")
    ("'=1+1", '-0.5', '+442071234567', 'UK Mobile')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
