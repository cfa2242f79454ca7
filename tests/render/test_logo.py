"""Logos from outside: sound ones are drawn, all others fail with words."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from chalicelib.domain.errors import Invalid
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.logo import LARGEST_LOGO, read_logo
from chalicelib.render.pdf import render_pdf
from tests.support import specimens

SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'>{}</svg>"


def bitmap(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    """A blank picture."""
    drawn = io.BytesIO()
    Image.new("RGB", size, "#2563eb").save(drawn, kind)
    return drawn.getvalue()


def uri(media_type: str, content: bytes) -> str:
    """The data: URI of a file."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def svg(inner: str) -> str:
    """The data: URI of an SVG with this inside."""
    return uri("image/svg+xml", SVG.format(inner).encode())


@pytest.mark.parametrize(
    "logo",
    [
        uri("image/png", bitmap()),
        uri("image/jpeg", bitmap("JPEG")),
        svg("<g fill='url(#a)'><rect width='9' height='9'/></g><style>.a { fill: url( '#b' ) }</style>"),
        specimens.LOGO,
    ],
    ids=["png", "jpeg", "svg", "svg as text"],
)
def test_sound_logos_are_drawn(logo: str) -> None:
    """PNG, JPEG and plain SVG are shown."""
    assert read_logo(logo).content
    assert render_pdf(specimens.of_nothing(operator=specimens.an_operator(logo=logo))).startswith(b"%PDF")


@pytest.mark.parametrize(
    "logo, words",
    [
        ("https://example.com/logo.png", "not a data: URI"),
        ("file:///etc/passwd", "not a data: URI"),
        ("data:text/html;base64,AAAA", "not a data: URI"),
        ("data:image/png;base64,%%%", "damaged"),
        (uri("image/png", b"GIF89a not a picture"), "not a sound image/png"),
        (uri("image/png", bitmap()[:60]), "not a sound image/png"),
        (uri("image/png", bitmap("JPEG")), "but is image/jpeg"),
        (uri("image/png", bitmap(size=(5000, 8))), "4096 pixels"),
        (uri("image/png", b"\x89PNG" + b"x" * LARGEST_LOGO), "larger than 512 KiB"),
        (uri("image/svg+xml", b"<svg"), "not well-formed"),
        (uri("image/svg+xml", SVG.encode("utf-16")), "not well-formed"),
        (uri("image/svg+xml", b"<html/>"), "not an SVG"),
        (svg("<image href='http://127.0.0.1/x.png'/>"), "<image>"),
        (svg("<script>alert(1)</script>"), "<script>"),
        (svg("<foreignObject/>"), "<foreignObject>"),
        (svg("<use href='http://127.0.0.1/x.svg#a'/>"), "outside itself"),
        (svg("<use xlink:href='file:///etc/passwd#a'/>"), "outside itself"),
        (svg("<rect fill='url(http://127.0.0.1/x)'/>"), "outside itself"),
        (svg("<rect style='fill: URL( \"file:///x\" )'/>"), "outside itself"),
        (svg("<style>@import 'http://127.0.0.1/x.css';</style>"), "outside itself"),
        (svg("<linearGradient spreadMethod='repeat'/>"), "repeating gradient"),
        (svg("<g>" * 60 + "</g>" * 60), "too complex"),
        (svg("<rect/>" * 4000), "too complex"),
        (svg("<use href='#a'/>" * 17), "too complex"),
        (uri("image/svg+xml", b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;").encode()), "entities"),
    ],
)
def test_bad_logos_fail_with_words(logo: str, words: str) -> None:
    """What is not a sound picture, refers to the outside or multiplies work is refused with its fault."""
    with pytest.raises(TemplateFailed, match=words) as caught:
        read_logo(logo)
    assert isinstance(caught.value, Invalid)
    assert caught.value.code == "template_failed"


def test_a_bad_logo_fails_the_document() -> None:
    """A document is not drawn without the logo it should have."""
    with pytest.raises(TemplateFailed, match="logo"):
        render_pdf(specimens.an_issued(operator=specimens.an_operator(logo="data:image/png;base64,AAAA")))
