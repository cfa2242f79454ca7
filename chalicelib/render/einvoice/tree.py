"""Writes XML elements that are never empty: what has neither text nor children is left out, as EN 16931 asks.

Tags carry their prefix as they are; the root declares the namespaces. A document is written element by element: one of tens of
thousands of lines is too large to be held. Knows no syntax of invoices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

CENTS = 2
BREAK = "\0"
"""Stands between written elements until it is known how deep they are; no text of XML holds one."""
INDENT = "  "


class Markup(str):
    """An element that is written already."""

    __slots__ = ()


Content = str | None
"""Written elements, or one text; None and nothing are left out."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """An element of any number of children, which are made one after another while it is written."""

    tag: str
    children: Iterable[Markup | Sequence | None]
    attributes: dict[str, str] = field(default_factory=dict)


def element(tag: str, *content: Content, **attributes: str) -> Markup | None:
    """The element with its text or children; None if it would be empty."""
    parts = [part for part in content if part]
    if not parts:
        return None
    opening = tag + _write_attributes(attributes) if attributes else tag
    if isinstance(parts[0], Markup):
        inside = BREAK + BREAK.join(parts)
        return Markup(f"<{opening}>{inside.replace(BREAK, BREAK + INDENT)}{BREAK}</{tag}>")
    return Markup(f"<{opening}>{_escape(parts[0])}</{tag}>")


def amount(value: Decimal) -> str:
    """An amount with the digits of its currency, at most two (BR-DEC-*): 12.50, 1200."""
    return f"{value:.{min(CENTS, max(0, -int(value.as_tuple().exponent)))}f}"


def number(value: Decimal) -> str:
    """A quantity, price or percentage with all its decimals and no exponent: 0.0008.

    >>> number(Decimal("10.0")), number(Decimal("1E+2")), number(Decimal("0.00080"))
    ('10', '100', '0.0008')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write(root: Sequence) -> Iterator[str]:
    """The document piece by piece, indented, for UTF-8; the same input gives the same text."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield from _write(root, "\n")
    yield "\n"


def _write(sequence: Sequence, margin: str) -> Iterator[str]:
    yield f"{margin}<{sequence.tag}{_write_attributes(sequence.attributes)}>"
    for child in sequence.children:
        if isinstance(child, Sequence):
            yield from _write(child, margin + INDENT)
        elif child:
            yield f"{BREAK}{child}".replace(BREAK, margin + INDENT)
    yield f"{margin}</{sequence.tag}>"


def _write_attributes(attributes: dict[str, str]) -> str:
    quoted = ((name, _escape(value).replace('"', "&quot;")) for name, value in attributes.items())
    return "".join(f' {name}="{value}"' for name, value in quoted)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
