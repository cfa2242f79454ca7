"""A frozen statement as one plain mapping of display strings. Every figure is the stored one; nothing is added up here."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.invoice import PrintedPeriod
from chalicelib.domain.statement import MovementKind, StatementRow
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.drawable import drawable
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels, document_locale
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.view import page_view

KINDS = {
    MovementKind.INVOICE: "invoice",
    MovementKind.CREDIT_NOTE: "credit_note",
    MovementKind.VOID: "void",
    MovementKind.PAYMENT: "payment",
    MovementKind.REFUND: "refund",
    MovementKind.REFUND_REVERSAL: "refund_reversal",
}
"""The word for each kind of movement in the catalogues."""
FROM_OUTSIDE = ("seller", "buyer", "facts", "rows", "footer")


def build_statement_view(document: StatementDocument) -> dict[str, Any]:
    """Everything the template shows, formatted for the customer's locale."""
    locale = document_locale(document.customer.locale)
    formats, labels = Formats(locale, document.currency), Labels(locale)
    statement = document.statement
    view = {
        **page_view(document.operator, document.customer, labels),
        "title": labels.text("statement"),
        "created": f"{document.made_on.isoformat()}T00:00:00+00:00",
        "facts": _facts(document, formats, labels),
        "opening": {"date": formats.date(statement.start), "balance": formats.money(statement.opening)},
        "rows": [_row(row, formats, labels) for row in statement.rows],
        "closing": {"date": formats.date(statement.end), "balance": formats.money(statement.closing)},
        "is_in_favour": min([statement.opening, statement.closing, *(row.balance for row in statement.rows)]) < 0,
    }
    clean: dict[str, Any] = drawable(view)
    if locale.text_direction == "rtl":
        clean.update({key: keep_latin_order(clean[key]) for key in FROM_OUTSIDE})
    return clean


def _facts(document: StatementDocument, formats: Formats, labels: Labels) -> list[dict[str, str]]:
    statement = document.statement
    period = PrintedPeriod(start_date=statement.start, end_date=statement.end)
    facts = [
        ("movement_date", formats.date(document.made_on)),
        ("period", formats.period(period)),
        ("closing_balance", formats.money(statement.closing)),
    ]
    return [{"label": labels.text(key), "value": value} for key, value in facts]


def _row(row: StatementRow, formats: Formats, labels: Labels) -> dict[str, str]:
    movement = row.movement
    return {
        "date": formats.date(movement.date),
        "kind": labels.text(KINDS[movement.kind]),
        "reference": movement.number or movement.reference,
        "debit": formats.money(movement.debit) if movement.debit else "",
        "credit": formats.money(movement.credit) if movement.credit else "",
        "balance": formats.money(row.balance),
    }
