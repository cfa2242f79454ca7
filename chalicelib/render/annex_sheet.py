"""One page's drawing commands: bars, cells and text at places in CSS pixels from the top left corner of the paper.

Knows columns and directions, not what is written in them. Text is fitted: names end in an ellipsis, figures are squeezed and
never cut, so that nothing overlaps.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.render.typeface import Run

MM = 96 / 25.4
"""CSS pixels in a millimetre."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of the page, from the side where reading starts; `at_end` sets text against its far side, as figures are."""

    left: float
    right: float
    at_end: bool = False

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left


class Sheet:
    """Collects the commands of one page. On a mirrored one, columns count from the right edge of the paper."""

    def __init__(self, width: float, *, mirrored: bool, ink: str) -> None:
        """An empty page of this width; text without a colour of its own is written in `ink`."""
        self._width, self._mirrored, self._ink = width, mirrored, ink
        self._commands: list[bytes] = []

    def bars(self, column: Column, tops: list[float], height: float, colour: str) -> None:
        """Filled bars of one height and colour across a column."""
        left = self._width - column.right if self._mirrored else column.left
        self._commands.append(b"%b rg" % _rgb(colour))
        self._commands.extend(b"%.2f %.2f %.2f %.2f re" % (left, top, column.width, height) for top in tops)
        self._commands.append(b"f")

    def write(self, run: Run, column: Column, baseline: float, colour: str = "") -> None:
        """A run in a column, squeezed to its width where it is wider."""
        if not run.commands:
            return
        squeeze = min(1.0, column.width / run.width)
        taken = run.width * squeeze
        left = self._width - column.right if self._mirrored else column.left
        x = left + column.width - taken if column.at_end != self._mirrored else left
        place = b"%.4g 0 0 -1 %.2f %.2f Tm" % (squeeze, x, baseline)
        self._commands.append(b"BT %b rg %b %b ET" % (_rgb(colour or self._ink), place, run.commands))

    def slant(self, run: Run, middle: tuple[float, float], turn: tuple[float, float], colour: str) -> None:
        """A run across the page around a point, turned by an angle of this cosine and sine."""
        (x, y), (cosine, sine) = middle, turn
        half = run.width / 2
        place = (cosine, -sine, -sine, -cosine, x - half * cosine, y + half * sine)
        self._commands.append(b"BT %b rg %.4f %.4f %.4f %.4f %.2f %.2f Tm %b ET" % (_rgb(colour), *place, run.commands))

    def put_on(self, stream: Any, scale: float) -> None:
        """Hand the commands to a page's stream, compressed at once: ten thousand waiting pages take a tenth of the memory."""
        start = b"%.4f 0 0 %.4f 0 0 cm" % (scale, scale)
        waiting = [item if isinstance(item, bytes) else str(item).encode() for item in stream.stream]
        stream.stream = [zlib.compress(b"\n".join([*waiting, start, *self._commands]))]
        stream.compress = False
        stream.extra = {**stream.extra, "Filter": "/FlateDecode"}


@cache
def _rgb(colour: str) -> bytes:
    return b"%.3f %.3f %.3f" % tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
