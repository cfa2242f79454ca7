"""The list of documents as a table: its columns, a row for each document, and one of sums for each currency.

What CSV and workbook have in common: cells are values here. Described in docs/exports.md.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.money import quantise
from chalicelib.render.table import Row, Sums

SCHEMA_VERSION = 1
TAKEN = ("total", "amount_paid", "amount_credited", "amount_refunded")
"""Amounts as the document has them."""
AMOUNTS = (*TAKEN, "amount_due")
"""Due is what the customer has to pay: a credit note owes nothing, for it lowered what is due of its invoice already."""
COLUMNS = (
    *("schema_version", "record", "number", "kind", "status", "payment_status", "overdue", "revision"),
    *("invoice_date", "due_date", "period_start", "period_end", "customer_id", "customer_name", "currency"),
    *("sign", "documents", *AMOUNTS, "invoice_id"),
)
"""Columns of version 1. New ones go to the end under a new version; none is renamed or moved."""


def build_row(document: InvoiceSummary, as_of: datetime) -> Row:
    """The row of a document; `sign` says how its amounts count in the sums."""
    period, paid = document.period, document.payment_status
    return {
        "schema_version": SCHEMA_VERSION,
        "record": "document",
        "number": document.number or "",
        "kind": document.kind.value,
        "status": document.status.value,
        "payment_status": paid.value if paid else "",
        "overdue": "yes" if document.is_overdue(as_of) else "no",
        "revision": document.revision,
        "invoice_date": document.invoice_date,
        "due_date": document.due_date,
        "period_start": period.start_date if period else None,
        "period_end": period.end_date if period else None,
        "customer_id": document.customer_id,
        "customer_name": document.customer_name,
        "currency": document.currency,
        "sign": sign_of(document),
        "documents": 1,
        **{name: quantise(amount, document.currency) for name, amount in zip(AMOUNTS, _amounts(document), strict=True)},
        "invoice_id": document.id,
    }


def sign_of(document: InvoiceSummary) -> int:
    """How a document counts: issued invoices for, issued credit notes against, drafts and void documents not at all."""
    if document.status is not InvoiceStatus.ISSUED:
        return 0
    return -1 if document.kind is InvoiceKind.CREDIT_NOTE else 1


def count_document(sums: Sums, document: InvoiceSummary) -> None:
    """Add a document to the sums."""
    sign = sign_of(document)
    sums.add(document.currency, (sign * amount for amount in _amounts(document)), 1)


def _amounts(document: InvoiceSummary) -> list[Decimal]:
    return [*(getattr(document, name) for name in TAKEN), document.owed]
