"""WeasyPrint, loaded at the first document and never before: no other function pays for it.

One engine per process, with shared fonts and style sheets. It hands out nothing but what it was given (`asset:` names) and small
data: images: no network, no files.
"""

from __future__ import annotations

import base64
import gc
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from chalicelib.render.engine_import import import_weasyprint
from chalicelib.render.fonts import point_fontconfig_to_project_fonts
from chalicelib.render.logo import Asset, as_screen_picture

LARGEST_DATA_URI = 64 * 1024
BEGINNINGS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""Of the images that may be inside a document: nothing else, such as a font that shows other figures, passes for one."""
MOST_STYLES = 8
"""Style sheets that are kept parsed."""


class Complaints(logging.Handler):
    """Collects what WeasyPrint logs as errors (parts it could not load or draw, and left out); they never reach the log."""

    def __init__(self) -> None:
        """Listen to errors only: warnings are about CSS that a print engine does not know."""
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message; an image that is part of the HTML has no address, which reads as None."""
        self.messages.append(record.getMessage().replace("SVG image None", "an <svg> of the HTML").rstrip(": ."))


@dataclass(frozen=True, slots=True)
class Engine:
    """WeasyPrint and the fonts. Sharing them saves a fifth of the time of a page."""

    weasyprint: Any
    fonts: Any
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
    weasyprint = import_weasyprint()
    fonts = weasyprint.text.fonts.FontConfiguration()
    engine = Engine(weasyprint, fonts, complaints)
    gc.freeze()  # what the import made stays for ever; later collections need not look at it
    return engine


@lru_cache(MOST_STYLES)
def parse_css(css: str) -> Any:
    """A style sheet, parsed once per process. It loads nothing: whatever it imports is refused."""
    engine = load_engine()
    return engine.weasyprint.CSS(string=css, font_config=engine.fonts, url_fetcher=build_fetcher(engine, {}))


def build_fetcher(engine: Engine, assets: Mapping[str, Asset]) -> Any:
    """The only door to anything outside the HTML. Every other address stops the render."""
    urls = engine.weasyprint.urls

    class Refused(urls.FatalURLFetchingError):  # type: ignore[misc,name-defined]
        """A fatal error, since WeasyPrint skips what it cannot fetch, and a document must not silently lose a part."""

    class Fetcher(urls.URLFetcher):  # type: ignore[misc,name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - WeasyPrint's signature
            asset = _find_asset(url, assets)
            if asset is None:
                refusal = f"{url[:80]!r} may not be loaded; only asset: names and small data: images may."
                engine.complaints.messages.append(refusal.rstrip("."))  # within an SVG WeasyPrint swallows even a fatal error
                raise Refused(refusal)
            return urls.URLFetcherResponse(url, asset.content, {"Content-Type": asset.media_type})

    trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default context reads every root certificate: 40 ms a document
    return Fetcher(ssl_context=trusts_nobody, allow_redirects=False)


def _find_asset(url: str, assets: Mapping[str, Asset]) -> Asset | None:
    if url.startswith("asset:"):
        return assets.get(url.removeprefix("asset:"))
    match = re.fullmatch(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=%]*)", url[: LARGEST_DATA_URI + 1])
    if match is None or len(url) > LARGEST_DATA_URI:
        return None
    content = base64.b64decode(unquote_to_bytes(match[2]))
    return as_screen_picture(Asset(match[1], content)) if content.startswith(BEGINNINGS[match[1]]) else None
