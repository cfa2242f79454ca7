"""Papers besides invoices and credit notes as PDF: statements of account and reminder letters, in the stock designs."""

from __future__ import annotations

import hashlib
from typing import Any

from chalicelib.domain.designs import Design
from chalicelib.domain.reminder_letter import ReminderLetter
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.designs import read_css
from chalicelib.render.html import REMINDER, STATEMENT, render_html
from chalicelib.render.logo import Asset, read_logo
from chalicelib.render.pdf import build_assets, draw_pdf
from chalicelib.render.reminder_view import build_reminder_view
from chalicelib.render.stamp import Stamp
from chalicelib.render.statement_view import build_statement_view


def render_statement_pdf(document: StatementDocument) -> bytes:
    """The PDF of a statement of account."""
    logo = document.operator.logo
    return _draw(STATEMENT, build_statement_view(document), document.design, {"logo": read_logo(logo)} if logo else {})


def render_reminder_pdf(letter: ReminderLetter) -> bytes:
    """The PDF of a reminder letter."""
    return _draw(REMINDER, build_reminder_view(letter), letter.design, build_assets(letter.invoice))


def _draw(paper: str, view: dict[str, Any], design: Design, assets: dict[str, Asset]) -> bytes:
    html = render_html(view, template=design, paper=paper)
    return draw_pdf(html, assets, Stamp(identifier=hashlib.sha256(html.encode()).digest()[:16]), css=read_css(design))
