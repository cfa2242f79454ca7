"""The annex of a long invoice, read with other eyes: every line once, sums that carry on, one numbering, one PDF/A file."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import Invoice, Line, LineUsage
from chalicelib.domain.operator import Paper
from chalicelib.render.pdf import render_pdf
from tests.support import specimens
from tests.support.builders import a_line, tax
from tests.support.pdf_reading import read_pages, read_words

ROW = re.compile(r"^ *(\d+) +.*?([\d,]+) +([\d,.]+) +19% +([\d,.]+)$", re.MULTILINE)
CHILD = r"""
import re, sys
from pathlib import Path
from chalicelib.render.pdf import render_pdf
from tests.support import specimens
lines = specimens.usage_lines(int(sys.argv[1]))
Path(sys.argv[2]).write_bytes(render_pdf(specimens.an_issued(lines=lines)))
status = Path("/proc/self/status").read_text()  # ru_maxrss would count what the parent had before exec, too
print(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024)
"""


def a_long(count: int = 400, **fields: object) -> Invoice:
    """An invoice with so many usage lines."""
    return specimens.an_issued(lines=specimens.usage_lines(count), **fields)


def rendered_apart(count: int, path: Path) -> tuple[bytes, int]:
    """Such an invoice drawn by another process, with another hash seed and time zone: its bytes, and the peak in MiB."""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CHILD, str(count), str(path)]
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return path.read_bytes(), int(child.stdout)


def rows_of(pages: Sequence[str]) -> list[tuple[int, int, Decimal, Decimal]]:
    """Position, calls, minutes and amount of each usage line on these pages."""
    found = [match for page in pages for match in ROW.findall(page)]
    plain = [[figure.replace(",", "") for figure in row] for row in found]
    return [(int(position), int(calls), Decimal(minutes), Decimal(amount)) for position, calls, minutes, amount in plain]


def expected_row(position: int, line: Line) -> tuple[int, int, Decimal, Decimal]:
    """What the paper must say about a line."""
    usage = line.usage or LineUsage(calls=0, attempts=0, duration_seconds=0, billed_seconds=0)
    return position, usage.calls, (Decimal(usage.billed_seconds) / 60).quantize(Decimal("0.01")), line.net


def sums_of(pages: Sequence[str], label: str) -> list[str]:
    """The figures beside a label of sums."""
    return [match for page in pages for match in re.findall(rf"^ *{label} +([\d,.]+)$", page, re.MULTILINE)]


def slanted_texts(pdf: bytes) -> list[int]:
    """How many texts of each page of the annex run across it."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = [pikepdf.parse_content_stream(page) for page in opened.pages][1:]
    return [sum(str(item.operator) == "Tm" and float(item.operands[1]) != 0 for item in page) for page in pages]


def test_every_line_is_on_paper_once(tmp_path: Path) -> None:
    """Ten thousand lines, drawn within 200 MiB: each once, in order, with its figures; the sums carry on to the subtotal."""
    pdf, peak = rendered_apart(10_000, tmp_path / "long.pdf")
    assert peak <= 200
    invoice = a_long(10_000)
    cover, *annex = read_pages(pdf)
    assert rows_of(annex) == [expected_row(position, line) for position, line in enumerate(invoice.lines, 1)]
    assert sums_of(annex, "Carried forward") == sums_of(annex, "Brought forward")
    assert len(sums_of(annex, "Carried forward")) == len(annex) - 1
    assert sums_of(annex[-1:], "Subtotal") == [f"{invoice.subtotal:,}"]
    assert f"€{invoice.subtotal:,}" in cover


def test_pages_are_numbered_right_across() -> None:
    """An invoice of several pages and its annex are counted together, and every page names the document."""
    others = tuple(a_line(f"m{i}", "5", description=f"Item {i}", tax=tax(19)) for i in range(40))
    pages = read_pages(render_pdf(specimens.an_issued(lines=(*others, *specimens.usage_lines(300)))))
    first = next(i for i, page in enumerate(pages) if "Annex: all lines" in page)
    assert first > 1
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Annex: all lines" in page and "Invoice INV-2026-000417 · Zażółć" in page for page in pages[first:])


def test_lines_without_usage_say_quantity_and_price() -> None:
    """Quantity × unit price less discount, and the unit, stand on the annex for lines that are not usage."""
    pages = read_pages(render_pdf(specimens.an_issued(lines=(*specimens.mixed_lines(), *specimens.usage_lines(300)))))
    annex = "".join(pages[1:])
    for shown in ("12 × 24.90", "1 × 89.00 − 10%", "4,300 × 0.0125", "pieces", "belongs to INV-2026-000389"):
        assert shown in annex


