"""PDF/A-3b and PDF/UA-1 as another program checks them: every kind of document, in every design; and whether it sees anything."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import cycle

import pikepdf
import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import Paper
from chalicelib.render.papers import render_reminder_pdf, render_statement_pdf
from chalicelib.render.pdf import render_accessible_pdf, render_pdf
from tests.support import papers, specimens
from tests.support.pdf_conformance import ACCESSIBLE, ARCHIVAL, find_complaints, find_loose_marks, walk

DOCUMENTS: dict[str, Callable[..., Invoice]] = {
    "one line": lambda **fields: specimens.an_issued(lines=specimens.usage_lines(1), **fields),
    "25 lines": lambda **fields: specimens.an_issued(lines=specimens.usage_lines(25), **fields),
    "long names": specimens.with_long_names,
    "zero": specimens.of_nothing,
    "credit note": specimens.a_credit_note,
    "draft": specimens.a_draft,
    "taxes": specimens.with_many_taxes,
    "inclusive": specimens.with_prices_including_tax,
    "Letter": lambda **fields: specimens.an_issued(operator=specimens.an_operator(paper=Paper.LETTER), **fields),
    "no logo": lambda **fields: specimens.an_issued(operator=specimens.an_operator(logo=""), **fields),
    "yen": specimens.in_yen,
    "Arabic": specimens.in_dinar,
    "Hebrew": specimens.in_hebrew,
    "Thai": specimens.in_thai,
    "Chinese": specimens.in_chinese,
    "scripts": specimens.in_many_scripts,
}


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nobody_complains(name: str, design: Design) -> None:
    """The accessible variant keeps every rule that a machine can check, and each mark of its pages has one place in the tags."""
    accessible = render_accessible_pdf(DOCUMENTS[name](template=design.value))
    assert find_complaints(accessible, ACCESSIBLE) == []
    assert find_loose_marks(accessible) == []


@pytest.mark.parametrize("name, design", [*zip(DOCUMENTS, cycle(Design), strict=False)])
def test_nobody_complains_in_an_archive(name: str, design: Design) -> None:
    """Nor of the archival variant; designs take turns, as they share all that the norm speaks of."""
    assert find_complaints(render_pdf(DOCUMENTS[name](template=design.value)), ARCHIVAL) == []


def test_an_annex_conforms() -> None:
    """Its pages are drawn by us, not by the engine."""
    assert find_complaints(render_pdf(specimens.an_issued(lines=specimens.usage_lines(301))), ARCHIVAL) == []


@pytest.mark.parametrize("design", Design)
def test_statements_and_letters_conform(design: Design) -> None:
    """They are archival files as well."""
    assert find_complaints(render_statement_pdf(papers.a_statement(design=design)), ARCHIVAL) == []
    assert find_complaints(render_reminder_pdf(papers.a_letter(design=design)), ARCHIVAL) == []


def _without_scope(pdf: pikepdf.Pdf) -> None:
    for each in walk(pdf.Root.StructTreeRoot.K):
        if each.S == "/TH":
            del each.A.Scope


def _without_words_for_pictures(pdf: pikepdf.Pdf) -> None:
    for each in walk(pdf.Root.StructTreeRoot.K):
        if each.S == "/Figure":
            del each.Alt


def _with_text_outside_the_tags(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes().replace(b"EMC", b"EMC 0 0 9 9 re f", 1))


def _without_title_shown(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.ViewerPreferences


def _without_fonts(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each:
            del each["/FontFile2"]


def _without_colour_profile(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


@pytest.mark.parametrize(
    "spoil",
    [
        _without_scope,
        _without_words_for_pictures,
        _with_text_outside_the_tags,
        _without_title_shown,
        _without_fonts,
    ],
)
def test_the_checker_hears_what_is_wrong_for_ears(spoil: Callable[[pikepdf.Pdf], None]) -> None:
    """Each spoilt file is complained of, so silence means something."""
    assert find_complaints(_spoilt(render_accessible_pdf(specimens.an_issued()), spoil), ACCESSIBLE)


@pytest.mark.parametrize("spoil", [_without_fonts, _without_colour_profile])
def test_the_checker_sees_what_is_wrong_in_an_archive(spoil: Callable[[pikepdf.Pdf], None]) -> None:
    """Each spoilt file is complained of, so silence means something."""
    assert find_complaints(_spoilt(render_pdf(specimens.an_issued()), spoil), ARCHIVAL)


def test_marks_that_no_tag_knows_are_found() -> None:
    """An element that lost its content leaves marks without a place, which the checker does not see."""

    def lose(pdf: pikepdf.Pdf) -> None:
        cell = next(each for each in walk(pdf.Root.StructTreeRoot.K) if each.S == "/TD")
        cell.K = pikepdf.Array([])

    assert find_loose_marks(_spoilt(render_accessible_pdf(specimens.an_issued()), lose))


def _spoilt(file: bytes, spoil: Callable[[pikepdf.Pdf], None]) -> bytes:
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(file)) as pdf:
        spoil(pdf)
        pdf.save(saved)
    return saved.getvalue()
