"""A frozen document as PDF/A-3b, with its e-invoice inside where it can be one, or as PDF/UA-1 for those who hear it read.

The same document gives the same bytes: dates and identifier come from the document, never from the clock. Refuses to answer with
a document that lacks a part; whatever fails is a TemplateFailed.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from chalicelib.domain.designs import STOCK, Design, find_design
from chalicelib.domain.invoice import Invoice
from chalicelib.render.annex import build_annex, number_pages
from chalicelib.render.annex_page import Annex
from chalicelib.render.cover_lines import has_annex
from chalicelib.render.designs import get_design, read_css
from chalicelib.render.engine import Engine, build_fetcher, load_engine, parse_css
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.html import render_html
from chalicelib.render.logo import Asset, read_logo
from chalicelib.render.payment_code import build_payment_code, draw_payment_code
from chalicelib.render.stamp import ARCHIVAL, Stamp, build_stamp, write_stamped
from chalicelib.render.view import build_view

ONE_AT_A_TIME = Lock()
"""The shared fonts and the pause of the garbage collector belong to the process, so documents are drawn one after another."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a document is drawn with: how its view becomes HTML, the style sheet, and the design of the annex.

    `settle` has a last look at what was laid out, before it is written.
    """

    write: Callable[[dict[str, Any]], str]
    css: str
    design: Design
    settle: Callable[[Any, Mapping[str, Any]], None] = lambda _document, _view: None


def render_pdf(invoice: Invoice, *, draft: bool = False, look: Look | None = None) -> bytes:
    """The document's PDF, in its stock design or another look.

    `draft` puts the draft mark on a document that is not one (a preview of an edit).
    """
    look = look or _stock_look(invoice.template)
    assets, view = build_assets(invoice), build_view(invoice, draft=draft)
    stamp = build_stamp(invoice, view["fingerprint"], draft=draft)
    with _drawing() as engine:
        # no name is kept of the document: the collector wakes when this block ends, and what is still named grows old unseen
        return write_stamped(engine, _lay_out_invoice(engine, invoice, view, assets, look), stamp)


def render_accessible_pdf(invoice: Invoice) -> bytes:
    """The document as PDF/UA-1: tagged, all lines in one table, always in a stock design, whose order of reading is known."""
    look = _stock_look(invoice.template if find_design(invoice.template) else STOCK)
    view = build_view(invoice, whole=True)
    return draw_pdf(
        look.write(view), build_assets(invoice), build_stamp(invoice, view["fingerprint"], accessible=True), css=look.css
    )


def _stock_look(template: str) -> Look:
    design = get_design(template)
    return Look(partial(render_html, template=design), read_css(design), design)


def build_assets(invoice: Invoice) -> dict[str, Asset]:
    """What the template may show besides text: `asset:logo` and `asset:payment-code`, where there are such."""
    assets = {}
    if invoice.operator.logo:
        assets["logo"] = read_logo(invoice.operator.logo)
    code = build_payment_code(invoice)
    if code:
        assets["payment-code"] = Asset("image/svg+xml", draw_payment_code(code))
    return assets


def draw_pdf(html: str, assets: dict[str, Asset], stamp: Stamp, *, css: str = "") -> bytes:
    """HTML and a style sheet to PDF, without network, files or base address.

    TemplateFailed with WeasyPrint's words if any part fails.
    """
    with _drawing() as engine:
        return write_stamped(engine, _lay_out(engine, html, css, assets, stamp.variant), stamp)


@contextmanager
def _drawing() -> Iterator[Engine]:
    """The engine for one document. Whatever goes wrong within, also what WeasyPrint would leave out, is a TemplateFailed."""
    with ONE_AT_A_TIME, _garbage_collector_paused(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves the closing of its colour profile to Python
        engine = load_engine()
        engine.complaints.messages.clear()
        try:
            yield engine
        except engine.weasyprint.urls.FatalURLFetchingError as error:  # a BaseException, so that WeasyPrint does not swallow it
            raise TemplateFailed(str(error)) from error
        except TemplateFailed:
            raise
        except Exception as error:  # hostile CSS ends in any exception (RecursionError, ZeroDivisionError, MemoryError …)
            raise TemplateFailed(f"{type(error).__name__}: {error}") from error
        if engine.complaints.messages:
            raise TemplateFailed("; ".join(engine.complaints.messages)[:500])


def _lay_out(engine: Engine, html: str, css: str, assets: dict[str, Asset], variant: str = ARCHIVAL) -> Any:
    document = engine.weasyprint.HTML(string=html, url_fetcher=build_fetcher(engine, assets))
    return document.render(stylesheets=[parse_css(css)], font_config=engine.fonts, pdf_variant=variant)


def _lay_out_invoice(engine: Engine, invoice: Invoice, view: dict[str, Any], assets: dict[str, Asset], look: Look) -> Any:
    if has_annex(invoice):
        document = _lay_out_long(engine, build_annex(engine, invoice, view, look.design), view, assets, look)
    else:
        document = _lay_out(engine, look.write(view), look.css, assets)
    look.settle(document, view)
    return document


def _lay_out_long(
    engine: Engine, annex: Annex, view: dict[str, Any], assets: dict[str, Asset], look: Look, *, guess: int = 1
) -> Any:
    """The invoice and the pages of its annex. It prints the count of all pages, so a wrong guess of its own means once more."""
    document = _lay_out(engine, look.write({**view, "pages": str(guess + len(annex.ends))}), look.css, assets)
    found = len(document.pages)
    if found != guess:
        return _lay_out_long(engine, annex, view, assets, look, guess=found)
    return document.copy([*document.pages, *number_pages(annex, view["page_label"], found)])


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    """A full collection in the middle of a render costs a third of it; afterwards it runs as usual."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
