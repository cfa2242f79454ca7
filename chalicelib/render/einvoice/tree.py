"""Writes XML elements that are never empty: what has neither text nor children is left out, as EN 16931 asks.

Tags carry their prefix as they are; the root declares the namespaces. Knows no syntax of invoices.
"""

from __future__ import annotations

from decimal import Decimal
from xml.etree.ElementTree import Element, indent, tostring

Content = str | Element | None
CENTS = 2


def element(tag: str, *content: Content, **attributes: str) -> Element | None:
    """The element with its text and children; None if it would be empty."""
    made = Element(tag, attributes)
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif part:
            made.text = part
    return made if made.text or len(made) else None


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


def write(tag: str, namespaces: dict[str, str], *content: Content) -> bytes:
    """The document in UTF-8, indented; the same input gives the same bytes."""
    root = Element(tag, namespaces)
    root.extend([part for part in content if isinstance(part, Element)])
    indent(root)
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>') + b"\n"
