"""Where the words of a PDF stand: what reaches over the edge of the paper, and what is printed over something else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

PDFTOTEXT = shutil.which("pdftotext") or "pdftotext"
SPACE = "{http://www.w3.org/1999/xhtml}"
TOUCHING = 0.6
"""Points that boxes of neighbours may share: they are those of the font, not of the ink."""


@dataclass(frozen=True, slots=True)
class Box:
    """A word and its box, in points from the upper left corner of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: Box) -> bool:
        """Whether the two are printed over each other: on one line, each about as high as the other, with a stretch in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return self.top < other.middle < self.bottom and other.top < self.middle < other.bottom and across > TOUCHING

    @property
    def middle(self) -> float:
        """Half-way between top and bottom; boxes of some fonts are much higher than what they hold."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, its words in the order of the file."""

    width: float
    height: float
    boxes: tuple[Box, ...]

    def outside(self, margin: float) -> list[str]:
        """Words that reach into the margin, in points."""
        right, bottom = self.width - margin, self.height - margin
        return [
            box.text for box in self.boxes if box.left < margin or box.top < margin or box.right > right or box.bottom > bottom
        ]

    def collisions(self) -> list[tuple[str, str]]:
        """Pairs of words that are printed over each other."""
        ordered = sorted(self.boxes, key=lambda box: box.top)
        pairs = []
        for place, box in enumerate(ordered):
            for other in ordered[place + 1 :]:
                if other.top >= box.bottom:
                    break
                if box.covers(other):
                    pairs.append((box.text, other.text))
        return pairs


def read_sheets(pdf: bytes) -> list[Sheet]:
    """Every page with its words, as Poppler finds them."""
    return list(_sheets(pdf))


def _sheets(pdf: bytes) -> Iterator[Sheet]:
    command = [PDFTOTEXT, "-bbox", "-", "-"]
    html = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()  # noqa: S603 - a fixed list
    root = ET.fromstring(re.sub(r"^<!DOCTYPE[^>]*>", "", html))  # noqa: S314 - Poppler wrote it
    for page in root.iter(f"{SPACE}page"):
        boxes = tuple(
            Box(word.text or "", *(float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")))
            for word in page.iter(f"{SPACE}word")
        )
        yield Sheet(float(page.attrib["width"]), float(page.attrib["height"]), boxes)
