"""Pages from right to left: Latin words and figures stand in the order they were given in, and a minus before its figure."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.enclosure import Enclosure
from chalicelib.render.mail import render_letter
from chalicelib.render.papers import render_reminder_pdf, render_statement_pdf
from chalicelib.render.pdf import render_pdf
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.template_data import build_template_data
from chalicelib.render.view import build_view
from tests.support import papers, specimens
from tests.support.builders import a_line, tax
from tests.support.page_geometry import read_sheets
from tests.support.pdf_reading import read_pages, read_words

MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")
RIGHT_TO_LEFT = ("ar", "he")


def in_groups(tag: str, **fields: object) -> Invoice:
    """An invoice in this language whose number, references and account are figures in groups."""
    late = replace(specimens.mixed_lines()[6], original_invoice_number="2026-000389")
    customer = specimens.a_buyer(locale=tag, name="شركة", tax_id="514 159 265")
    return specimens.an_issued(**{"customer": customer, "lines": (late,), **specimens.FIGURES_IN_GROUPS, **fields})


def a_statement_in(tag: str) -> StatementDocument:
    """With a payment whose reference is a telephone number."""
    document = papers.a_statement(2, customer=specimens.a_buyer(locale=tag))
    first, paid = document.statement.rows
    paid = replace(paid, movement=replace(paid.movement, reference="+49 30 123"))
    return replace(document, statement=replace(document.statement, rows=(first, paid)))


def in_sight(pdf: bytes) -> str:
    """The words of a file from left to right, wherever reading begins."""
    return " ".join(MARKS.sub("", word.text) for word in read_words(pdf))


def stand_in_order(pdf: bytes, groups: str) -> bool:
    """Whether the groups are found side by side, each to the right of the one before."""
    words, wanted = read_words(pdf), groups.split()
    for place in range(len(words)):
        found = sorted(words[place : place + len(wanted)], key=lambda word: word.left)
        if [MARKS.sub("", word.text) for word in found] == wanted:
            return True
    return False


@pytest.mark.parametrize(
    "given, kept",
    [
        ("Schönhauser Allee 36", "<Schönhauser Allee 36>"),
        ("1001 2345 6789", "<1001 2345 6789>"),
        ("+49 (30) 123-4", "<+49 (30) 123-4>"),
        ("شارع ١٢", "شارع ١٢"),
        ("…", "…"),
        ("الحساب 1001 2345", "الحساب <1001 2345>"),
        ("الحساب 1001\u00a02345, 7 غرف", "الحساب <1001\u00a02345>, 7 غرف"),
        ("هاتف (030) 123/4، فاكس +49-30", "هاتف <(030) 123/4>، فاكس <+49-30>"),
        ("شارع 12", "شارع 12"),
        ("(العدد: 301)", "(العدد: 301)"),
        ("بحلول 2027. 12 غرفة", "بحلول 2027. 12 غرفة"),
        ("المبلغ 1,234.50 د", "المبلغ <1,234.50> د"),
        ("الفاتورة <2026-000417> الآن", "الفاتورة <2026-000417> الآن"),
        ("<2026-000417>", "<2026-000417>"),
        ("الفاتورة <INV-1001>, INV-2 ל2026-1", "الفاتورة <INV-1001>, INV-2 ל<2026-1>"),
        ("שורה 1-2\n3-4", "שורה <1-2>\n<3-4>"),
    ],
)
def test_marks_around_what_would_change_its_order(given: str, kept: str) -> None:
    """Latin lines, lines of figures, figures in groups behind other letters; a second time changes nothing. < and > are marks."""
    assert keep_latin_order(given.translate({60: "\u200e", 62: "\u200e"})) == kept.translate({60: "\u200e", 62: "\u200e"})


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT)
@pytest.mark.parametrize("design", Design)
def test_figures_in_groups_keep_their_order(tag: str, design: Design) -> None:
    """Number, account alone and behind words, reference and tax ids on an invoice; none of them is found the other way round."""
    pdf = render_pdf(in_groups(tag, template=design.value))
    groups = ("2026-000417", "1001 2345 6789", "1002 3456 7890", "4500 123 77", "300 123 456", "514 159 265")
    assert [each for each in groups if not stand_in_order(pdf, each)] == []
    seen = in_sight(pdf)
    assert "2026-000389" in seen
    assert [each for each in ("000417-2026", "000389-2026") if each in seen] == []


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT)
@pytest.mark.parametrize("step", ReminderTemplate)
def test_reminders_name_the_invoice_as_it_is_called(tag: str, step: ReminderTemplate) -> None:
    """In every sentence of the letter, and between marks in the mail and in its subject."""
    seen = in_sight(render_reminder_pdf(papers.a_letter(step.value, in_groups(tag))))
    assert seen.count("2026-000417") == 4
    assert "000417-2026" not in seen
    mail = render_letter(in_groups(tag), step, "", Enclosure.ATTACHED)
    assert "\u200e2026-000417\u200e" in mail.subject
    assert "\u200e2026-000417\u200e" in mail.text.split("\n\n")[1]


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT)
def test_references_of_payments_keep_their_order(tag: str) -> None:
    """On a statement, where a reference is whatever the bank passed on."""
    assert stand_in_order(render_statement_pdf(a_statement_in(tag)), "+49 30 123")


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT)
def test_a_minus_stands_before_its_figure(tag: str) -> None:
    """Of prices, amounts, what is paid, and in the annex, too."""
    lines = (a_line("1", "-34.50", 2, tax=tax(19)), *specimens.usage_lines(301))
    invoice = in_groups(tag, lines=lines, amount_paid=Decimal("12.25"))
    text = MARKS.sub("", "\n".join(read_pages(render_pdf(invoice))))
    assert [text.count(figure) for figure in ("-34.50", "-69.00", "-12.25")] == [2, 2, 1]
    assert re.findall(r"\d-(?!\d)", text) == []


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT)
def test_a_letterhead_keeps_its_parts_together(tag: str) -> None:
    """Word by word from the right: company, street, town with its country, tax id; none stands among the words of another."""
    sheet = read_sheets(render_pdf(in_groups(tag, template=Design.CLASSIC.value)))[0]
    middle = next(box.middle for box in sheet.boxes if box.text == "Allee")
    row = sorted((box for box in sheet.boxes if box.top < middle < box.bottom), key=lambda box: -box.right)
    company, street, town, tax_id = " ".join(box.text for box in row).split(" · ")
    assert (company, street) == ("GmbH Rhein-Spree Telco", "36 Allee Schönhauser")
    assert re.fullmatch(r"Berlin [,،]10435 [\u0590-\u06ff]+", town)
    assert tax_id.endswith("456 123 300")


def test_templates_of_operators_get_numbers_between_marks() -> None:
    """What they put behind Arabic words keeps its order, too; a code that they compare stays as it is."""
    data = build_template_data(in_groups("ar"))
    assert data["invoice"]["number"] == "\u200e2026-000417\u200e"
    assert data["customer"]["tax_id"] == "\u200e514 159 265\u200e"
    assert data["invoice"]["invoice_date"] == "2026-12-03"


def test_marks_take_no_room() -> None:
    """A rate of five characters is not taken for a long one because of the marks around it."""
    line = replace(specimens.in_hebrew().lines[0], tax=tax("19.5"))
    assert not build_view(specimens.in_hebrew(lines=(line,)))["wide"]
