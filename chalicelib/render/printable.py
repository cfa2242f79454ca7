"""Makes text from outside fit for paper: drops control characters and direction overrides, with which a name could
show figures in another order than they are stored. Refuses nothing: a name is never a reason not to print an invoice.
"""

from __future__ import annotations

import re
from typing import Any

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters other than tab and line feed
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # separators, embeddings, overrides, isolates (UAX 9)
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # lone surrogates and non-characters: no font or encoder takes them
)


def printable(value: Any) -> Any:
    """The value (text, or lists and mappings of text, to any depth) with every text made printable."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, list):
        return [printable(item) for item in value]
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    return value
