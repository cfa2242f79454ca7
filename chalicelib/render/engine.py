"""WeasyPrint, loaded at the first document and never before: no other function pays for it.

One engine per process, with shared fonts and style sheet. It hands out nothing but what it was given (`asset:` names) and small
data: images: no network, no files.
"""

from __future__ import annotations

import base64
import ctypes.util
import gc
import logging
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from chalicelib.render.fonts import point_fontconfig_to_project_fonts
from chalicelib.render.logo import Asset
from chalicelib.render.templates_folder import templates_folder

LARGEST_DATA_URI = 64 * 1024


class Complaints(logging.Handler):
    """Collects what WeasyPrint logs as errors (parts it could not load or draw, and left out); they never reach the log."""

    def __init__(self) -> None:
        """Listen to errors only: warnings are about CSS that a print engine does not know."""
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.messages.append(record.getMessage())


@dataclass(frozen=True, slots=True)
class Engine:
    """WeasyPrint, the fonts, and `look`, the parsed style sheet. Sharing them saves a quarter of the time of a page."""

    weasyprint: Any
    fonts: Any
    look: Any
    complaints: Complaints


@cache
def load_engine() -> Engine:
    """Import WeasyPrint on the project's fonts. What it logs goes to `complaints` and nowhere else."""
    point_fontconfig_to_project_fonts()
    complaints = Complaints()
    for name in ("weasyprint", "fontTools"):
        log = logging.getLogger(name)
        log.addHandler(complaints)
        log.propagate = False
    with _plain_library_names():
        import weasyprint  # noqa: PLC0415 - see the module's docstring
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above
    fonts = FontConfiguration()
    look = weasyprint.CSS(string=(templates_folder() / "invoice" / "invoice.css").read_text("utf-8"), font_config=fonts)
    engine = Engine(weasyprint, fonts, look, complaints)
    gc.freeze()  # what the import made stays for ever; later collections need not look at it
    return engine


def build_fetcher(engine: Engine, assets: Mapping[str, Asset]) -> Any:
    """The only door to anything outside the HTML. Every other address stops the render."""
    urls = engine.weasyprint.urls

    class Refused(urls.FatalURLFetchingError):  # type: ignore[misc,name-defined]
        """A fatal error, since WeasyPrint skips what it cannot fetch, and a document must not silently lose a part."""

    class Fetcher(urls.URLFetcher):  # type: ignore[misc,name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - WeasyPrint's signature
            asset = _find_asset(url, assets)
            if asset is None:
                raise Refused(f"{url[:80]!r} may not be loaded; only asset: names and small data: images may.")
            return urls.URLFetcherResponse(url, asset.content, {"Content-Type": asset.media_type})

    trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default context reads every root certificate: 40 ms a document
    return Fetcher(ssl_context=trusts_nobody, allow_redirects=False)


def _find_asset(url: str, assets: Mapping[str, Asset]) -> Asset | None:
    if url.startswith("asset:"):
        return assets.get(url.removeprefix("asset:"))
    match = re.fullmatch(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=%]*)", url[: LARGEST_DATA_URI + 1])
    if match is None or len(url) > LARGEST_DATA_URI:
        return None
    return Asset(match[1], base64.b64decode(unquote_to_bytes(match[2])))


@contextmanager
def _plain_library_names() -> Iterator[None]:
    """On Linux let WeasyPrint open sonames at once: its 22 searches start ldconfig and a compiler each (0.4 s)."""
    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = _find_nothing
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _find_nothing(name: str) -> str | None:  # noqa: ARG001 - the signature of what it stands in for
    return None
