"""The annex of a long document: every line, page by page, in the fonts and the file of the invoice and counted with its pages.

Not a second document that is joined: its pages are handed to the engine with those of the invoice, so there is one set of fonts,
one colour profile and one PDF/A mark. It decides nothing about which documents have one (see `cover_lines`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.domain.designs import Design
from chalicelib.domain.fingerprint import ALGORITHM
from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.line_groups import carry_forward
from chalicelib.domain.operator import Paper as Papers
from chalicelib.render.annex_look import LOOKS
from chalicelib.render.annex_page import Annex, AnnexPage
from chalicelib.render.annex_paper import AnnexPaper, name_column
from chalicelib.render.annex_pen import text_looks
from chalicelib.render.annex_rows import AnnexRows, usual_period
from chalicelib.render.annex_sheet import MM, Column
from chalicelib.render.annex_turns import Turns
from chalicelib.render.engine import Engine
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.ruler import Ruler
from chalicelib.render.typeface import Look

SIZES = {Papers.A4: (210 * MM, 297 * MM), Papers.LETTER: (8.5 * 96, 11 * 96.0)}

JOINED = frozenset({"ar", "he", "hi", "th"})
"""Languages whose letters hang together, or stand in clusters: they are never spaced out."""


def build_annex(engine: Engine, invoice: Invoice, view: Mapping[str, Any], design: Design) -> Annex:
    """The annex with its lines divided into pages; nothing is drawn yet."""
    locale, look = document_locale(invoice.customer.locale), LOOKS[design]
    formats, labels, usual = Formats(locale, invoice.currency), Labels(locale), usual_period(invoice)
    looks = text_looks(look, view["dir"], spaced=locale.language not in JOINED)
    paper = AnnexPaper(*SIZES[invoice.operator.paper], look, view["footer_rows"])
    footer = _footer(view, Ruler(engine, looks["footer"]), paper.footer.width)
    paper = replace(paper, footer_rows=max(paper.footer_rows, len(footer)))
    rows = AnnexRows(formats, labels, has_usage=_has_usage(invoice), usual=usual)
    names = _names(view, labels, invoice, has_dates=usual is None and any(line.start_date for line in invoice.lines))
    columns = paper.columns(names)
    turns = _turns(engine, looks, rows, columns, invoice.lines)
    ends = tuple(paper.page_ends(turns))
    return Annex(
        engine=engine,
        paper=paper,
        looks=looks,
        is_mirrored=view["dir"] == "rtl",
        accent=view["accent"],
        words=_words(view, labels, formats.period(usual) if usual else ""),
        names=names,
        columns=columns,
        footer=footer,
        fingerprint=f"{ALGORITHM} {view['fingerprint']}" if view["fingerprint"] else "",
        rows=rows,
        lines=invoice.lines,
        turns=turns,
        ends=ends,
        sums=tuple(carry_forward(invoice.lines, ends)),
    )


def number_pages(annex: Annex, label: Mapping[str, str], before: int) -> list[AnnexPage]:
    """Its pages, counted on after so many pages before them."""
    last = before + len(annex.ends)
    numbered = [f"{label['before']}{page}{label['between']}{last}{label['after']}" for page in range(before + 1, last + 1)]
    return [AnnexPage(annex, index, page_label) for index, page_label in enumerate(numbered)]


def _footer(view: Mapping[str, Any], ruler: Ruler, width: float) -> tuple[str, ...]:
    """The small print in rows of this width, as on the first page. A row of its own may begin with what had no direction."""
    rows = [row for line in "\n".join(view["footer"]).split("\n") for row in ruler.rows(line, width)]
    return tuple(keep_latin_order(rows) if view["dir"] == "rtl" else rows)


def _turns(
    engine: Engine, looks: Mapping[str, Look], rows: AnnexRows, columns: Mapping[str, Column], lines: Sequence[Line]
) -> tuple[int, ...]:
    """Where each line's name goes on below it."""
    turns = Turns(engine, looks["row"], looks["details"])
    return tuple(turns.turn(*rows.tell(line), name_column(columns, rows.next_cell(line)).width) for line in lines)


def _words(view: Mapping[str, Any], labels: Labels, usual: str) -> dict[str, str]:
    named = " ".join(filter(None, (view["title"], view["number"])))
    return {
        "running": f"{named} · {view['buyer']['name']}",
        "title": labels.text("annex"),
        "period": f"{labels.text('period')} · {usual}" if usual else "",
        "mark": view["mark"],
        **{key: labels.text(key) for key in ("brought_forward", "carried_forward", "subtotal")},
    }


def _has_usage(invoice: Invoice) -> bool:
    return any(line.usage for line in invoice.lines)


def _names(view: Mapping[str, Any], labels: Labels, invoice: Invoice, *, has_dates: bool) -> dict[str, str]:
    """The headings by column; a document has only the columns that its lines fill."""
    usage = {"calls": labels.text("calls_heading"), "minutes": labels.text("minutes")}
    priced = {"quantity": labels.text("quantity"), "unit_price": view["unit_price_label"]}
    return {
        "position": "#",
        "description": labels.text("description"),
        **({"dates": labels.text("period")} if has_dates else {}),
        **(usage if _has_usage(invoice) else priced),
        "tax": labels.text("tax"),
        "amount": f"{view['amount_label']} ({invoice.currency})",
    }
