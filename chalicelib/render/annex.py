"""The annex of a long document: every line, page by page, in the fonts and the file of the invoice and counted with its pages.

Not a second document that is joined: its pages are handed to the engine with those of the invoice, so there is one set of fonts,
one colour profile and one PDF/A mark. It decides nothing about which documents have one (see `cover_lines`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.designs import Design
from chalicelib.domain.fingerprint import ALGORITHM
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.line_groups import carry_forward
from chalicelib.domain.operator import Paper as Papers
from chalicelib.render.annex_look import LOOKS
from chalicelib.render.annex_page import Annex, AnnexPage, Paper
from chalicelib.render.annex_rows import AnnexRows
from chalicelib.render.annex_sheet import MM
from chalicelib.render.engine import Engine
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels, document_locale

SIZES = {Papers.A4: (210 * MM, 297 * MM), Papers.LETTER: (8.5 * 96, 11 * 96.0)}

JOINED = frozenset({"ar", "he", "hi", "th"})
"""Languages whose letters hang together, or stand in clusters: they are never spaced out."""


def build_annex(engine: Engine, invoice: Invoice, view: Mapping[str, Any], design: Design, first_page: int) -> list[AnnexPage]:
    """The pages of the annex, the first of them numbered `first_page`; nothing is drawn yet."""
    locale = document_locale(invoice.customer.locale)
    labels, paper = Labels(locale), Paper(*SIZES[invoice.operator.paper], LOOKS[design], view["footer_rows"])
    sums = tuple(carry_forward(invoice.lines, paper.rows))
    annex = Annex(
        engine=engine,
        paper=paper,
        direction=view["dir"],
        spaced=locale.language not in JOINED,
        accent=view["accent"],
        words=_words(view, labels),
        names=_names(view, labels, invoice),
        footer=tuple("\n".join(view["footer"]).split("\n")),
        fingerprint=f"{ALGORITHM} {view['fingerprint']}" if view["fingerprint"] else "",
        rows=AnnexRows(Formats(locale, invoice.currency), labels, has_usage=_has_usage(invoice)),
        lines=invoice.lines,
        sums=sums,
    )
    last = first_page + len(sums) - 1
    return [AnnexPage(annex, index, _page_label(view, first_page + index, last)) for index in range(len(sums))]


def _words(view: Mapping[str, Any], labels: Labels) -> dict[str, str]:
    named = " ".join(filter(None, (view["title"], view["number"])))
    sums = {key: labels.text(key) for key in ("brought_forward", "carried_forward", "subtotal")}
    return {"running": f"{named} · {view['buyer']['name']}", "title": labels.text("annex"), "mark": view["mark"], **sums}


def _has_usage(invoice: Invoice) -> bool:
    return any(line.usage for line in invoice.lines)


def _names(view: Mapping[str, Any], labels: Labels, invoice: Invoice) -> dict[str, str]:
    """The headings by column; a document has only the columns that its lines fill."""
    usage = {"calls": labels.text("calls_heading"), "minutes": labels.text("minutes")}
    priced = {"quantity": labels.text("quantity"), "unit_price": view["unit_price_label"]}
    return {
        "position": "#",
        "description": labels.text("description"),
        **({"dates": labels.text("period")} if any(line.start_date for line in invoice.lines) else {}),
        **(usage if _has_usage(invoice) else priced),
        "tax": labels.text("tax"),
        "amount": f"{view['amount_label']} ({invoice.currency})",
    }


def _page_label(view: Mapping[str, Any], page: int, pages: int) -> str:
    label = view["page_label"]
    return f"{label['before']}{page}{label['between']}{pages}{label['after']}"
