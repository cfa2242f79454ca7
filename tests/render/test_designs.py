"""The three designs, each with all papers: nothing over the edge, nothing over something else, every figure there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import Paper
from chalicelib.render.designs import read_css
from chalicelib.render.formats import Formats
from chalicelib.render.html import render_html
from chalicelib.render.labels import document_locale
from chalicelib.render.papers import render_reminder_pdf, render_statement_pdf
from chalicelib.render.pdf import render_pdf
from chalicelib.render.templates_folder import templates_folder
from chalicelib.render.view import build_view
from tests.support import papers, specimens
from tests.support.builders import a_line, tax
from tests.support.page_geometry import read_sheets
from tests.support.pdf_reading import read_pages, read_words

EDGE = {Design.MODERN: 16, Design.CLASSIC: 16, Design.COMPACT: 12}
"""Points that stay white on each side: less than half an inch cannot be printed everywhere."""
SPECIMENS: list[Callable[..., Invoice]] = [
    specimens.of_nothing,
    specimens.with_many_taxes,
    specimens.with_long_names,
    specimens.a_credit_note,
    specimens.with_prices_including_tax,
    specimens.in_yen,
    specimens.in_dinar,
    specimens.in_hebrew,
    specimens.in_thai,
    specimens.in_chinese,
    specimens.in_many_scripts,
]
MARKS = "\u200e\u200f"
"""Marks of direction, which readers of a PDF keep or drop."""


def assert_tidy(pdf: bytes, design: Design) -> None:
    """Nothing reaches over the edge, and no word is printed over another."""
    for number, sheet in enumerate(read_sheets(pdf), 1):
        assert sheet.outside(EDGE[design]) == [], f"page {number}"
        assert sheet.collisions() == [], f"page {number}"


def plain(text: str) -> str:
    """Text without spaces, breaks and marks: figures may be torn in a column that is too narrow for them."""
    return re.sub(rf"[\s{MARKS}]", "", text)


@pytest.mark.parametrize("design", list(Design))
@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.__name__)
def test_pages_are_tidy(specimen: Callable[..., Invoice], design: Design) -> None:
    """In every design, for every kind of document, script and size of figures, on both papers; the totals are on them."""
    paper = Paper.LETTER if SPECIMENS.index(specimen) % 2 else Paper.A4
    invoice = specimen(template=design.value)
    pdf = render_pdf(replace(invoice, operator=replace(invoice.operator, paper=paper)))
    assert_tidy(pdf, design)
    text = plain("".join(read_pages(pdf)))
    formats = Formats(document_locale(invoice.customer.locale), invoice.currency)
    digits = [re.sub(r"[^\d.,]", "", formats.money(amount)) for amount in (invoice.subtotal, invoice.tax_total, invoice.total)]
    assert [figure for figure in digits if figure.strip(".,") not in text] == []


@pytest.mark.parametrize(
    "design, count, pages", [("classic", 25, 2), ("compact", 25, 1), ("classic", 300, 16), ("compact", 300, 7)]
)
def test_long_invoices_break_between_lines(design: str, count: int, pages: int) -> None:
    """Every line once and in order under a head on each page; the totals follow a line and are not torn off."""
    pdf = render_pdf(specimens.an_issued(lines=specimens.usage_lines(count), template=design))
    assert_tidy(pdf, Design(design))
    read = read_pages(pdf)
    positions = [[int(found) for found in re.findall(r"^ *(\d+) +.*€.*€", page, re.MULTILINE)] for page in read]
    assert [position for page in positions for position in page] == list(range(1, count + 1))
    assert len(read) == pages
    for number, page in enumerate(read, 1):
        assert f"Page {number} of {pages}" in page
        assert ("Description" in page) == bool(positions[number - 1])
        assert ("Invoice INV-2026-000417 · Zażółć Gęślą Sp. z o.o." in page) == (number > 1)
    (closing,) = [place for place, page in enumerate(read) if "Amount due" in page]
    assert positions[closing]
    assert "Subtotal" in read[closing]


def test_names_are_not_torn_by_details_that_do_not_fit() -> None:
    """In the design that sets them behind the name, it is the details that go to the next row."""
    names = [f"Interconnect of{'f' * length} Nowhere" for length in range(0, 40, 2)]
    lines = tuple(replace(line, description=name) for line, name in zip(specimens.usage_lines(20), names, strict=True))
    [sheet, *_] = read_sheets(render_pdf(specimens.an_issued(template=Design.COMPACT.value, lines=lines)))
    tops = {word: [box.top for box in sheet.boxes if box.text == word] for word in ("Interconnect", "Nowhere")}
    assert tops["Nowhere"] == tops["Interconnect"]
    assert len(tops["Nowhere"]) == len(names)


@pytest.mark.parametrize("design", list(Design))
def test_drafts_are_marked(design: Design) -> None:
    """Beside the title, in every design."""
    text = "".join(read_pages(render_pdf(specimens.an_issued(template=design.value), draft=True)))
    assert "DRAFT" in text


@pytest.mark.parametrize("design", list(Design))
def test_long_footers_have_room(design: Design) -> None:
    """The page ends higher where the operator has much to say at its foot, on the annex, too."""
    footer = "\n".join(f"Registered office {number}, " + "managing director Erika Mustermann, " * 2 for number in range(8))
    lines = specimens.usage_lines(301)
    pdf = render_pdf(specimens.an_issued(template=design.value, lines=lines, operator=specimens.an_operator(footer=footer)))
    assert_tidy(pdf, design)
    assert all("Registered office 7" in page for page in read_pages(pdf))


def test_a_rate_of_many_digits_keeps_its_distance() -> None:
    """Four millimetres or more lie between the unit price and a rate of three decimals."""
    words = read_words(render_pdf(specimens.an_issued(lines=(a_line("1", 80, tax=tax("8.875")),), currency="USD")))
    price = max(word.right for word in words if word.text == "$80.00" and word.right < 450)
    rate = max(word.left for word in words if word.text == "8.875%")
    assert rate - price > 4 * 72 / 25.4


@pytest.mark.parametrize("design", list(Design))
@pytest.mark.parametrize("paper", list(Paper))
def test_statements_in_every_design(design: Design, paper: Paper) -> None:
    """Every movement, the balances, and page numbers."""
    pdf = render_statement_pdf(papers.a_statement(70, design=design, operator=specimens.an_operator(paper=paper)))
    assert_tidy(pdf, design)
    read = read_pages(pdf)
    text = "".join(read)
    assert [number for number in range(0, 70, 2) if f"INV-2026-{number:06}" not in text] == []
    assert all(f"Page {number} of {len(read)}" in page for number, page in enumerate(read, 1))
    assert "Closing balance" in read[-1]


@pytest.mark.parametrize("design", list(Design))
@pytest.mark.parametrize("specimen", [specimens.an_issued, specimens.in_hebrew, specimens.with_long_names])
def test_letters_in_every_design(specimen: Callable[..., Invoice], design: Design) -> None:
    """One page that says what is due and for how long."""
    letter = papers.a_letter("final", specimen(), design)
    pdf = render_reminder_pdf(letter)
    assert_tidy(pdf, design)
    (page,) = read_pages(pdf)
    formats = Formats(document_locale(letter.invoice.customer.locale), letter.invoice.currency)
    amount = re.sub(r"[^\d.,]", "", formats.money(letter.invoice.amount_due))
    assert plain(page).count(amount) >= 3
    assert re.search(r"\b30\b", page)


def test_upcoming_letters_count_no_days() -> None:
    """Nothing is overdue yet, so no number of days is printed."""
    (page,) = read_pages(render_reminder_pdf(papers.a_letter("upcoming")))
    assert "falls due on Jan 2, 2027" in page
    assert not re.search(r"2027 +0 ", page)


@pytest.mark.parametrize(
    "draw", [lambda: render_statement_pdf(papers.a_statement()), lambda: render_reminder_pdf(papers.a_letter())]
)
def test_the_same_paper_gives_the_same_bytes(draw: Callable[[], bytes]) -> None:
    """Statements and letters, as invoices."""
    assert len({hashlib.sha256(draw()).hexdigest() for _ in range(2)}) == 1


@pytest.mark.parametrize("design", list(Design))
def test_the_annex_is_tidy_in_every_design(design: Design) -> None:
    """As wide as the invoice, its amounts flush with its edge, every line once."""
    lines = (*specimens.mixed_lines(), *specimens.usage_lines(310))
    pdf = render_pdf(specimens.an_issued(template=design.value, lines=lines))
    assert_tidy(pdf, design)
    cover, *_, last = read_sheets(pdf)
    amounts = [max(box.right for box in sheet.boxes) for sheet in (cover, last)]
    assert amounts[0] == pytest.approx(amounts[1], abs=3)
    read = read_pages(pdf)[1:]
    positions = [int(found) for page in read for found in re.findall(r"^ *(\d+) +.*\d\d$", page, re.MULTILINE)]
    assert positions == list(range(1, len(lines) + 1))


def test_every_class_has_a_place_in_each_design() -> None:
    """What one design styles, the others style too: none forgets a part of a paper."""
    named = {design: set(re.findall(r"\.([a-z][a-z-]+)", read_css(design))) for design in Design}
    own = {"letterhead", "masthead", "logo-column", "facts", "c-facts", "address", "even"}
    shown = set(re.findall(r'class="([a-z -]+)"', "".join(source.read_text() for source in sources())))
    classes = {name for names in shown for name in names.split()} - own
    assert {design: sorted(classes - styled) for design, styled in named.items() if classes - styled} == {}


def sources() -> list[Path]:
    """The templates that all designs share."""
    return sorted((templates_folder() / "shared").glob("*.html"))


@pytest.mark.parametrize("colour, ink", [("#facc15", "#0f172a"), ("#1e3a8a", "#ffffff")])
def test_colours_stay_legible(colour: str, ink: str) -> None:
    """Text on the operator's colour is dark on a light one, and light on a dark one."""
    invoice = specimens.an_issued(operator=specimens.an_operator(accent_colour=colour))
    assert f"background: {colour}; color: {ink}" in render_html(build_view(invoice), template="modern")
