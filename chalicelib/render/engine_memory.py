"""Gives back what WeasyPrint asks of the C libraries and forgets: 5 KiB a page, in a process that stays warm for ever.

Only of the release that was looked through: in another one, what is given back twice would end the process, and a leak does not.
"""

from __future__ import annotations

import re
from typing import Any

LOOKED_THROUGH = "70.0"


def give_back_memory(weasyprint: Any) -> None:
    """Change the three places where the release forgets something; nothing in any other release."""
    from weasyprint.pdf import fonts  # noqa: PLC0415 - only the render function pays for it
    from weasyprint.text import line_break  # noqa: PLC0415 - as above

    if weasyprint.__version__ != LOOKED_THROUGH:
        return
    fonts.ffi = OpenArrays(fonts.ffi)
    fonts.pango = OwnedAnswers(fonts.pango, line_break.gobject, line_break.ffi)
    line_break.Layout.setup = _release_attributes(line_break.Layout.setup, line_break.pango, line_break.ffi)


class OpenArrays:
    """The C interface, which never sees the length of an array as part of its type.

    Every type it has not seen is parsed (7 ms) and kept for ever, and WeasyPrint has one for every count of glyphs of a font.
    """

    def __init__(self, ffi: Any) -> None:
        """Stand before the real one."""
        self._ffi = ffi

    def __getattr__(self, name: str) -> Any:
        """Everything else is its own."""
        return getattr(self._ffi, name)

    def new(self, declaration: str, *values: Any) -> Any:
        """A new value. `type[3]` with a list of values is the same as `type[]`."""
        is_list = bool(values) and isinstance(values[0], list | tuple)
        return self._ffi.new(re.sub(r"\[\d+\]$", "[]", declaration) if is_list else declaration, *values)


class OwnedAnswers:
    """Pango, of whose answers those that the caller has to free are freed with the last mention of them in Python."""

    def __init__(self, pango: Any, gobject: Any, ffi: Any) -> None:
        """Stand before the real library."""
        ffi.cdef("void g_free (void *memory);")
        self._pango, self._gobject, self._ffi = pango, gobject, ffi

    def __getattr__(self, name: str) -> Any:
        """Everything else is its own."""
        return getattr(self._pango, name)

    def pango_font_description_to_string(self, description: Any) -> Any:
        """The name of a font, once for every font of a document."""
        return self._ffi.gc(self._pango.pango_font_description_to_string(description), self._gobject.g_free)

    def pango_font_get_metrics(self, font: Any, language: Any) -> Any:
        """The measures of a font, once for every font of a document."""
        return self._ffi.gc(self._pango.pango_font_get_metrics(font, language), self._pango.pango_font_metrics_unref)


def _release_attributes(set_up: Any, pango: Any, ffi: Any) -> Any:
    """The set-up of a layout, which is for every text and twice: its list of font features is the layout's, and ends with it."""

    def set_up_and_release(layout: Any, style: Any) -> None:
        style.font_config.font_features.clear()  # a list frees its features, so that none may stand in another
        set_up(layout, style)
        features = pango.pango_layout_get_attributes(layout.layout)
        if features != ffi.NULL:
            pango.pango_attr_list_unref(features)

    return set_up_and_release
