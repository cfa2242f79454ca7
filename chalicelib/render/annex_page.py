"""A page of the annex: it stands among the pages of the invoice as if WeasyPrint had laid it out, and draws itself when asked.

How high each row is was found before, so that the pages are counted before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate, pairwise
from math import cos, radians, sin
from typing import Any

from chalicelib.domain.invoice import Line
from chalicelib.render.annex_look import CELL
from chalicelib.render.annex_paper import WORDS, AnnexPaper, name_column
from chalicelib.render.annex_pen import Pen
from chalicelib.render.annex_rows import AnnexRows
from chalicelib.render.annex_sheet import MM, Column, Sheet
from chalicelib.render.annex_turns import GAP
from chalicelib.render.engine import Engine
from chalicelib.render.typeface import Look, Typeface

WHITE = "#ffffff"
MARK = "#ebedf0"
"""The grey of the draft mark on white, as the invoice shows it."""
MOST_DETAILS = 0.6
"""Of the room for name and details: so far the details take it from the name."""
MIDDLE = 0.36
"""Half the height of capitals, by the size of the text: what puts them in the middle of a row."""


@dataclass(frozen=True)
class Annex:
    """What all pages of the annex share. `words` are display strings of the view, `names` the headings by column.

    `turns` tells of each line where its name goes on below (0: not at all), `ends` how many lines stand before a page's end.
    """

    engine: Engine
    paper: AnnexPaper
    looks: Mapping[str, Look]
    is_mirrored: bool
    accent: str
    words: Mapping[str, str]
    names: Mapping[str, str]
    columns: Mapping[str, Column]
    footer: tuple[str, ...]
    fingerprint: str
    rows: AnnexRows
    lines: tuple[Line, ...]
    turns: tuple[int, ...]
    ends: tuple[int, ...]
    sums: tuple[Decimal, ...]
    pens: list[Pen] = field(default_factory=list)

    def pen(self, stream: Any) -> Pen:
        """The typefaces, made with the first stream."""
        if not self.pens:
            self.pens.append(Pen(self.engine, stream.clone(), self.looks))
        return self.pens[0]


class AnnexPage:
    """One page. What WeasyPrint asks of a page is here: size, bleed, and empty lists of links, anchors, bookmarks and forms."""

    def __init__(self, annex: Annex, index: int, page_label: str) -> None:
        """The page at `index` of the annex, with the number that it has in the whole document."""
        self.width, self.height = annex.paper.width, annex.paper.height
        self.bleed = dict.fromkeys(("top", "right", "bottom", "left"), 0)
        self.bookmarks: list[Any] = []
        self.links: list[Any] = []
        self.anchors: dict[str, Any] = {}
        self.forms: dict[Any, list[Any]] = {None: []}
        self._annex, self._index, self._page_label = annex, index, page_label
        self._start = annex.ends[index - 1] if index else 0

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the page on its stream."""
        annex = self._annex
        sheet = Sheet(self.width, mirrored=annex.is_mirrored, ink=annex.paper.look.ink)
        faces = annex.pen(stream).faces
        tops = self._tops()
        self._draw_grounds(sheet, tops)
        self._draw_mark(sheet, faces)
        self._draw_frame(sheet, faces)
        self._draw_footer(sheet, faces)
        self._draw_sums(sheet, faces, tops[-1])
        for index, top in enumerate(tops[:-1], self._start):
            _draw_row(sheet, faces, annex, index, top + annex.paper.look.baseline)
        sheet.put_on(stream, scale)

    def _tops(self) -> list[float]:
        """Where each line's row begins, and at last where they end; the first page brings nothing forward above them."""
        look, turns = self._annex.paper.look, self._annex.turns[self._start : self._annex.ends[self._index]]
        top = look.first_row + (look.row if self._index else 0)
        return list(accumulate(map(self._annex.paper.row, turns), initial=top))

    def _draw_grounds(self, sheet: Sheet, tops: list[float]) -> None:
        """Stripes, hairlines, the ground or rules of the head."""
        look, across = self._annex.paper.look, self._annex.paper.across
        if look.stripe:
            for top, bottom in list(pairwise(tops))[1::2]:
                sheet.bars(across, [top], bottom - top, look.stripe)
        sheet.bars(across, tops[1:], 0.2 * MM, look.rule)
        if look.ground:
            sheet.bars(across, [look.head], look.first_row - look.head, look.ground)
        elif look.ruled:
            sheet.bars(across, [look.head, look.first_row], 0.35 * MM, look.ink)
            sheet.bars(across, [self.height - self._annex.paper.bottom + 3 * MM], 0.15 * MM, look.ink)
        else:
            sheet.bars(across, [look.first_row], 0.4 * MM, self._annex.accent)

    def _draw_mark(self, sheet: Sheet, faces: Mapping[str, Typeface]) -> None:
        """The draft mark over the grounds and under all text."""
        mark = self._annex.words["mark"]
        if mark:
            angle = radians(32)
            sheet.slant(faces["mark"].text(mark.upper()), (self.width / 2, self.height * 0.45), (cos(angle), sin(angle)), MARK)

    def _draw_frame(self, sheet: Sheet, faces: Mapping[str, Typeface]) -> None:
        """Running head, title, the period that is left out of the lines, and headings of the columns."""
        words, names, columns = self._annex.words, self._annex.names, self._annex.columns
        look, across = self._annex.paper.look, self._annex.paper.across
        sheet.write(faces["row"].text(words["running"], across.width), across, look.running, look.grey)
        sheet.write(faces["title"].text(words["title"]), across, look.title)
        sheet.write(faces["row"].text(words["period"]), replace(across, at_end=True), look.title, look.grey)
        beneath = (look.head + look.first_row) / 2 + look.heading * MIDDLE
        for column, name in names.items():
            shown = name.upper() if look.capitals else name
            sheet.write(faces["heading"].text(shown), columns[column], beneath, WHITE if look.ground else look.ink)

    def _draw_footer(self, sheet: Sheet, faces: Mapping[str, Typeface]) -> None:
        """Small print, fingerprint, and the number of the page beside them."""
        annex, paper, look = self._annex, self._annex.paper, self._annex.paper.look
        top = self.height - paper.bottom + look.footer
        aside = Column(paper.footer.right, paper.across.right, at_end=True)
        sheet.write(faces["footer"].text(self._page_label), aside, top, look.grey)
        for place, row in enumerate(annex.footer):
            sheet.write(faces["footer"].text(row), paper.footer, top + place * look.footer_row, look.grey)
        below = top + len(annex.footer) * look.footer_row
        sheet.write(faces["fingerprint"].text(annex.fingerprint), paper.footer, below, look.grey)

    def _draw_sums(self, sheet: Sheet, faces: Mapping[str, Typeface], below: float) -> None:
        """What earlier pages come to above the lines, what it comes to with this one below; at last the subtotal."""
        columns, look = self._annex.columns, self._annex.paper.look
        wide = Column(columns["description"].left, columns["tax"].left - 2 * CELL)
        for key, amount, top in self._sums(below):
            baseline = top + look.baseline
            sheet.write(faces["sum"].text(self._annex.words[key]), wide, baseline)
            sheet.write(faces["sum"].figure(self._annex.rows.figures.amount(amount)), columns["amount"], baseline)

    def _sums(self, below: float) -> Iterator[tuple[str, Decimal, float]]:
        sums, index = self._annex.sums, self._index
        if index:
            yield "brought_forward", sums[index - 1], self._annex.paper.look.first_row
        yield "subtotal" if index + 1 == len(sums) else "carried_forward", sums[index], below


