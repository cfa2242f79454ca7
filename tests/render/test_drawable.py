"""Every character of a document is drawn: by a font of the project, or as its code. Boxes are never drawn."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import count, groupby

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.render.drawable import drawable
from chalicelib.render.engine import load_engine
from chalicelib.render.pdf import draw_pdf
from chalicelib.render.stamp import Stamp
from chalicelib.render.templates_folder import templates_folder
from chalicelib.render.typeface import FAMILIES
from tests.support.pdf_reading import read_pages

STAMP = Stamp(identifier=b"x")
STYLE = f"p {{ font-family: {', '.join(map(repr, FAMILIES))}; margin: 0 }}"
SCRIPTS = {
    "Greek": "Τιμολόγιο",
    "Cyrillic": "Рахунок-фактура",
    "Vietnamese": "Hóa đơn thuế",
    "Turkish": "İade seçeneği ğüşö",
    "Arabic": "فاتورة ضريبية",
    "Hebrew": "חשבונית מס",
    "Thai": "ใบแจ้งหนี้สำหรับภาษีน้ำประปา",
    "Devanagari": "बीजक संख्या",
    "simplified Chinese": "账单应付金额",
    "traditional Chinese": "帳單應繳金額",
    "Japanese": "ご請求書のカタカナ",
    "Korean": "청구서 납부할 금액",
}


def ranges_of_fonts() -> Iterator[str]:
    """What all fonts of the project have together, as ranges of code points."""
    found: set[int] = set()
    for path in (templates_folder() / "fonts").glob("*.ttf"):
        with TTFont(path) as font:
            found |= font.getBestCmap().keys()
    for _, some in groupby(zip(sorted(found), count()), key=lambda pair: pair[0] - pair[1]):
        run = [code for code, _ in some]
        yield f"{run[0]:x}-{run[-1]:x}"


def drawn(text: str) -> bytes:
    """A paragraph as PDF; `<` and `&` are not among the texts of these tests."""
    return draw_pdf(f"<p>{text}</p>", {}, STAMP, css=STYLE)


def boxes_in(pdf: bytes) -> int:
    """In how many fonts boxes are drawn: WeasyPrint writes codes of its own only in fonts that lack some of their characters."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        fonts = [one for one in opened.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/Type0"]
        return sum(one.Encoding != pikepdf.Name("/Identity-H") for one in fonts)


def test_what_the_fonts_have_is_known() -> None:
    """The list of characters beside the fonts is that of the fonts."""
    known = (templates_folder() / "fonts" / "coverage.txt").read_text("ascii")
    assert known == "".join(f"{one}\n" for one in ranges_of_fonts())


def letters_of(text: str) -> list[str]:
    """The letters and their marks, in no order: reading direction and some marks are put differently on paper."""
    return sorted(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one)[0] in "LM")


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_drawn_and_read_back(script: str) -> None:
    """Text of each script keeps its letters, is drawn without a box, and is found in the PDF."""
    text = str(drawable(SCRIPTS[script]))
    assert letters_of(text) == letters_of(SCRIPTS[script])
    pdf = drawn(text)
    assert not boxes_in(pdf)
    assert letters_of("".join(read_pages(pdf))) == letters_of(text)


def test_the_test_sees_boxes() -> None:
    """A character that no font has would be a box."""
    assert boxes_in(drawn("😀"))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Café 😀 Ltd", "Café [U+1F600] Ltd"),
        ("cafe\u0301", "cafe\u0301"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "\u212b"),
        ("a\u200db\u2003c\u00ad", "a\u200db\u2003c\u00ad"),
        ("நன்", "[U+0BA8][U+0BA9][U+0BCD]"),
        ("\U000f0000", "[U+F0000]"),
        ({"a": ["中\ufe0f", 3]}, {"a": ["中", 3]}),
        ("😀\ufe0f", "[U+1F600]"),
    ],
)
def test_what_fonts_lack_is_spelt_out(text: object, shown: object) -> None:
    """Characters of no font become their codes; accents, joiners and spaces stay, jamo become syllables."""
    assert drawable(text) == shown


@given(text=st.text(st.characters(exclude_characters="<&", codec="utf-8"), max_size=12))
@settings(max_examples=40, deadline=None)
def test_no_text_draws_a_box(text: str) -> None:
    """Whatever the text, once it is made fit to be drawn there are no boxes."""
    load_engine()
    assert not boxes_in(drawn(str(drawable(text))))
    assert not re.search("[\ud800-\udfff]", str(drawable(text)))
