"""Measures text of one size and weight and finds where its lines end, by the rules of its script.

Draws nothing and needs no document, so that pages can be counted before the first of them exists.
"""

from __future__ import annotations

from typing import Any

from chalicelib.render.engine import Engine
from chalicelib.render.typeface import NARROWEST, Look, computed_style


class Ruler:
    """One layout of the engine, used again for every text."""

    def __init__(self, engine: Engine, look: Look) -> None:
        """Load the font once. Lines end between words; within one only where it is wider than a line."""
        text = engine.weasyprint.text
        self._pango, self._units, self._line_size = text.ffi.pango, text.ffi.TO_UNITS, text.line_break.line_size
        self._style = computed_style(engine, look)
        self._style["overflow_wrap"] = "anywhere"  # otherwise room is kept for hyphens that nobody draws
        self._layout = text.line_break.Layout(self._style)
        self._pango.pango_layout_set_wrap(self._layout.layout, text.constants.PANGO_WRAP_MODE["WRAP_WORD_CHAR"])

    def width(self, text: str) -> float:
        """Of a text on one line, in CSS pixels."""
        line, _ = self._lay_out(text, -1)
        width, _ = self._line_size(line, self._style)
        return float(width)

    def fitting(self, text: str, room: float) -> int:
        """How many characters of the text stand on a line of so many CSS pixels: all, or a beginning that is not empty."""
        beginning = text[: int(room / self._style["font_size"] * NARROWEST) + 2]
        count = self._first_line(beginning, room)
        return self._first_line(text, room) if count == len(beginning) < len(text) else count

    def rows(self, text: str, room: float) -> list[str]:
        """The text in lines of this width; an empty text is one empty line."""
        count = self.fitting(text, room)
        rows, rest = [text[:count].rstrip()], text[count:].lstrip()
        return [*rows, *self.rows(rest, room)] if rest else rows

    def _first_line(self, text: str, room: float) -> int:
        _, end = self._lay_out(text, int(room * self._units))
        return len(text) if end is None else len(text.encode()[:end].decode())

    def _lay_out(self, text: str, units: int) -> tuple[Any, int | None]:
        """The first line, and at which byte the second begins."""
        self._layout.set_text(text)
        self._pango.pango_layout_set_width(self._layout.layout, units)
        line, end = self._layout.get_first_line()
        return line, end
