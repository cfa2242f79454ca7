"""What can be said against a style sheet of an operator before anything is drawn with it: how it is written, and what it loads.

What it makes of a page shows in the preview; properties that a print engine does not know are left out, as in any browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.render.failures import TemplateFailed

WORDS = {
    "invalid": "a rule has no block in { }",
    "bad-string": "a text in quotes does not end on its line",
    "eof-in-string": "a text in quotes does not end",
    "bad-url": "an address in url( ) is not well-formed",
    "eof-in-url": "an address in url( ) does not end",
    **{bracket: f"this {bracket} closes nothing" for bracket in ")]}"},
}
"""What the parser's kinds of errors mean."""
ALLOWED = ("asset:", "data:image/")


def check_css(css: str) -> None:
    """TemplateFailed with the line of the first fault."""
    import tinycss2  # type: ignore[import-untyped]  # noqa: PLC0415  # it comes with WeasyPrint; only whoever checks pays for it

    for node in _within(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)):
        fault = _fault(node)
        if fault:
            raise TemplateFailed(fault, part="css", line=node.source_line)


def _within(nodes: Any) -> Iterator[Any]:
    """Each node and all that it holds, in order, however deep."""
    waiting = list(reversed(nodes or []))
    while waiting:
        node = waiting.pop()
        yield node
        for held in ("arguments", "content", "prelude"):
            waiting += reversed(getattr(node, held, None) or [])


def _fault(node: Any) -> str:
    if node.type == "error":
        return f"This is no style sheet: {WORDS.get(node.kind) or node.message.rstrip('.')}."
    if node.type == "at-rule" and node.lower_at_keyword == "import":
        return "A style sheet stands alone: @import is not possible."
    if node.type == "function" and node.lower_name == "device-cmyk":
        return "Colours of printing presses (CMYK) are not possible in PDF/A files; name them in RGB."
    return _address_fault(_address(node))


def _address(node: Any) -> str:
    if node.type == "url":
        return str(node.value)
    if node.type == "function" and node.lower_name == "url":
        return "".join(str(each.value) for each in node.arguments if each.type == "string")
    return ""


def _address_fault(address: str) -> str:
    if not address or address.startswith(("#", *ALLOWED)):
        return ""
    return f"{address[:80]!r} cannot be loaded; only asset: names and small data: images can."
