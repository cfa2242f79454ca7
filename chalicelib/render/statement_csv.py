"""A statement of account as CSV (RFC 4180): opening, movements, closing, with the figures as stored.

Text that a spreadsheet would run as a formula is neutralised; numbers never are. Described in docs/payments.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.money import quantise
from chalicelib.domain.statement import StatementRow
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.csv_export import text_cell

SCHEMA_VERSION = 1
HEADER = (
    *("schema_version", "customer_id", "customer_name", "currency", "record", "date", "kind"),
    *("number", "reference", "debit", "credit", "balance"),
)
"""Columns of version 1. New ones go to the end under a new version; none is renamed or moved."""


def render_statement_csv(document: StatementDocument) -> bytes:
    """The CSV in UTF-8 with CRLF line ends."""
    drawn = io.StringIO()
    writer = csv.writer(drawn, lineterminator="\r\n")
    writer.writerow(HEADER)
    customer = document.customer
    head = (str(SCHEMA_VERSION), text_cell(customer.id), text_cell(customer.name), document.currency)
    writer.writerows((*head, *row) for row in _rows(document))
    return drawn.getvalue().encode()


def _rows(document: StatementDocument) -> Iterator[tuple[str, ...]]:
    statement = document.statement
    yield "opening", statement.start.isoformat(), "", "", "", "", "", _plain(statement.opening)
    for row in statement.rows:
        yield _movement(row, document.currency)
    yield "closing", statement.end.isoformat(), "", "", "", "", "", _plain(statement.closing)


def _movement(row: StatementRow, currency: str) -> tuple[str, ...]:
    movement = row.movement
    debit, credit = (quantise(amount, currency) for amount in (movement.debit, movement.credit))
    texts = (text_cell(movement.number), text_cell(movement.reference))
    return (
        "movement",
        movement.date.isoformat(),
        movement.kind.value,
        *texts,
        _plain(debit),
        _plain(credit),
        _plain(row.balance),
    )


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
