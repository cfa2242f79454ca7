"""What a hostile template tries to put into the file besides its pages: nothing of it is handed out."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from PIL import Image

from chalicelib.domain.designs import Design
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.own_pdf import render_own_pdf
from chalicelib.render.pdf import render_pdf
from chalicelib.render.sample_documents import Sample, build_sample
from chalicelib.render.stock_source import read_stock_source
from chalicelib.render.template_text import TemplateText
from chalicelib.render.templates_folder import templates_folder
from tests.support import specimens
from tests.support.pdf_reading import read_pages

SIMPLE = build_sample(Sample.SIMPLE, specimens.an_operator())
FONTS = templates_folder() / "fonts"


def as_image(content: bytes, kind: str = "png") -> str:
    """A data: address that says it is an image."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def a_png(side: int) -> bytes:
    """A black square of one bit a pixel; a big one is small only as long as nobody unpacks it."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (side + 7) // 8) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


DOT = as_image(a_png(8))


def drawn(body: str, css: str = "", head: str = "") -> bytes:
    """The file of a template."""
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return render_own_pdf(TemplateText(html, css), SIMPLE)


@pytest.mark.parametrize(
    "body, css",
    [
        (f"<link rel=attachment href='{DOT}' title=factur-x.xml>", ""),
        (f"<link rel='icon Attachment' href='{DOT}'>", ""),
        ("<link rel=attachment href='asset:logo'>", ""),
        (f"<a rel=attachment download=factur-x.xml href='{DOT}'>x</a>", ""),
        ("<a rel=attachment href='asset:logo'>x</a>", ""),
        ("<form action='https://example.com/'><input name=total value=1></form>", "input { appearance: auto }"),
        ("<textarea>x</textarea>", "textarea { appearance: auto }"),
        ("<a href='javascript:app.alert(1)'>x</a>", ""),
        ("<a href='JavaScript:app.alert(1)'>x</a>", ""),
        ("<a href=' java\tscript:app.alert(1)'>x</a>", ""),
        ("<a href='file:///etc/passwd'>x</a>", ""),
        ("<a href='data:text/html,x'>x</a>", ""),
        ("<a href='//example.com/x'>x</a>", ""),
        ("<base href='file:///'><a href='x'>x</a>", ""),
        ("<p title='javascript:x'>x</p>", "p { -weasy-link: attr(title url) }"),
    ],
)
def test_what_a_page_may_not_carry(body: str, css: str) -> None:
    """Files, forms, and links to anything but pages and addresses."""
    try:
        pdf = drawn(body, css)
    except TemplateFailed:
        return
    with pikepdf.open(io.BytesIO(pdf)) as found:  # what the engine does not take for a link is none
        assert list(found.attachments) == ["factur-x.xml"]
        assert not [page for page in found.pages if "/Annots" in page.obj]


@pytest.mark.parametrize(
    "address", ["https://example.com/pay?a=1", "http://example.com/", "mailto:a@example.com", "tel:+4930123"]
)
def test_links_to_pages_and_people_work(address: str) -> None:
    """As anybody would have them on an invoice."""
    with pikepdf.open(io.BytesIO(drawn(f"<a href='{address}'>x</a>"))) as found:
        (link,) = list(found.pages[0].obj.Annots)
        assert str(link.A.URI) == address


HEAD = (
    "<title>Paid&#1;</title><meta name=keywords content='SHA-256 0000'><meta name=author content='E&#1;vil'>"
    "<meta name=generator content=x><meta name=description content='&#x1F600;'><meta name=dcterms.created content='2001-02-31'>"
)


@pytest.mark.parametrize("draft", [False, True])
def test_metadata_are_the_documents_own(draft: bool) -> None:
    """No other title, author, date or fingerprint, nothing that breaks the XML of PDF/A: as in a design."""
    text = TemplateText(f"<!doctype html><html lang=tlh><head>{HEAD}</head><body>x</body></html>", "")
    told = [_metadata(pdf) for pdf in (render_own_pdf(text, SIMPLE, draft=draft), render_pdf(SIMPLE, draft=draft))]
    assert told[0] == told[1]


def _metadata(pdf: bytes) -> tuple[dict[str, str], str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as found:
        root: Any = found.Root
        packet = root.Metadata.read_bytes()
        ET.fromstring(packet)  # noqa: S314  # written by the engine
        return {name: str(value) for name, value in found.docinfo.items()}, str(root.Lang), packet


@pytest.mark.parametrize("design", Design)
def test_a_copy_is_the_same_file(design: Design) -> None:
    """To the byte, with its metadata, in the worst case: what is copied passes its trial."""
    worst = replace(build_sample(Sample.WORST_CASE, specimens.an_operator()), template=design)
    assert render_own_pdf(read_stock_source(design), worst) == render_pdf(worst)


@pytest.mark.parametrize(
    "content, kind",
    [
        (next(FONTS.rglob("*.ttf")).read_bytes()[:40_000], "png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "png"),
        (a_png(8), "jpeg"),
        (b"", "png"),
    ],
)
@pytest.mark.parametrize("place", ["@font-face {{ font-family: x; src: url({}) }}", "p {{ background: url({}) }}"])
def test_only_images_pass_for_images(content: bytes, kind: str, place: str) -> None:
    """A font with other figures in it, for one, would show another total than the one in the file's text."""
    with pytest.raises(TemplateFailed, match="may not be loaded"):
        drawn("<p>1234</p>", place.format(as_image(content, kind)) + " p { font-family: x }")