def test_an_annex_without_usage_has_heads_of_its_own() -> None:
    """Quantity and unit price instead of calls and minutes, no column that stays empty, and room for long descriptions."""
    told = "Cloud PBX seat with a number of its own"
    lines = tuple(a_line(f"m{i}", "1.11", 3, description=told, discount_percent=Decimal(10), tax=tax(19)) for i in range(310))
    _, annex, *_ = read_pages(render_pdf(specimens.an_issued(lines=lines)))
    [head] = [line.split() for line in annex.splitlines() if "DESCRIPTION" in line]
    assert head == ["#", "DESCRIPTION", "QTY", "UNIT", "PRICE", "TAX", "AMOUNT", "(EUR)"]
    assert re.search(rf"1 +{told} +Discount 10% +3 +1\.11 +19% +3\.00$", annex, re.MULTILINE)


def test_the_fingerprint_is_as_small_as_on_the_first_page() -> None:
    """The same line has the same width on every page."""
    words = [word for word in read_words(render_pdf(a_long())) if re.fullmatch("[0-9a-f]{64}", word.text)]
    assert len(words) > 1
    assert all(word.right - word.left == pytest.approx(words[0].right - words[0].left, abs=1) for word in words)


def test_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two renders, and one in another process, give the same bytes."""
    digests = {hashlib.sha256(render_pdf(a_long())).hexdigest() for _ in range(2)}
    apart, _ = rendered_apart(400, tmp_path / "apart.pdf")
    assert digests == {hashlib.sha256(apart).hexdigest()}


def test_file_is_one_archival_pdf() -> None:
    """PDF/A-3b with one colour profile, each of the project's fonts once, nothing that qpdf complains about."""
    with pikepdf.open(io.BytesIO(render_pdf(a_long()))) as pdf:
        assert pdf.open_metadata().pdfa_status == "3B"
        assert len(pdf.Root.OutputIntents) == 1
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"]
        names = [re.sub(r"^/[A-Z]+\+", "", str(font.FontName)) for font in fonts]
        assert sorted(names) == ["Inter", "Inter-Bold", "Inter-Semi-Bold"]
        assert all("/FontFile2" in font for font in fonts)
        assert not pdf.check_pdf_syntax()
        size = [float(side) for side in pdf.pages[0].mediabox]
        assert all([float(side) for side in page.mediabox] == pytest.approx(size, abs=0.01) for page in pdf.pages)


def test_every_page_of_a_draft_is_marked() -> None:
    """The draft mark runs across each page of the annex too."""
    assert all(slanted_texts(render_pdf(a_long(), draft=True)))
    assert not any(slanted_texts(render_pdf(a_long())))


@pytest.mark.parametrize("currency, amount", [("JPY", "70"), ("KWD", "69.600")])
def test_digits_of_the_currency(currency: str, amount: str) -> None:
    """Amounts have the digits of their currency, which the heading names."""
    _, first, *_ = read_pages(render_pdf(a_long(currency=currency)))
    assert f"AMOUNT ({currency})" in first
    assert re.search(rf"^ *1 .* {re.escape(amount)}$", first, re.MULTILINE)


def test_long_names_are_cut_and_nothing_overlaps() -> None:
    """In any script, a name ends on its second line and before the dates begin; long prices are squeezed and stay whole."""
    names = ("Donaudampfschifffahrt" * 9, "شركة الخليج للاتصالات " * 9, "ישראל נייד " * 15, "กรุงเทพมหานคร" * 9)
    lines = [replace(line, description=names[i % 4]) for i, line in enumerate(specimens.usage_lines(400))]
    lines[0] = a_line("1", "123456789.123456789", "98765432.1234567", description="x" * 900, tax=tax(19))
    letter = specimens.an_operator(paper=Paper.LETTER)
    words = read_words(render_pdf(specimens.an_issued(lines=tuple(lines), operator=letter, period=None)))
    cut = [word for word in words if "…" in word.text]
    dates = [word.left for word in words if word.text == "Nov"]
    rates = [word.left for word in words if word.text == "19%"]
    assert len(cut) > 300
    assert max(word.right for word in cut if not word.text.startswith("xx")) < max(dates)
    assert max(word.right for word in cut) < max(rates)
    assert {"98,765,432.1234567", "123,456,789.123456789"} <= {word.text for word in words}


def test_a_right_to_left_annex_is_mirrored() -> None:
    """Numbers of lines stand at the right edge, amounts at the left, and Latin names read as they are written."""
    address = Address(line1="شارع فهد السالم ١٢", city="مدينة الكويت", postcode="13001", country="KW")
    customer = specimens.a_buyer(name="شركة الخليج", locale="ar-KW", address=address)
    words = read_words(render_pdf(a_long(customer=customer)))
    [amount, *_] = [word for word in words if word.text == "69.60"]
    [(uk, fixed), *_] = [pair for pair in pairwise(words) if (pair[0].text, pair[1].text) == ("UK", "Fixed")]
    position = max(word.left for word in words if word.text == "400")
    assert amount.left < uk.left < fixed.left < position
