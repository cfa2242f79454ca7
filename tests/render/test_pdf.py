"""What the customer holds in the hand: figures, pages, marks, and that nothing of it depends on the machine or the clock."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest
from PIL import Image

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.operator import Paper
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.logo import Asset
from chalicelib.render.pdf import draw_pdf, render_pdf
from chalicelib.render.stamp import Stamp
from tests.support import specimens
from tests.support.pdf_reading import read_pages, read_words

STAMP = Stamp(identifier=b"x")

CHILD = """
import hashlib, sys
from tests.support import specimens
from chalicelib.render.logo import Asset
from chalicelib.render.pdf import render_pdf
assert "weasyprint" not in sys.modules, "only a render may load WeasyPrint"
print(hashlib.sha256(render_pdf(specimens.an_issued())).hexdigest())
"""


def euros(*amounts: Decimal) -> list[str]:
    """Amounts as an English reader expects them, formatted by Python alone."""
    return [f"{'-' if amount < 0 else ''}€{abs(amount):,.{max(2, -int(amount.as_tuple().exponent))}f}" for amount in amounts]


def figures_of(invoice: Invoice) -> Counter[str]:
    """Every amount that the document must show, as often as it must be shown."""
    lines = [amount for line in invoice.lines for amount in (line.unit_price, line.net)]
    groups = [amount for group in invoice.taxes for amount in (group.net, group.tax)]
    totals = [
        invoice.subtotal,
        invoice.tax_total,
        invoice.amount_due,
        invoice.amount_due,
    ]  # the amount due again in the payment block
    if invoice.amount_paid or invoice.amount_credited:
        totals += [invoice.total, -invoice.amount_paid, -invoice.amount_credited]
    return Counter(euros(*lines, *groups, *totals))


@pytest.mark.parametrize(
    "invoice",
    [
        specimens.an_issued(),
        specimens.with_many_taxes(),
        replace(specimens.an_issued(), amount_paid=Decimal("100.00"), amount_credited=Decimal("50.05")),
    ],
    ids=["mixed", "taxes", "paid"],
)
def test_paper_holds_exactly_the_stored_figures(invoice: Invoice) -> None:
    """Every amount of the frozen document is on the paper as often as it must be, and no other."""
    text = "".join(read_pages(render_pdf(invoice)))
    assert Counter(re.findall(r"-?€[\d,]+\.\d+", text)) == figures_of(invoice)


def test_one_line_fits_one_page() -> None:
    """A one-line invoice is one page and says so."""
    (page,) = read_pages(render_pdf(specimens.of_nothing()))
    assert "Page 1 of 1" in page


@pytest.mark.parametrize("count, pages", [(12, 2), (25, 2), (300, 16)])
def test_long_invoices_break_between_lines(count: int, pages: int) -> None:
    """Every line is there once and in order, each page of lines has the head, pages count themselves, totals follow lines."""
    read = read_pages(render_pdf(specimens.an_issued(lines=specimens.usage_lines(count))))
    assert len(read) == pages
    positions = [re.findall(r"^ *(\d+) +.*€.*€", page, re.MULTILINE) for page in read]
    assert [int(position) for page in positions for position in page] == list(range(1, count + 1))
    for number, page in enumerate(read, 1):
        assert f"Page {number} of {pages}" in page
        assert ("DESCRIPTION" in page) == bool(positions[number - 1])
        assert ("Invoice INV-2026-000417 · Zażółć Gęślą Sp. z o.o." in page) == (number > 1)
    closing = next(i for i, page in enumerate(read) if "Amount due" in page)
    assert positions[closing], "totals without a line above them"


@pytest.mark.parametrize("invoice", [specimens.a_draft(), specimens.an_issued()], ids=["draft", "preview of a revision"])
def test_drafts_are_marked(invoice: Invoice) -> None:
    """A draft, and a preview of an edit, bears the mark and no payment code; the issued document does not bear it."""
    marked = "".join(read_pages(render_pdf(invoice, draft=True)))
    assert "DRAFT" in marked
    assert "Scan to pay" not in marked
    assert ("INV-2026-000417" in marked) == (invoice.number is not None)


def test_issued_documents_bear_no_mark() -> None:
    """An issued invoice has no mark, but a payment code."""
    text = "".join(read_pages(render_pdf(specimens.an_issued())))
    assert "DRAFT" not in text
    assert "Scan to pay" in text


def test_void_documents_are_marked_and_ask_for_no_money() -> None:
    """A void invoice says so and does not tell how to pay."""
    text = "".join(read_pages(render_pdf(specimens.an_issued(status=InvoiceStatus.VOID))))
    assert "VOID" in text
    assert "Please pay" not in text
    assert "Amount due" not in text


def test_credit_notes_name_the_original() -> None:
    """A credit note is titled as such, names the invoice it takes back and its reason, and asks for no money."""
    text = "".join(read_pages(render_pdf(specimens.a_credit_note())))
    assert "Credit note" in text
    assert "INV-2026-000417" in text
    assert "(Nov 3, 2026)" in text.replace("\u00a0", " ")
    assert "Two seats were never delivered." in text
    assert "Please pay" not in text
    assert "DUE" not in text


def test_right_to_left_customers_get_a_right_to_left_page() -> None:
    """The number moves from the right edge to the left, and the first column to the right."""
    arabic, english = (render_pdf(invoice) for invoice in (specimens.in_dinar(), specimens.an_issued()))
    middle = 297.0
    assert next(word for word in read_words(arabic) if word.text.strip("\u200e") == "INV-2026-000417").right < middle
    assert next(word for word in read_words(english) if word.text == "INV-2026-000417").left > middle
    assert next(word for word in read_words(arabic) if word.text == "#").left > middle


def test_currencies_keep_their_digits() -> None:
    """Yen have no decimals, dinars have three."""
    yen = "".join(read_pages(render_pdf(specimens.in_yen())))
    assert "JP¥260,204" in yen
    assert "JP¥3.5" in yen, "a unit price keeps its own scale"
    dinar = "".join(read_pages(render_pdf(specimens.in_dinar())))
    assert "714.680" in dinar


def test_same_document_same_bytes() -> None:
    """Two renders, and one in another process with another hash seed, give the same bytes."""
    invoice = specimens.an_issued()
    digests = {hashlib.sha256(render_pdf(invoice)).hexdigest() for _ in range(2)}
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert {child.stdout.strip()} == digests


def test_file_is_an_archival_pdf() -> None:
    """PDF/A-3b with title, language, dates of the document and only the project's fonts, embedded."""
    with pikepdf.open(io.BytesIO(render_pdf(specimens.an_issued()))) as pdf:
        metadata = pdf.open_metadata()
        assert metadata.pdfa_status == "3B"
        assert metadata["dc:title"] == "Invoice INV-2026-000417"
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261203061000")
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"]
        assert {re.sub(r"^/[A-Z]+\+", "", str(font.FontName)).partition("-")[0] for font in fonts} == {"Inter"}
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_paper_follows_the_operator() -> None:
    """Letter paper is 8.5 by 11 inches."""
    invoice = specimens.of_nothing(operator=specimens.an_operator(paper=Paper.LETTER))
    with pikepdf.open(io.BytesIO(render_pdf(invoice))) as pdf:
        assert [float(side) for side in pdf.pages[0].mediabox] == pytest.approx([0, 0, 612, 792], abs=0.1)


