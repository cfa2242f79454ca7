"""How the pages of an annex look in each design: places, sizes and colours, as the design's style sheet has them.

Places are CSS pixels from the edges of the paper. Says nothing about what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.designs import Design
from chalicelib.render.annex_sheet import MM

CELL = 1.2 * MM
"""Between a cell's edge and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexLook:
    """One design. `ground` colours the head of the table; without one, rules stand below it and, `ruled` above, too.

    `bottom` is the margin below without the rows of the footer, each of them `footer_row` high.
    `overhang`: how far the outer cells reach beyond the margin, so that their text is flush with it. Sizes are of text, `foot`
    that of the footer. A `row` is higher by `leading` where its name takes two lines.
    """

    margin: float = 16 * MM
    overhang: float = 0
    running: float = 16.2 * MM
    title: float = 25 * MM
    head: float = 29 * MM
    first_row: float = 36 * MM
    row: float = 4.8 * MM
    baseline: float = 3.4 * MM
    leading: float = 3.6 * MM
    bottom: float = 13 * MM
    footer: float = 3 * MM + 10.5
    footer_row: float = 4 * MM
    text: float = 10
    small: float = 9
    heading: float = 28 / 3
    foot: float = 10
    large: float = 14
    ink: str = "#0f172a"
    grey: str = "#64748b"
    rule: str = "#e2e8f0"
    stripe: str = "#f8fafc"
    ground: str = "#0f172a"
    ruled: bool = False
    capitals: bool = True


LOOKS: Mapping[Design, AnnexLook] = {
    Design.MODERN: AnnexLook(),
    Design.CLASSIC: AnnexLook(
        margin=20 * MM,
        overhang=CELL,
        running=17.2 * MM,
        title=26 * MM,
        head=29.5 * MM,
        first_row=36 * MM,
        bottom=14.5 * MM,
        footer=4.5 * MM + 10.5,
        heading=32 / 3,
        ink="#111111",
        grey="#444444",
        rule="#bbbbbb",
        stripe="",
        ground="",
        ruled=True,
        capitals=False,
    ),
    Design.COMPACT: AnnexLook(
        margin=12 * MM,
        overhang=CELL,
        running=12.2 * MM,
        title=18.5 * MM,
        head=20.5 * MM,
        first_row=25 * MM,
        row=4.1 * MM,
        baseline=2.95 * MM,
        leading=3.2 * MM,
        bottom=10 * MM,
        footer=2.5 * MM + 9.5,
        footer_row=3.5 * MM,
        text=28 / 3,
        small=8.5,
        foot=9,
        large=12,
        grey="#55637a",
        rule="#d5dce6",
        stripe="",
        ground="",
        capitals=False,
    ),
}
