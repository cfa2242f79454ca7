"""Words beside glyphs where the glyphs do not tell them: Indic letters join and change places, right to left is drawn backwards.

Added to the engine when it is loaded. It changes nothing that is seen: programs that copy, search or read aloud find the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

JOINED = re.compile("[\u0900-\u0dff]")
"""Scripts whose text cannot be had from glyphs. Others can, by programs that know the direction of letters."""
NOT_AS_DRAWN = re.compile("[\u0590-\u08ff\u0900-\u0dff\ufb1d-\ufdff\ufe70-\ufefc]")
"""These, and what runs from right to left: a screen reader gets the words with the tag, and need not know anything."""
DIRECTIONS = re.compile("[\u200e\u200f\u2066-\u2069]")
NOTHING = "\u200b"
"""What a glyph says that is but a part of a letter: every glyph of PDF/UA says something."""


def tell_words(weasyprint: Any) -> None:
    """Have the engine write the words of a text (`ActualText`) with its mark, where there is one, and around its glyphs."""
    stream_class, pydyf = weasyprint.pdf.stream.Stream, weasyprint.pdf.stream.pydyf
    marked = stream_class.marked

    @contextmanager
    def marked_with_words(stream: Any, box: Any, tag: str) -> Iterator[None]:
        words = DIRECTIONS.sub("", getattr(box, "text", ""))
        with marked(stream, box, tag):
            if stream._tags is not None and NOT_AS_DRAWN.search(words):  # noqa: SLF001 - None: this file has no tags
                stream.stream[-2].words = pydyf.String(words)  # the properties of the mark; the tag is made after all pages
            if not JOINED.search(words):
                yield
                return
            stream.begin_marked_content("Span", pydyf.Dictionary({"ActualText": pydyf.String(words)}))
            yield
            stream.end_marked_content()
            _name_parts(stream)

    stream_class.marked = marked_with_words


def tell_around(text: str, commands: bytes) -> bytes:
    """What draws a text that the engine does not lay out, with its words; a text that is cut on the page is told whole."""
    words = DIRECTIONS.sub("", text)
    if not JOINED.search(words):
        return commands
    return b"/Span <</ActualText <feff%b>>> BDC %b EMC" % (words.encode("utf-16-be").hex().encode(), commands)


def _name_parts(stream: Any) -> None:
    """The engine gives the text of a joined letter to its first glyph, and none to the others."""
    for font in stream._fonts.values():  # noqa: SLF001 - nothing else knows them
        font.to_unicode.update({glyph: NOTHING for glyph, text in font.to_unicode.items() if not text})
