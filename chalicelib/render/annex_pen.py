"""The looks of text on an annex, and the typefaces that write them on the pages of one document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.render.annex_look import AnnexLook
from chalicelib.render.engine import Engine
from chalicelib.render.typeface import Look, Typeface

FINGERPRINT = 22 / 3
"""Size of the fingerprint, as the style sheet of all designs has it (5.5pt)."""


def text_looks(look: AnnexLook, direction: str, *, spaced: bool) -> dict[str, Look]:
    """Regular, strong and small text, headings, footer and the draft mark. `spaced`: letters of headings may stand apart."""
    spacing = 1.0 if spaced else 0.0
    return {
        "row": Look(look.text, direction=direction),
        "details": Look(look.small, direction=direction),
        "sum": Look(look.text, 600, direction=direction),
        "title": Look(look.large, 700, direction=direction),
        "heading": Look(look.heading, 600, 0.56 * spacing if look.capitals else 0, direction),
        "footer": Look(look.foot, direction=direction, tabular=False),
        "fingerprint": Look(FINGERPRINT, direction=direction, tabular=False),
        "mark": Look(368 / 3, 700, 7.36 * spacing, direction),
    }


class Pen:
    """The typefaces of one document. They need its stream, so they are made when the first page is drawn."""

    def __init__(self, engine: Engine, scratch: Any, looks: Mapping[str, Look]) -> None:
        """Load the fonts of all looks."""
        self.faces = {name: Typeface(engine, scratch, look) for name, look in looks.items()}
