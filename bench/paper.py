"""The page that engines are compared over, as our render function draws it and without what makes it archival."""

from __future__ import annotations

import base64
import gc
import io

import pikepdf

from chalicelib.domain.invoice import Invoice
from chalicelib.render.designs import get_design, read_css
from chalicelib.render.engine import build_fetcher, load_engine, parse_css
from chalicelib.render.html import render_html
from chalicelib.render.pdf import build_assets
from chalicelib.render.view import build_view
from tests.support.specimens import an_issued, usage_lines


def a_page(lines: int = 6) -> Invoice:
    """An issued invoice of usage lines with logo and payment code; six of them are one page."""
    return an_issued(lines=usage_lines(lines))


def draw_plain(invoice: Invoice) -> bytes:
    """The same HTML by the same engine, as a PDF that is nothing more."""
    engine = load_engine()
    html = render_html(build_view(invoice), template=invoice.template)
    fetcher = build_fetcher(engine, build_assets(invoice))
    document = engine.weasyprint.HTML(string=html, url_fetcher=fetcher)
    look = parse_css(read_css(get_design(invoice.template)))
    gc.disable()  # as render_pdf does
    pdf: bytes = document.write_pdf(stylesheets=[look], font_config=engine.fonts)
    gc.enable()
    gc.collect(0)  # what was put off; after render_pdf it comes at once
    return pdf


def whole_html(invoice: Invoice, copies: int = 1) -> str:
    """All lines in one table, style sheet and pictures within, for engines that know nothing of ours.

    `copies` repeats the rows: what we print may be at most 2 MB of HTML.
    """
    html = render_html(build_view(invoice, whole=True), template=invoice.template)
    style = f"<style>{read_css(get_design(invoice.template))}</style></head>"
    html = html.replace("</head>", style, 1)
    for name, asset in build_assets(invoice).items():
        data = f"data:{asset.media_type};base64,{base64.b64encode(asset.content).decode()}"
        html = html.replace(f"asset:{name}", data)
    head, _, rest = html.partition("<tbody>")
    rows, _, tail = rest.partition("</tbody>")
    return f"{head}<tbody>{rows * copies}</tbody>{tail}"


def describe(pdf: bytes) -> str:
    """Pages and size."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return f"{len(opened.pages):,} pages, {len(pdf) / 1024:,.0f} KiB"
