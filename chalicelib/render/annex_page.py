"""A page of the annex: it stands among the pages of the invoice as if WeasyPrint had laid it out, and draws itself when asked.

Rows have a fixed height, so that the pages are counted before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from math import cos, radians, sin
from typing import Any

from chalicelib.domain.invoice import Line
from chalicelib.render.annex_look import CELL, AnnexLook
from chalicelib.render.annex_rows import AnnexRow, AnnexRows
from chalicelib.render.annex_sheet import MM, Column, Sheet
from chalicelib.render.engine import Engine
from chalicelib.render.typeface import Look, Run, Typeface

WHITE = "#ffffff"
MARK = "#ebedf0"
"""The grey of the draft mark on white, as the invoice shows it."""
GAP = 1.5 * MM
SUMS = 2
"""Rows of a page that carry sums: what is brought forward and what is carried forward."""
MIDDLE = 0.36
"""Half the height of capitals, by the size of the text: what puts them in the middle of a row."""
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
BEGINNING = frozenset({"position", "description"})
WORDS = BEGINNING | {"dates"}
"""Columns that begin where reading begins; figures stand at the end."""
FINGERPRINT = 22 / 3
"""Size of the fingerprint, as the style sheet of all designs has it (5.5pt)."""
NOTHING = Run(b"", 0)


@dataclass(frozen=True, slots=True)
class Paper:
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
    def rows(self) -> int:
        """Lines that fit on a page between its sums."""
        look = self.look
        return int((self.height - self.bottom - look.first_row) // look.row) - SUMS

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


class Pen:
    """The typefaces of one document. They need its stream, so they are made when the first page is drawn."""

    def __init__(self, engine: Engine, scratch: Any, direction: str, look: AnnexLook, *, spaced: bool) -> None:
        """Load regular, strong and small text, headings and the draft mark."""
        spacing = 1.0 if spaced else 0.0
        looks = {
            "row": Look(look.text, direction=direction),
            "details": Look(look.small, direction=direction),
            "sum": Look(look.text, 600, direction=direction),
            "title": Look(look.large, 700, direction=direction),
            "heading": Look(look.heading, 600, 0.56 * spacing if look.capitals else 0, direction),
            "fingerprint": Look(FINGERPRINT, direction=direction, tabular=False),
            "mark": Look(368 / 3, 700, 7.36 * spacing, direction),
        }
        self.faces = {name: Typeface(engine, scratch, look) for name, look in looks.items()}


@dataclass(frozen=True)
class Annex:
    """What all pages of the annex share. `words` are display strings of the view, `names` the headings by column.

    `spaced`: whether letters of headings may stand apart.
    """

    engine: Engine
    paper: Paper
    direction: str
    spaced: bool
    accent: str
    words: Mapping[str, str]
    names: Mapping[str, str]
    footer: tuple[str, ...]
    fingerprint: str
    rows: AnnexRows
    lines: tuple[Line, ...]
    sums: tuple[Decimal, ...]
    pens: list[Pen] = field(default_factory=list)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Where the cells of every page stand."""
        return self.paper.columns(self.names)

    def pen(self, stream: Any) -> Pen:
        """The typefaces, made with the first stream."""
        if not self.pens:
            self.pens.append(Pen(self.engine, stream.clone(), self.direction, self.paper.look, spaced=self.spaced))
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

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the page on its stream."""
        annex, look = self._annex, self._annex.paper.look
        sheet = Sheet(self.width, mirrored=annex.direction == "rtl", ink=look.ink)
        faces = annex.pen(stream).faces
        start = self._index * annex.paper.rows
        lines = annex.lines[start : start + annex.paper.rows]
        self._draw_grounds(sheet, faces, len(lines))
        self._draw_frame(sheet, faces)
        self._draw_sums(sheet, faces, len(lines))
        for place, line in enumerate(lines, 1):
            _draw_row(sheet, faces, annex, annex.rows.row(start + place, line), look.first_row + place * look.row + look.baseline)
        sheet.put_on(stream, scale)

    def _draw_grounds(self, sheet: Sheet, faces: Mapping[str, Typeface], count: int) -> None:
        """Stripes, hairlines, the ground or rules of the head, and over them the draft mark."""
        look, across = self._annex.paper.look, self._annex.paper.across
        tops = [look.first_row + place * look.row for place in range(1, count + 1)]
        if look.stripe:
            sheet.bars(across, tops[1::2], look.row, look.stripe)
        sheet.bars(across, [top + look.row for top in tops], 0.2 * MM, look.rule)
        if look.ground:
            sheet.bars(across, [look.head], look.first_row - look.head, look.ground)
        elif look.ruled:
            sheet.bars(across, [look.head, look.first_row], 0.35 * MM, look.ink)
            sheet.bars(across, [self.height - self._annex.paper.bottom + 3 * MM], 0.15 * MM, look.ink)
        else:
            sheet.bars(across, [look.first_row], 0.4 * MM, self._annex.accent)
        mark = self._annex.words["mark"]
        if mark:
            angle = radians(32)
            sheet.slant(faces["mark"].text(mark.upper()), (self.width / 2, self.height * 0.45), (cos(angle), sin(angle)), MARK)

    def _draw_frame(self, sheet: Sheet, faces: Mapping[str, Typeface]) -> None:
        """Running head, title, headings of the columns and footer."""
        words, names, columns = self._annex.words, self._annex.names, self._annex.columns
        look, across = self._annex.paper.look, self._annex.paper.across
        sheet.write(faces["row"].text(words["running"], across.width), across, look.running, look.grey)
        sheet.write(faces["title"].text(words["title"]), across, look.title)
        beneath = (look.head + look.first_row) / 2 + look.heading * MIDDLE
        for column, name in names.items():
            shown = name.upper() if look.capitals else name
            sheet.write(faces["heading"].text(shown), columns[column], beneath, WHITE if look.ground else look.ink)
        top = self.height - self._annex.paper.bottom + look.footer
        aside = Column(across.right - 34 * MM, across.right, at_end=True)
        sheet.write(faces["row"].text(self._page_label), aside, top, look.grey)
        beside = Column(across.left, aside.left - 4 * MM)
        for place, line in enumerate(self._annex.footer):
            sheet.write(faces["row"].text(line, beside.width), beside, top + place * look.footer_row, look.grey)
        below = top + len(self._annex.footer) * look.footer_row
        if self._annex.fingerprint:
            sheet.write(faces["fingerprint"].text(self._annex.fingerprint), beside, below, look.grey)

    def _draw_sums(self, sheet: Sheet, faces: Mapping[str, Typeface], count: int) -> None:
        """What earlier pages come to above the lines, what it comes to with this one below; at last the subtotal."""
        columns, look = self._annex.columns, self._annex.paper.look
        wide = Column(columns["description"].left, columns["tax"].left - 2 * CELL)
        for key, amount, row in self._sums(count):
            baseline = look.first_row + row * look.row + look.baseline
            sheet.write(faces["sum"].text(self._annex.words[key]), wide, baseline)
            sheet.write(faces["sum"].figure(self._annex.rows.figures.amount(amount)), columns["amount"], baseline)

    def _sums(self, count: int) -> Iterator[tuple[str, Decimal, int]]:
        sums, index = self._annex.sums, self._index
        if index:
            yield "brought_forward", sums[index - 1], 0
        yield "subtotal" if index + 1 == len(sums) else "carried_forward", sums[index], count + 1


def _draw_row(sheet: Sheet, faces: Mapping[str, Typeface], annex: Annex, row: AnnexRow, baseline: float) -> None:
    columns, face = annex.columns, faces["row"]
    sheet.write(face.figure(row.position), columns["position"], baseline, annex.paper.look.grey)
    _describe(sheet, faces, annex, row, baseline)
    if row.dates:
        sheet.write(face.text(row.dates), columns["dates"], baseline)
    for name in [name for name in columns if name not in WORDS]:
        figure = getattr(row, name)
        if figure:
            sheet.write(face.figure(figure), columns[name], baseline)


def _describe(sheet: Sheet, faces: Mapping[str, Typeface], annex: Annex, row: AnnexRow, baseline: float) -> None:
    """The description up to the next filled cell, and after it, small, the details, which are squeezed rather than cut."""
    filled = next(column for name, column in annex.columns.items() if name not in BEGINNING and getattr(row, name))
    column = Column(annex.columns["description"].left, filled.left - 2 * CELL)
    details = faces["details"].text(row.details) if row.details else None
    room = column.width - min(details.width + GAP, column.width * 0.6) if details else column.width
    described = faces["row"].text(row.description, room) if row.description else NOTHING
    sheet.write(described, column, baseline)
    if details:
        sheet.write(details, Column(column.left + described.width + GAP, column.right), baseline, annex.paper.look.grey)
