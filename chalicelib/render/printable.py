"""Makes text from outside fit for paper.

Drops control characters and direction overrides, with which a name could show figures in another order than they are stored, and
keeps the order of Latin words and of figures in groups on pages from right to left. Refuses nothing: a name is never a reason not
to print an invoice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters other than tab and line feed
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # separators, embeddings, overrides, isolates (UAX 9)
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # lone surrogates and non-characters: no font or encoder takes them
)

LEFT_TO_RIGHT_MARK = "\u200e"
STRONG = frozenset({"L", "R", "AL"})
"""Kinds of characters that have a direction (UAX 9)."""
_ONE = r"(?:\(\+?[0-9]+\)|[+#-]?[0-9]+)"
GROUPS = re.compile(rf"\u200e[^\u200e]*\u200e|(?<![A-Za-z0-9]){_ONE}(?:(?:[ \u00a0/_*-]+|[.,:])?{_ONE})*")
"""Figures in groups: an account, a telephone number, a number of a document; or what is between marks. A comma before a space
ends a group."""


def keep_latin_order(value: Any) -> Any:
    """For right-to-left pages: Latin lines and figures keep their own order ("10435 Berlin", not "Berlin 10435").

    Marks are put around every line whose first strong character runs from left to right, or that has none but figures, and in
    other lines around figures in groups (UAX 9, rules P2, W2, W4 and W7). What has them already is left as it is.
    """
    if isinstance(value, str):
        return "\n".join(_marked(line) for line in value.split("\n"))
    return _each(keep_latin_order, value)


def printable(value: Any) -> Any:
    """The value (text, or lists and mappings of text, to any depth) with every text made printable."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _each(printable, value)


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, list):
        return [change(item) for item in value]
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    return value


def _marked(line: str) -> str:
    strong = next((kind for kind in map(unicodedata.bidirectional, line) if kind in STRONG), "")
    if strong in {"R", "AL"}:
        return GROUPS.sub(_apart, line)
    return _between_marks(line) if strong or GROUPS.search(line) else line


def _apart(groups: re.Match[str]) -> str:
    return groups[0] if groups[0].isdigit() else _between_marks(groups[0])


def _between_marks(text: str) -> str:
    mark = LEFT_TO_RIGHT_MARK
    return text if text.startswith(mark) and text.endswith(mark) else f"{mark}{text}{mark}"
