"""Makes text from outside fit to be drawn: printable, and a code in the place of each character that none of our fonts has.

A box on paper says nothing, is not read back as what it stood for, and is forbidden in PDF/A; `[U+1F600]` says it all. It is
never a reason not to print an invoice. What the fonts have is kept in `templates/fonts/coverage.txt`, for opening them takes
longer than drawing a page; a test compares.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from chalicelib.render.printable import printable
from chalicelib.render.templates_folder import templates_folder

_UNDRAWN = frozenset({"Cf", "Zs"})
"""Kinds of characters for which nothing is drawn: joiners, marks of direction, spaces of any width."""
_CHOICES = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Choices among forms of the character before; fonts without the choice draw their only form."""
_SARA_AM = re.compile("([\u0e31\u0e34-\u0e37\u0e47-\u0e4e]*)\u0e33")
"""A Thai vowel that fonts draw in two parts, the first of them below the tone. Written so, both are read back from the PDF as
what they are; otherwise every A would be read as AM."""
_MOST_KEPT = 4096


def drawable(value: Any) -> Any:
    """The value (text, or lists and mappings of text, to any depth) with every text printable, in characters that fonts have."""
    return _spelt_out_all(printable(value))


@cache
def covered() -> str:
    """Characters that some font of the project has, as the inside of a regular expression's set."""
    ranges = (templates_folder() / "fonts" / "coverage.txt").read_text("ascii").split()
    return "".join(f"\\U{int(first, 16):08x}-\\U{int(last, 16):08x}" for first, last in (one.split("-") for one in ranges))


@cache
def _uncovered() -> re.Pattern[str]:
    return re.compile(rf"[^\t\n{covered()}]")


def _spelt_out_all(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else _spelt_out(value)
    if isinstance(value, list):
        return [_spelt_out_all(item) for item in value]
    if isinstance(value, dict):
        return {key: _spelt_out_all(item) for key, item in value.items()}
    return value


@lru_cache(_MOST_KEPT)
def _spelt_out(text: str) -> str:
    """Composed first, only where need be: some fonts have a letter with its accent and not the accent alone."""
    in_parts = _SARA_AM.sub("\u0e4d\\1\u0e32", text)
    if not _uncovered().search(in_parts):
        return in_parts
    composed = unicodedata.normalize("NFC", _CHOICES.sub("", in_parts))
    return _uncovered().sub(lambda match: _shown(match[0]), composed)


def _shown(character: str) -> str:
    """The character if nothing is drawn for it, or fonts have its parts; else its code."""
    parts = unicodedata.normalize("NFD", character)
    if unicodedata.category(character) in _UNDRAWN or not _uncovered().search(parts):
        return character
    return f"[U+{ord(character):04X}]"
