"""SVG held to an allow-list of drawing elements and written anew: what was checked is what is drawn.

Refuses entities, scripts, embedded images, references to the outside, and constructions that multiply work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from chalicelib.render.failures import TemplateFailed

SVG = "{http://www.w3.org/2000/svg}"
DRAWING = (
    "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient stop clipPath mask use "
    "symbol title desc metadata style"
)
ELEMENTS = frozenset(DRAWING.split())
MOST_ELEMENTS, MOST_REUSES, DEEPEST = 3000, 16, 40
"""Nested `use` multiplies: 16 of them cannot make more than a few hundred copies."""

OUTSIDE = re.compile(r"@import|url\(\s*+['\"]?+\s*+(?!#)|javascript:", re.IGNORECASE)


def clean_svg(content: bytes) -> bytes:
    """The SVG re-written from its checked tree. TemplateFailed names what is not allowed."""
    root = _parse(content)
    if root.tag != f"{SVG}svg":
        raise TemplateFailed("The logo is not an SVG image.")
    reuses = 0
    for count, (element, depth) in enumerate(_walk(root, 0), 1):
        _check(element)
        reuses += element.tag == f"{SVG}use"
        if count > MOST_ELEMENTS or reuses > MOST_REUSES or depth > DEEPEST:
            raise TemplateFailed("The SVG logo is too complex.")
    written: bytes = tostring(root, encoding="utf-8")
    return written


def _parse(content: bytes) -> Element:
    try:
        text = content.decode("utf-8-sig")
        if "<!ENTITY" in text:
            raise TemplateFailed("The SVG logo defines entities.")
        return fromstring(text)  # noqa: S314 - entities are refused above, external ones are never loaded by expat
    except (UnicodeDecodeError, ParseError, ValueError) as error:
        raise TemplateFailed("The logo is not well-formed SVG in UTF-8.") from error


def _walk(element: Element, depth: int) -> Iterator[tuple[Element, int]]:
    stack = [(element, depth)]
    while stack:
        current, level = stack.pop()
        yield current, level
        stack.extend((child, level + 1) for child in current)


def _check(element: Element) -> None:
    tag = str(element.tag)
    if tag.startswith(SVG) and tag.removeprefix(SVG) not in ELEMENTS:
        raise TemplateFailed(f"The SVG logo holds <{tag.removeprefix(SVG)}>, which is not allowed.")
    if OUTSIDE.search(element.text or ""):
        raise TemplateFailed("The SVG logo refers to something outside itself.")
    for name, value in element.attrib.items():
        refers = name.rpartition("}")[2] in {"href", "src"} and not value.strip().startswith("#")
        if refers or OUTSIDE.search(value):
            raise TemplateFailed("The SVG logo refers to something outside itself.")
        if name.lower().startswith("on"):
            raise TemplateFailed("The SVG logo carries a script.")
        if name == "spreadMethod" and value.strip() != "pad":
            raise TemplateFailed("The SVG logo has a repeating gradient.")
