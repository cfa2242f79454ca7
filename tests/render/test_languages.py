"""The text of a PDF in every language and design: its amounts are those of the JSON, its words are found as they were written."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.fingerprint import write_figures
from chalicelib.domain.invoice import Invoice
from chalicelib.render.labels import languages
from chalicelib.render.pdf import render_accessible_pdf, render_pdf
from tests.support import specimens
from tests.support.builders import a_line, tax
from tests.support.pdf_conformance import ACCESSIBLE, ARCHIVAL, find_complaints, walk
from tests.support.pdf_reading import read_pages

DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
FIGURE = r"\d{1,3}(?:[.,’\u00a0\u202f ]\d{2,3})*[.,]\d{2}(?!\d)"
AMOUNT = re.compile(rf"€[\u00a0 ]?({FIGURE})|({FIGURE})[\u00a0\u202f ]?€")
"""As twenty languages write it: groups of three, in India of two; the sign before or behind."""
INDIC = ("भारत मोबाइल", "हिन्दी में कीमत", "किराया विधि", "प्रति मिनट शुल्क")


def in_language(tag: str, design: Design) -> Invoice:
    """Amounts of every length, none of them printed for two reasons that would hide each other."""
    lines = (
        a_line("1", "1234567.89", description="Interconnect", tax=tax(19)),
        a_line("2", "24.90", 12, description="Seat", tax=tax(7)),
        *(replace(line, tax=tax(19)) for line in specimens.usage_lines(2)),
    )
    return specimens.an_issued(lines=lines, customer=specimens.a_buyer(locale=tag), template=design.value)


def amounts_told(invoice: Invoice) -> Counter[Decimal]:
    """Every amount of the JSON as often as the page must print it; the amount due also in words of payment."""
    said = json.loads("".join(write_figures(invoice)))
    lines = [
        Decimal(line[name]) for line in said["lines"] for name in (("net", "net") if line["usage"] else ("unit_price", "net"))
    ]
    groups = [Decimal(group[name]) for group in said["taxes"] for name in ("net", "tax")]
    return Counter([*lines, *groups, Decimal(said["subtotal"]), Decimal(said["tax_total"]), *[Decimal(said["total"])] * 2])


def amounts_read(pdf: bytes) -> Counter[Decimal]:
    """Every figure beside a sign of the currency, whatever it is grouped with."""
    text = DIRECTIONS.sub("", "\n".join(read_pages(pdf)))
    return Counter(Decimal(re.sub(r"\D", "", before or behind)).scaleb(-2) for before, behind in AMOUNT.findall(text))


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("tag", sorted(languages()))
def test_amounts_are_those_of_the_json_in_every_language(tag: str, design: Design) -> None:
    """Each as often as it must be there, and not one more."""
    invoice = in_language(tag, design)
    assert amounts_read(render_pdf(invoice)) == amounts_told(invoice)


@pytest.mark.parametrize("tag", ["hi", "ar", "he", "th", "ko"])
def test_accessible_documents_conform_in_scripts_of_their_own(tag: str) -> None:
    """Every glyph says something, and the amounts are the same."""
    invoice = in_language(tag, Design.CLASSIC)
    pdf = render_accessible_pdf(invoice)
    assert find_complaints(pdf, ACCESSIBLE) == []
    assert amounts_read(pdf) == amounts_told(invoice)


@pytest.mark.parametrize("draw", [render_pdf, render_accessible_pdf])
def test_indic_words_are_found_as_they_were_written(draw: Callable[[Invoice], bytes]) -> None:
    """Letters that join and change places on the page are told beside them, of both variants."""
    lines = tuple(replace(line, description=name) for line, name in zip(specimens.usage_lines(4), INDIC, strict=True))
    text = "\n".join(read_pages(draw(specimens.an_issued(lines=lines, customer=specimens.a_buyer(locale="hi-IN")))))
    assert [name for name in (*INDIC, "विक्रेता", "जर्मनी", "कर सारांश") if name not in text] == []


def test_indic_words_are_found_in_an_annex() -> None:
    """Its lines are drawn without the engine; of a name that is cut, on its second line, every word is found."""
    names = (*INDIC, " ".join(INDIC * 3))
    lines = tuple(replace(line, description=names[place % 5]) for place, line in enumerate(specimens.usage_lines(301)))
    pdf = render_pdf(specimens.an_issued(lines=lines, customer=specimens.a_buyer(locale="hi-IN")))
    assert find_complaints(pdf, ARCHIVAL) == []
    _, *annex = read_pages(pdf)
    found = Counter(word for page in annex for word in page.split())
    assert Counter(word for line in lines for word in line.description.split()) - found == Counter()


@pytest.mark.parametrize("made", [specimens.in_dinar, specimens.in_hebrew])
def test_screen_readers_need_not_know_of_directions(made: Callable[[], Invoice]) -> None:
    """What runs from right to left is drawn backwards; its tags have the words forwards, without marks of direction."""
    invoice = made()
    with pikepdf.open(io.BytesIO(render_accessible_pdf(invoice))) as pdf:
        told = [str(each.ActualText) for each in walk(pdf.Root.StructTreeRoot.K) if "/ActualText" in each]
    assert {invoice.customer.name, invoice.lines[0].description, invoice.notes} <= set(told)
    assert not any(DIRECTIONS.search(words) for words in told)
