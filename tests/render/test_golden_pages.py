"""Pages look as they did: letters, places and bytes. A garbled font, a shifted word, a page that depends on chance must fail."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from functools import cache

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from tests.support.golden_pages import FOLDER, GOLDEN, picture_path
from tests.support.pictures import differing_squares, from_png, picture_of

CHILD = """
import hashlib, json
from tests.support.golden_pages import GOLDEN
print(json.dumps({name: hashlib.sha256(GOLDEN[name].draw()).hexdigest() for name in reversed(GOLDEN)}))
"""
LARGEST_PICTURE = 40 * 1024


@cache
def drawn(name: str) -> bytes:
    """The document, drawn once for all tests of this file."""
    return GOLDEN[name].draw()


def with_letters_swapped(pdf: bytes, one: str, other: str) -> bytes:
    """The file with two letters exchanged in its upright font: what is read from it stays, what is seen does not."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        fonts = [item for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item]
        [inter] = [font for font in fonts if str(font.FontName).endswith("+Inter")]
        font = TTFont(io.BytesIO(inter.FontFile2.read_bytes()))
        full = TTFont(FOLDER.parents[2] / "templates" / "fonts" / "Inter-Regular.ttf")
        first, second = (font.getGlyphName(full.getGlyphID(full.getBestCmap()[ord(letter)])) for letter in (one, other))
        outlines = font["glyf"].glyphs
        outlines[first], outlines[second] = outlines[second], outlines[first]
        written = io.BytesIO()
        font.save(written)
        inter.FontFile2.write(written.getvalue())
        saved = io.BytesIO()
        opened.save(saved)
        return saved.getvalue()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_looks_as_it_did(name: str) -> None:
    """Square by square like the picture that was looked at. A change that is meant: `make goldens`, and look at what changed."""
    kept = from_png(picture_path(name).read_bytes())
    assert differing_squares(kept, picture_of(drawn(name), GOLDEN[name].page)) == []


def test_same_documents_same_bytes_in_another_process() -> None:
    """Drawn in another order by a process with another hash seed and time zone, all of them are the same to the byte."""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert json.loads(child.stdout) == {name: hashlib.sha256(drawn(name)).hexdigest() for name in GOLDEN}


@pytest.mark.parametrize("one, other", ["ae", "il", "69"], ids=["a and e", "i and l", "6 and 9"])
def test_two_letters_that_are_garbled_are_seen(one: str, other: str) -> None:
    """Letters that stand for each other in the embedded font fail the comparison, though their text can still be read."""
    kept = from_png(picture_path("modern").read_bytes())
    assert differing_squares(kept, picture_of(with_letters_swapped(drawn("modern"), one, other)))


def test_a_line_that_moved_is_seen() -> None:
    """So does a part of the page that is moved by one pixel."""
    kept = from_png(picture_path("modern").read_bytes())
    moved = kept.copy()
    part = (0, kept.height // 2, kept.width, kept.height // 2 + 30)
    moved.paste(kept.crop(part), (part[0] + 1, part[1]))
    assert differing_squares(kept, moved)


def test_pictures_are_small_and_all_are_used() -> None:
    """One picture a page, none of which nobody asks, each of at most 40 KB."""
    sizes = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert set(sizes) == set(GOLDEN)
    assert {name: size for name, size in sizes.items() if size > LARGEST_PICTURE} == {}
