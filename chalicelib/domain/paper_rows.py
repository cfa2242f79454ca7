"""How many rows small print takes at the foot of a page, in any design: the page leaves that much room for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

ROW = 95
"""Letters of a row; there is room for some more of most letters, and for few of the wide ones."""


def count_rows(text: str) -> int:
    r"""Rows of a text, by its line feeds and by how wide its letters are.

    >>> count_rows("Managing director: Erika Mustermann"), count_rows("a\nb"), count_rows("x" * 96), count_rows("東" * 48)
    (1, 2, 2, 2)
    """
    return sum(max(1, -(-_width(line) // ROW)) for line in text.split("\n"))


def fill_rows(parts: Iterable[str]) -> list[str]:
    """Parts side by side, as many as fit into a row, so that none is torn; one that is wider has a row of its own.

    >>> fill_rows(["Acme Ltd", "", "1 Hill", "Registered in England and Wales at Companies House, Cardiff, number 01234567"])
    ['Acme Ltd · 1 Hill', 'Registered in England and Wales at Companies House, Cardiff, number 01234567']
    """
    rows: list[str] = []
    for part in filter(None, parts):
        longer = f"{rows[-1]} · {part}" if rows else part
        if rows and _width(longer) <= ROW:
            rows[-1] = longer
        else:
            rows.append(part)
    return rows


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