def test_markup_in_names_is_only_text() -> None:
    """Names are printed as they are: neither HTML nor template code in them does anything."""
    name = "<b>{{ 7 * 7 }}</b> &amp; <img src=x>"
    text = "".join(read_pages(render_pdf(specimens.of_nothing(customer=specimens.a_buyer(name=name)))))
    assert name in text


@pytest.mark.parametrize(
    "html",
    [
        "<img src='http://127.0.0.1:9/x.png'>",
        "<img src='https://example.com/x.png'>",
        "<img src='file:///etc/passwd'>",
        "<link rel=stylesheet href='file:///etc/passwd'>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<style>@import url(http://127.0.0.1:9/x.css);</style>",
        "<style>@font-face { font-family: F; src: url(file:///etc/passwd) } p { font-family: F }</style><p>x",
        "<style>p { background: url(http://127.0.0.1:9/x.png) }</style><p>x",
        "<style>p::before { content: url(file:///etc/passwd) }</style><p>x",
        "<object data='file:///etc/passwd'></object>",
        "<embed src='http://127.0.0.1:9/x'>",
        "<img src='asset:other'>",
        "<img src='data:image/png;base64," + "A" * 70_000 + "'>",
        "<img src='data:image/svg+xml;base64,AAAA'>",
        "<img src='data:text/html,x'>",
        "<svg><image href='file:///etc/passwd'/></svg>",
    ],
)
def test_nothing_outside_is_loaded(html: str) -> None:
    """No network, no files, no unknown assets, no large or scripted data: the render stops and says what it would not load."""
    with pytest.raises(TemplateFailed, match="may not be loaded"):
        draw_pdf(html, {}, STAMP)


def test_small_images_may_be_written_into_a_template() -> None:
    """A small PNG as data: URI is the one thing a template may bring along."""
    drawn = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(drawn, "PNG")
    html = f"<img src='data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}'>"
    with pikepdf.open(io.BytesIO(draw_pdf(html, {}, STAMP))) as pdf:
        assert len(pdf.pages[0].Resources.XObject) == 1


@pytest.mark.parametrize(
    "html",
    [
        "<img src='../../etc/passwd'>",
        "<svg width='9' height='9'><image href='file:///etc/passwd' width='9' height='9'/></svg>",
        "<img src='asset:broken'>",
    ],
)
def test_no_part_is_lost_in_silence(html: str) -> None:
    """What WeasyPrint would leave out of the document with a word to the log stops the render."""
    with pytest.raises(TemplateFailed):
        draw_pdf(html, {"broken": Asset("image/png", b"not an image")}, STAMP)


def test_whatever_breaks_in_the_layout_is_the_templates_failure() -> None:
    """CSS that makes WeasyPrint raise ends as TemplateFailed, never as a bare exception."""
    with pytest.raises(TemplateFailed):
        draw_pdf("<div>" * 800 + "x", {}, STAMP)


def test_unknown_template_fails() -> None:
    """A document that names a template which is not there cannot be drawn with another."""
    with pytest.raises(TemplateFailed, match="no template 'gone'"):
        render_pdf(specimens.an_issued(template="gone"))
