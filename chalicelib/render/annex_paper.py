"""The paper of an annex: where its cells and its footer stand, and how many lines it takes. Draws nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.render.annex_look import CELL, AnnexLook
from chalicelib.render.annex_sheet import MM, Column

WIDTHS: Mapping[str, float] = {
    "position": 11,
    "description": 0,
    "dates": 34,
    "calls": 15,
    "minutes": 19,
    "quantity": 20,
    "unit_price": 28,
    "tax": 15,
    "amount": 28,
}
"""Of the columns that there can be, in millimetres; the description has what is left."""
WORDS = frozenset({"position", "description", "dates"})
"""Columns that begin where reading begins; figures stand at the end."""
ASIDE = 34 * MM
"""Width of the page number beside the footer, as the style sheet of all designs has it."""


@dataclass(frozen=True, slots=True)
class AnnexPaper:
    """Width and height in CSS pixels, how what is on it looks, and how many rows its footer has."""

    width: float
    height: float
    look: AnnexLook
    footer_rows: int

    @property
    def bottom(self) -> float:
        """Height of the margin with the footer in it."""
        return self.look.bottom + self.footer_rows * self.look.footer_row

    @property
    def footer(self) -> Column:
        """Where the rows of the footer stand."""
        return Column(self.across.left, self.across.right - ASIDE)

    def row(self, turn: int) -> float:
        """Height of a line's row; a name that turns takes more."""
        return self.look.row + (self.look.leading if turn else 0)

    def page_ends(self, turns: Iterable[int]) -> list[int]:
        """The count of lines before the end of each page. Each carries a sum below its lines, and all but the first one above."""
        room = self.height - self.bottom - self.look.first_row - self.look.row
        left, ends, count = room, [], 0
        for turn in turns:
            if self.row(turn) > left:
                ends.append(count)
                left = room - self.look.row
            left -= self.row(turn)
            count += 1
        return [*ends, count]

    @property
    def across(self) -> Column:
        """From margin to margin."""
        return Column(self.look.margin, self.width - self.look.margin)

    def columns(self, names: Iterable[str]) -> dict[str, Column]:
        """Where the cells of these columns stand; the description takes what the others leave."""
        widths = {name: WIDTHS[name] for name in names}
        outer, overhang = self.across, self.look.overhang
        widths["description"] = (outer.width + 2 * overhang) / MM - sum(widths.values())
        columns, left = {}, outer.left - overhang
        for name, width in widths.items():
            right = left + width * MM
            columns[name] = Column(left + CELL, right - CELL, name not in WORDS)
            left = right
        return columns


def name_column(columns: Mapping[str, Column], next_cell: str) -> Column:
    """Where a name and its details stand: up to the next column that is filled."""
    return Column(columns["description"].left, columns[next_cell].left - 2 * CELL)
