"""What the annex tells of a line and at its foot, read back from the paper: nothing is lost that has room on two lines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Line, PrintedPeriod
from chalicelib.render.annex_look import LOOKS
from chalicelib.render.annex_paper import AnnexPaper
from chalicelib.render.annex_turns import Turns
from chalicelib.render.engine import load_engine
from chalicelib.render.pdf import render_pdf
from chalicelib.render.ruler import Ruler
from chalicelib.render.typeface import Look
from tests.support import specimens
from tests.support.page_geometry import Box, Sheet, read_sheets
from tests.support.pdf_reading import read_pages

COUNT = 301
REGISTER = (
    "Registered by the Amtsgericht Frankfurt am Main, Gerichtsstrasse 2, in its register of companies, section B, as HRB 123456"
)
SCRIPTS = (
    "Ziel 00004 Sonderrufnummern ",
    "Donaudampfschifffahrt",
    "قطاع الخليج ",
    "ישראל ",
    "กรุงเทพมหานคร",
    "दिल्ली ",
    "東京電話",
)
letters = st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=12).map("".join)


def lines_named(name: str, count: int = COUNT) -> tuple[Line, ...]:
    """Usage of many destinations whose names begin alike and differ at the end."""
    return tuple(replace(line, description=f"{name} {index}") for index, line in enumerate(specimens.usage_lines(count), 1))


def annex_of(design: Design = Design.MODERN, **fields: object) -> list[Sheet]:
    """The pages of the annex."""
    return read_sheets(render_pdf(specimens.an_issued(template=design.value, **fields)))[1:]


def text_of(sheet: Sheet) -> str:
    """Its words in the order in which they were drawn."""
    return " ".join(box.text for box in sheet.boxes)


def box_of(sheet: Sheet, text: str) -> Box:
    """The first such word."""
    return next(box for box in sheet.boxes if box.text == text)


def foot_of(sheet: Sheet) -> list[Box]:
    """The words below the lines, but for the number of the page."""
    begin = next(place for place, box in enumerate(sheet.boxes) if box.text == "Telco" and box.top > sheet.height * 0.8)
    return [box for box in sheet.boxes[begin:] if box.top > sheet.height * 0.8 and box.left < sheet.width * 0.8]


@pytest.mark.parametrize("design", list(Design))
def test_the_footer_is_that_of_the_first_page(design: Design) -> None:
    """A row that is too long goes on below, and every word of the footer stands where it stands on the first page."""
    operator = specimens.an_operator(registration=REGISTER, footer=f"Before\n\nManaging directors: {'Erika, ' * 24}Mustermann")
    invoice = specimens.an_issued(template=design.value, lines=specimens.usage_lines(COUNT), operator=operator)
    first, annex, *_ = (foot_of(sheet) for sheet in read_sheets(render_pdf(invoice)))
    assert [box.text for box in annex] == [box.text for box in first]
    assert REGISTER in " ".join(box.text for box in annex)
    for box, same in zip(annex, first, strict=True):
        assert (box.left, box.right) == pytest.approx((same.left, same.right), abs=1)
        assert box.middle == pytest.approx(same.middle, abs=3)


@pytest.mark.parametrize("design", list(Design))
def test_a_footer_of_wide_letters_has_room(design: Design) -> None:
    """Rows of capitals take more room than was counted on; lines end higher then, and the footer stays on the paper."""
    operator = specimens.an_operator(footer="\n".join(["WWWW MMMM " * 9] * 8))
    for page in annex_of(design, lines=specimens.usage_lines(COUNT), operator=operator):
        assert text_of(page).count("WWWW") == 72
        assert page.collisions() == []
        assert max(box.bottom for box in page.boxes) < page.height - 12


def test_each_row_of_the_footer_keeps_its_order_on_a_mirrored_page() -> None:
    """A row that begins with a figure, because the one before is full, is read from the left as well."""
    operator = specimens.an_operator(footer=f"{'x' * 98} 7777 Q")
    page, *_ = annex_of(lines=specimens.usage_lines(COUNT), operator=operator, customer=specimens.a_buyer(locale="he-IL"))
    assert box_of(page, "7777").left < box_of(page, "Q").left
    assert box_of(page, "7777").middle > box_of(page, "x" * 98).middle


def test_the_period_of_the_document_is_said_once_a_page() -> None:
    """It stands in the head instead of in a column; a line of other dates says them itself, and one without dates none."""
    others = (*specimens.mixed_lines(), *specimens.usage_lines(COUNT))
    first, *further = read_pages(render_pdf(specimens.an_issued(lines=others)))[1:]
    for page in (first, *further):
        assert re.search(r"Annex: all lines +Period · Nov 1\W+30, 2026$", page, re.MULTILINE)
        assert not re.search("PERIOD", page)
        assert page.count("30, 2026") == (2 if page is first else 1)
    assert re.search(r"Germany Mobile, late calls +Oct 30, 2026 · belongs to INV-2026-000389 +151", first)
    assert re.search(r"Number porting, set-up +1 × 149.00 +19%", first)


@pytest.mark.parametrize("share, has_column", [(COUNT // 2 + 1, False), (COUNT // 2, True)])
def test_the_period_has_a_column_where_most_lines_have_another(share: int, has_column: bool) -> None:
    """As lines by day have; then every line says its dates in it, and the head has none."""
    day = date(2026, 11, 5)
    lines = [replace(line, start_date=day, end_date=None) for line in specimens.usage_lines(COUNT)]
    lines[:share] = specimens.usage_lines(share)
    pages = read_pages(render_pdf(specimens.an_issued(lines=tuple(lines))))[1:]
    assert all(("PERIOD" in page) == has_column for page in pages)
    assert sum(page.count("Nov 5, 2026") for page in pages) == COUNT - share
    assert any("Period ·" in page for page in pages) != has_column


def test_a_document_without_a_period_has_the_column() -> None:
    """Nothing is usual where the first page names no period."""
    lines = specimens.usage_lines(COUNT)
    assert all("PERIOD" in text_of(page) for page in annex_of(lines=lines, period=None))
    month = PrintedPeriod(start_date=date(2026, 10, 1), end_date=date(2026, 10, 31))
    assert all("PERIOD" in text_of(page) for page in annex_of(lines=lines, period=month))


@pytest.mark.parametrize("design", list(Design))
def test_long_names_go_on_below(design: Design) -> None:
    """What tells names apart is on the paper, in every design; figures stand beside the first line, and nothing overlaps."""
    name = "Sonderrufnummern der Klasse Premium national und international mit Zuschlag je angefangener Minute"
    pages = annex_of(design, lines=lines_named(name))
    read = " ".join(map(text_of, pages))
    ends = [int(found) for found in re.findall(r"Minute (\d+)", read)]
    assert ends == list(range(1, COUNT + 1))
    assert "…" not in read
    for page in pages:
        assert page.collisions() == []
        assert page.outside(12) == []
    assert box_of(pages[0], "69.60").middle == pytest.approx(box_of(pages[0], "Sonderrufnummern").middle, abs=1)


def test_details_without_room_go_below_too() -> None:
    """A name that fills its line leaves the line below to the small print, which is neither cut nor squeezed."""
    name = "Germany Mobile and the Channel Islands, late calls"
    late = [
        replace(line, description=name, start_date=date(2026, 10, 30), end_date=None, original_invoice_number="INV-2026-000389")
        for line in specimens.usage_lines(3)
    ]
    (page, *_) = read_pages(render_pdf(specimens.an_issued(lines=(*late, *specimens.usage_lines(COUNT)))))[1:]
    assert re.search(rf"1 +{name} +40 .*\n+ +Oct 30, 2026 · belongs to INV-2026-000389 *\n", page)


@pytest.mark.parametrize("design", list(Design))
def test_no_row_stays_empty(design: Design) -> None:
    """Rows follow each other from the head to the sum below them, whether or not something is brought forward."""
    pages = annex_of(design, lines=specimens.usage_lines(COUNT))
    for number, page in enumerate(pages):
        amounts = sorted({round(box.middle) for box in page.boxes if re.fullmatch(r"[\d,]+\.\d\d", box.text) and box.right > 480})
        heading = box_of(page, "(EUR)").middle
        steps = [after - before for before, after in pairwise([heading, *amounts])]
        assert max(steps) < 1.6 * min(steps)
        assert ("Brought" in text_of(page)) == (number > 0)


@given(st.lists(st.integers(0, 1), max_size=60))
@settings(max_examples=50)
def test_pages_are_full_and_never_too_full(turns: list[int]) -> None:
    """Every line is on one page; each page has room for its sums, and none for another line."""
    paper = AnnexPaper(794, 400, LOOKS[Design.MODERN], 3)
    ends = paper.page_ends(turns)
    assert ends[-1] == len(turns)
    room = paper.height - paper.bottom - paper.look.first_row
    for page, (start, end) in enumerate(pairwise([0, *ends])):
        rows = sum(map(paper.row, turns[start:end])) + paper.look.row * (2 if page else 1)
        assert rows <= room + 1e-6
        assert end == len(turns) or rows + paper.row(turns[end]) > room - 1e-6


@given(letters, st.floats(60, 400))
@settings(max_examples=50, deadline=None)
def test_rows_have_all_of_the_text_and_fit(text: str, room: float) -> None:
    """In every script; words are kept whole where they are not wider than a row."""
    ruler = Ruler(load_engine(), Look(10))
    rows = ruler.rows(text, room)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(ruler.width(row) <= room for row in rows)
    words = text.split()
    if max(map(ruler.width, words)) <= room and "กรุงเทพมหานคร" not in text and "東京電話" not in text:
        assert " ".join(rows) == " ".join(words)


def test_words_without_end_fill_their_rows() -> None:
    """A word that is wider than a row is torn where the row ends, and no room is kept for a hyphen."""
    ruler = Ruler(load_engine(), Look(10))
    *full, _ = ruler.rows("i" * 300, 200)
    assert full
    assert all(ruler.width(f"{row}i") > 200 for row in full)


@pytest.mark.parametrize(
    "name, details, turn", [("UK Fixed", "", 0), ("W" * 33, "", 0), ("W" * 36, "", 33), ("W" * 33, "late", 33), ("", "W" * 99, 0)]
)
def test_names_turn_where_they_must(name: str, details: str, turn: int) -> None:
    """A name that fits stays on one line; one that leaves no room for its details stands alone on its line."""
    assert Turns(load_engine(), Look(10), Look(9)).turn(name, details, 340) == turn


def test_each_line_of_a_name_keeps_its_order_on_a_mirrored_page() -> None:
    """The second line of a Latin name begins with a figure, and is read from the left as well."""
    name = "Premium numbers of all classes, national or international, section"
    page, *_ = annex_of(lines=lines_named(f"{name} 7777 B"), customer=specimens.a_buyer(locale="he-IL"))
    for first, second in (("Premium", "numbers"), ("7777", "B")):
        assert box_of(page, first).left < box_of(page, second).left
    assert box_of(page, "Premium").middle < box_of(page, "7777").middle
