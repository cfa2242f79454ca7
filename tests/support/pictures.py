"""Pages as grey pictures, drawn by PDFium, which shares no code with what made them; and what differs between two of them.

A picture is compared by small squares, so that one wrong letter counts as much on a full page as on an empty one.
"""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image, ImageChops

SCALE = 1.25
"""Pixels to a point: 90 dpi, where a letter of the text is about eight pixels high."""
GREYS = 16
SQUARE = 6
"""Pixels of the sides of the squares that are compared: about the room of a letter."""
MOST = 8
"""How far the mean grey (0-255) of a square may be off: another layout engine moves ink by a fraction of a pixel."""


def picture_of(pdf: bytes, page: int = 0) -> Image.Image:
    """A page (counted from 0; -1 is the last) in sixteen greys."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = document[page % len(document)].render(scale=SCALE, grayscale=True).to_pil()
    finally:
        document.close()
    return to_greys(drawn.convert("L"))


def to_greys(picture: Image.Image) -> Image.Image:
    """The picture in so few greys that its file is small."""
    step = 256 // GREYS
    return picture.point([min(255, round(value / step) * step) for value in range(256)])


def to_png(picture: Image.Image) -> bytes:
    """The picture as a small file."""
    written = io.BytesIO()
    picture.quantize(GREYS).save(written, "PNG", optimize=True)
    return written.getvalue()


def from_png(png: bytes) -> Image.Image:
    """Inverse of `to_png`."""
    return Image.open(io.BytesIO(png)).convert("L")


def differing_squares(one: Image.Image, other: Image.Image) -> list[tuple[int, int]]:
    """Where squares of two pictures differ by more than `MOST`, in pixels from the upper left; at (0, 0) if their sizes differ.

    >>> white, dotted = Image.new("L", (60, 60), 255), Image.new("L", (60, 60), 255)
    >>> dotted.paste(0, (30, 30, 33, 33))
    >>> differing_squares(white, dotted), differing_squares(white, white)
    ([(30, 30)], [])
    """
    if one.size != other.size:
        return [(0, 0)]
    squares = ImageChops.difference(one, other).reduce(SQUARE)
    found = zip(range(squares.width * squares.height), squares.tobytes(), strict=True)
    return [(place % squares.width * SQUARE, place // squares.width * SQUARE) for place, difference in found if difference > MOST]
