"""Text of one size and weight, shaped by the engine that draws the invoice: same fonts, scripts and directions.

Every distinct text is shaped once and kept as drawing commands. Figures are set from their single glyphs, which in tabular
figures is the same and ten times as fast. Refuses nothing: what the fonts lack was spelt out before (`drawable`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chalicelib.render.engine import Engine
from chalicelib.render.engine_words import tell_around

FAMILIES = ("Inter", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai", "Noto Sans Devanagari", "Droid Sans Fallback")
MOST_KEPT = 8192
"""Shaped texts that are kept: lists repeat names, dates and rates."""

NARROWEST = 2.5
"""Letters to the height of a letter: few names are narrower, and those are laid out whole."""
FIGURE = re.compile("[0-9., \u00a0\u202f\u2019%×−-]+")
KERNING = re.compile(rb"(?<=>)-?\d+(?=\])|>-?\d+<")
ONE_GLYPH = re.compile(rb"(/\w+ \S+ Tf) \[<([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})>\] TJ")


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: size in CSS pixels, weight, space between letters in pixels, direction of its paragraphs.

    `tabular`: all figures are of one width.
    """

    size: float
    weight: int = 400
    spacing: float = 0
    direction: str = "ltr"
    tabular: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text: its drawing commands, to be put after a text matrix, and its width in CSS pixels."""

    commands: bytes
    width: float


class Typeface:
    """Shapes texts of one look for one document; `scratch` is a stream of that document, which collects the fonts used."""

    def __init__(self, engine: Engine, scratch: Any, look: Look) -> None:
        """Load the font once."""
        self._pango = engine.weasyprint.text.ffi.pango
        self._style = computed_style(engine, look)
        self._layout = engine.weasyprint.text.line_break.Layout(self._style)
        self._line_size = engine.weasyprint.text.line_break.line_size
        self._draw = engine.weasyprint.draw.text.draw_first_line
        self._upright = engine.weasyprint.matrix.Matrix(d=-1)
        self._scratch = scratch
        self.shape: Callable[[str, float | None], Run] = lru_cache(MOST_KEPT)(self._shape)
        self._glyph = lru_cache(256)(self._find_glyph)
        self._shape("…", None)  # a glyph is read back as the text it first stood for; an ellipsis must not be read as what it cut

    def text(self, text: str, most: float | None = None) -> Run:
        """A line of text; what is wider than `most` ends in an ellipsis, in the direction of its script."""
        return self.shape(text, most)

    def figure(self, figure: str) -> Run:
        """A figure, glyph by glyph; anything that is not merely a figure is shaped as text."""
        if not FIGURE.fullmatch(figure):
            return self.text(figure)
        glyphs = [self._glyph(character) for character in figure]
        shown = b"".join(glyph for _, glyph, _ in glyphs)
        return Run(b"%b [<%b>] TJ" % (glyphs[0][0], shown), sum(width for *_, width in glyphs))

    def _find_glyph(self, character: str) -> tuple[bytes, bytes, float]:
        """Font, glyph and width of a character between two figures, for a space alone would draw nothing."""
        run, figures = self._shape(f"0{character}0", None), self._shape("00", None)
        match = ONE_GLYPH.fullmatch(KERNING.sub(b"", run.commands))
        if match is None:
            raise ValueError(f"{character!r} is no character of figures in this font")
        return match[1], match[3], run.width - figures.width

    def _shape(self, text: str, most: float | None) -> Run:
        width = self._fit(text, most)
        is_cut = most is not None and width > most
        scratch, layout = self._scratch, self._layout
        layout.max_width = most
        scratch.stream, scratch._current_font = [], None  # noqa: SLF001 - every run names its font
        self._draw(scratch, _TextBox(layout, self._style), "ellipsis" if is_cut else "none", "none", self._upright)
        commands = b" ".join(scratch.stream[1:]).replace(b">0<", b"").replace(b">0]", b">]")
        return Run(tell_around(text, commands), most if is_cut and most is not None else width)

    def _fit(self, text: str, most: float | None) -> float:
        """Lay out the text, or of a long one a beginning that is surely too wide; how wide it is."""
        beginning = text if most is None else text[: int(most / self._style["font_size"] * NARROWEST) + 2]
        width = self._lay_out(beginning)
        return self._lay_out(text) if beginning != text and most is not None and width <= most else width

    def _lay_out(self, text: str) -> float:
        self._layout.set_text(text)
        self._pango.pango_layout_set_width(self._layout.layout, -1)
        line, _ = self._layout.get_first_line()
        width, _ = self._line_size(line, self._style)
        return float(width)


@dataclass(frozen=True, slots=True)
class _TextBox:
    """What WeasyPrint draws text from, as its SVG does."""

    pango_layout: Any
    style: Any

    @property
    def text(self) -> str:
        return str(self.pango_layout.text)


class _Style(dict[str, Any]):
    """Computed CSS values with the fonts they are looked up in."""

    font_config: Any = None


def computed_style(engine: Engine, look: Look) -> dict[str, Any]:
    """What the engine has to know of a look to lay out its text."""
    style = _Style(engine.weasyprint.css.properties.INITIAL_VALUES)
    style.font_config = engine.fonts
    style.update(
        font_family=list(FAMILIES),
        font_size=look.size,
        font_weight=look.weight,
        font_variant_numeric=("tabular-nums",) if look.tabular else "normal",
        letter_spacing=look.spacing or "normal",
        direction=look.direction,
        white_space="nowrap",
    )
    return style
