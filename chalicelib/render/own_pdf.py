"""The PDF of a document in a template of an operator. For the child process only (`template_process`).

The same pages, e-invoice and annex as in a stock design; only HTML and style sheet are the operator's. The annex has no template:
it looks as in the design that the template is a copy of.
"""

from __future__ import annotations

from typing import Any

from chalicelib.domain.invoice import Invoice
from chalicelib.render.guest_pages import settle_pages
from chalicelib.render.own_template import fill_template
from chalicelib.render.pdf import Look, render_pdf
from chalicelib.render.template_data import build_template_data
from chalicelib.render.template_text import TemplateText


def render_own_pdf(text: TemplateText, invoice: Invoice, *, draft: bool = False) -> bytes:
    """The document's PDF; TemplateFailed with the fault."""
    plain = build_template_data(invoice, draft=draft)

    def write(view: dict[str, Any]) -> str:
        return fill_template(text, invoice, {**plain, **view})

    return render_pdf(invoice, draft=draft, look=Look(write, text.css, text.design, settle_pages))
