"""PDF/UA-1: what a machine can check of it. Whether it reads well is for ears."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pikepdf
import pytest

from chalicelib.domain.invoice import Invoice
from chalicelib.render.pdf import render_accessible_pdf, render_pdf
from chalicelib.render.view import build_view
from tests.support import specimens
from tests.support.pdf_conformance import ACCESSIBLE, find_complaints, find_loose_marks, read_aloud, walk
from tests.support.pdf_reading import read_pages

UA = "{http://www.aiim.org/pdfua/ns/id/}"


@contextmanager
def opened(invoice: Invoice) -> Iterator[pikepdf.Pdf]:
    """The accessible PDF."""
    with pikepdf.open(io.BytesIO(render_accessible_pdf(invoice))) as pdf:
        yield pdf


def elements_of(inside: Any, kind: str) -> list[Any]:
    """The structure elements of a kind within a document or an element, in the order of reading."""
    kids = inside.Root.StructTreeRoot.K if isinstance(inside, pikepdf.Pdf) else inside.K
    return [each for each in walk(kids) if f"/{kind}" == each.S]


def test_it_says_what_it_is() -> None:
    """Marked, titled, in a language, and PDF/UA-1 in its metadata; no PDF/A, for it is one variant at a time."""
    with opened(specimens.an_issued(customer=specimens.a_buyer(locale="de"))) as pdf:
        assert pdf.Root.MarkInfo.Marked is True
        assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
        assert str(pdf.Root.Lang) == "de"
        assert not pdf.check_pdf_syntax()
        with pdf.open_metadata() as told:
            assert (told[f"{UA}part"], told["dc:title"]) == ("1", "Rechnung INV-2026-000417")
            assert told.pdfa_status == ""


@pytest.mark.parametrize("template", ["modern", "classic", "compact", "stock"])
def test_headers_head_columns_and_pictures_have_words(template: str) -> None:
    """Every TH has its scope, every figure an alternative text, and there is one heading."""
    with opened(specimens.with_many_taxes(template=template)) as pdf:
        headers = elements_of(pdf, "TH")
        assert len(headers) == 9
        assert {str(header.A.Scope) for header in headers} == {"/Column"}
        assert [str(figure.Alt) for figure in elements_of(pdf, "Figure")] == ["Telco Rhein-Spree GmbH", "Scan to pay"]
        assert len(elements_of(pdf, "H1")) == 1


def test_only_data_stands_in_tables() -> None:
    """The lines and the tax summary; what HTML sets side by side by tables is no table to a reader."""
    with opened(specimens.an_issued()) as pdf:
        tables = elements_of(pdf, "Table")
        assert len(tables) == 2
        for table in tables:
            assert any(each.S == "/TH" for each in walk(table.K))
        assert len(elements_of(pdf, "TR")) == 1 + 8 + 1 + 2


@pytest.mark.parametrize("template", ["modern", "classic", "compact"])
def test_pages_do_not_cut_the_table_of_lines(template: str) -> None:
    """Pages and pages, one table: its headers are read once, its rows in order, and cells know their columns by the scope."""
    file = render_accessible_pdf(specimens.an_issued(lines=specimens.usage_lines(60), template=template))
    with pikepdf.open(io.BytesIO(file)) as pdf:
        lines, taxes = elements_of(pdf, "Table")
        head, *bodies = (str(part.S) for part in lines.K)
        assert (head, set(bodies), len(bodies) > 1) == ("/THead", {"/TBody"}, True)
        assert {len(row.K) for row in walk(lines.K) if row.S == "/TR"} == {6}
        assert len(elements_of(pdf, "TH")) == 6 + len(elements_of(taxes, "TH"))
    heard = [piece.lower() for piece in read_aloud(file)]
    assert heard.count("description") == 1
    assert heard[heard.index("amount") + 1 :: 7][:60] == [str(position) for position in range(1, 61)]
    assert (find_complaints(file, ACCESSIBLE), find_loose_marks(file)) == ([], [])


def test_the_foot_is_read_once_and_counts_of_pages_never() -> None:
    """Who the seller is stands nowhere else in full; what repeats on each page says nothing new to ears."""
    invoice = specimens.an_issued(lines=specimens.usage_lines(40))
    heard = read_aloud(render_accessible_pdf(invoice))
    assert heard[-2] == "Managing director: Erika Mustermann"
    assert heard[-1].startswith("SHA-256 ")
    assert len([piece for piece in heard if "HRB 123456 B" in piece]) == 1
    assert not any("Page" in piece or "INV-2026-000417 · " in piece for piece in heard)
    assert len([piece for piece in heard if piece == "INV-2026-000417"]) == 2


def test_pictures_are_where_they_are_said_to_be() -> None:
    """The boxes of figures lie on the page, the logo in its head and the code below, in their proportions."""
    with opened(specimens.an_issued()) as pdf:
        logo, code = [[float(edge) for edge in figure.A.BBox] for figure in elements_of(pdf, "Figure")]
        width, height = (float(edge) for edge in pdf.pages[-1].MediaBox[2:])
    assert 0 < logo[0] < logo[2] < code[0] < code[2] < width
    assert 0 < code[1] < code[3] < height / 2 < logo[1] < logo[3] < height
    assert (logo[2] - logo[0]) / (logo[3] - logo[1]) == pytest.approx(196 / 48, rel=0.01)


def test_long_documents_have_all_lines_in_the_table() -> None:
    """The pages of an annex have no tags, so there is none."""
    view = build_view(specimens.an_issued(lines=specimens.usage_lines(310)), whole=True)
    assert ([line["position"] for line in view["lines"]], view["annex"]) == ([str(n) for n in range(1, 311)], "")


def test_it_shows_what_the_archival_one_shows() -> None:
    """The same words in the same order, the fingerprint among them."""
    invoice = specimens.an_issued()
    pages = [re.sub(r"\s+", " ", " ".join(read_pages(pdf))) for pdf in (render_pdf(invoice), render_accessible_pdf(invoice))]
    assert pages[0] == pages[1]


def test_templates_of_operators_give_way_to_a_stock_design() -> None:
    """Nobody knows how theirs reads aloud."""
    with opened(specimens.an_issued(template="tpl-1/3")) as pdf:
        assert len(elements_of(pdf, "Table")) == 2


def test_same_document_same_bytes() -> None:
    """And another identifier than that of the archival file."""
    invoice = specimens.an_issued()
    assert render_accessible_pdf(invoice) == render_accessible_pdf(invoice)
    with pikepdf.open(io.BytesIO(render_pdf(invoice))) as archival, opened(invoice) as accessible:
        assert bytes(archival.trailer.ID[0]) != bytes(accessible.trailer.ID[0])