@pytest.mark.parametrize("mode, kind", [("RGB", "png"), ("RGBA", "png"), ("L", "jpeg"), ("RGB", "jpeg"), ("CMYK", "jpeg")])
def test_pictures_are_fit_for_the_archive(mode: str, kind: str) -> None:
    """PDF/A wants readers to show the pixels there are, in the colours of the file's one profile: of logos, and in a template."""
    file = io.BytesIO()
    Image.new(mode, (9, 9)).save(file, kind)
    picture = as_image(file.getvalue(), kind)
    with_logo = replace(SIMPLE, operator=replace(SIMPLE.operator, logo=picture))
    for pdf in (render_pdf(with_logo), drawn(f"<img src='{picture}'><svg width=9 height=9><image href='{picture}'/></svg>")):
        with pikepdf.open(io.BytesIO(pdf)) as found:
            told = [(each.get("/Interpolate"), str(each.get("/ColorSpace"))) for each in found.objects if _is_picture(each)]
        assert told
        assert set(told) <= {(False, "/DeviceRGB"), (False, "/DeviceGray")}


def _is_picture(each: Any) -> bool:
    return isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"


def test_images_that_unpack_to_gigabytes_fail() -> None:
    """Small as they come; the engine leaves out what it cannot unpack, and then nothing is handed out."""
    with pytest.raises(TemplateFailed, match="Failed to load image"):
        drawn(f"<img src='{as_image(a_png(18_000))}'>")


def test_what_no_font_has_is_spelt_out() -> None:
    """As in texts of the document: PDF/A has no place for empty boxes. Controls are dropped."""
    (page,) = read_pages(drawn("<p>Paid\x01 \U0001f600 \ud800!</p>"))
    assert page.split() == ["Paid", "[U+1F600]", "!"]


def test_fonts_are_the_projects() -> None:
    """None is loaded from elsewhere, whatever a style sheet calls it."""
    pdf = drawn("<p>1234</p>", "@font-face { font-family: Inter; src: local('DejaVu Sans') } p { font-family: Inter }")
    with pikepdf.open(io.BytesIO(pdf)) as found:
        names = {str(each.FontName) for each in found.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each}
    assert {Path(name).name[7:].split("-")[0] for name in names} == {"Inter"}