def _draw_row(sheet: Sheet, faces: Mapping[str, Typeface], annex: Annex, index: int, baseline: float) -> None:
    """The cells of one line, its figures beside the beginning of its name."""
    line, columns, face, look = annex.lines[index], annex.columns, faces["row"], annex.paper.look
    row = annex.rows.row(index + 1, line, annex.turns[index])
    sheet.write(face.figure(row.position), columns["position"], baseline, look.grey)
    column = name_column(columns, annex.rows.next_cell(line))
    for place, told in enumerate(row.told):
        _tell(sheet, annex, told, column, baseline + place * look.leading)
    if row.dates:
        sheet.write(face.text(row.dates), columns["dates"], baseline)
    for name in [name for name in columns if name not in WORDS]:
        figure = getattr(row, name)
        if figure:
            sheet.write(face.figure(figure), columns[name], baseline)


def _tell(sheet: Sheet, annex: Annex, told: tuple[str, str], column: Column, baseline: float) -> None:
    """A name, or the rest of one, and after it, small, the details, which are squeezed rather than cut."""
    faces, (name, details) = annex.pens[0].faces, told
    small = faces["details"].text(details)
    taken = small.width + GAP if details else 0
    shown = faces["row"].text(name, column.width - min(taken, column.width * MOST_DETAILS))
    sheet.write(shown, column, baseline)
    behind = column.left + (shown.width + GAP if name else 0)
    sheet.write(small, Column(behind, column.right), baseline, annex.paper.look.grey)
