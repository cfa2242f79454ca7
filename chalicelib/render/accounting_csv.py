"""Rows of the accounting export: the postings of documents, and sums for each currency. Described in docs/exports.md."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.accounting import Posting, list_postings
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import quantise
from chalicelib.render.table import Cell, Row, Sums

SCHEMA_VERSION = 1
AMOUNTS = ("net", "tax", "gross")
COLUMNS = (
    *("schema_version", "record", "posting", "posting_date", "document_number", "document_kind", "document_status"),
    *("document_date", "due_date", "period_start", "period_end", "original_number", "customer_id", "customer_name"),
    *("customer_external_id", "customer_country", "customer_tax_id", "currency", "tax_category", "tax_percent", "tax_name"),
    *("tax_reason", "revenue_kind", *AMOUNTS, "documents"),
)
"""Columns of version 1. New ones go to the end under a new version; none is renamed or moved."""


def build_rows(document: Invoice, sums: Sums) -> Iterator[Row]:
    """A row for each posting of the document, added to the sums; none for what books nothing."""
    postings = list_postings(document)
    if not postings:
        return
    head = _head(document)
    for place, posting in enumerate(postings):
        row = _posting(posting, document.currency)
        sums.add(document.currency, (posting.net, posting.tax, posting.gross), int(place == 0))
        yield {**head, **row, "documents": int(place == 0)}


def _head(document: Invoice) -> dict[str, Cell]:
    """What all postings of a document share."""
    customer, period = document.customer, document.period
    return {
        "schema_version": SCHEMA_VERSION,
        "record": "posting",
        "document_number": document.number or "",
        "document_kind": document.kind.value,
        "document_status": document.status.value,
        "document_date": document.invoice_date,
        "due_date": document.due_date,
        "period_start": period.start_date if period else None,
        "period_end": period.end_date if period else None,
        "original_number": document.original_invoice_number or "",
        "customer_id": customer.id,
        "customer_name": customer.name,
        "customer_external_id": customer.external_id,
        "customer_country": customer.address.country,
        "customer_tax_id": customer.tax_id,
        "currency": document.currency,
    }


def _posting(posting: Posting, currency: str) -> dict[str, Cell]:
    group = posting.group
    return {
        "posting": posting.kind.value,
        "posting_date": posting.on,
        "tax_category": group.category.value,
        "tax_percent": group.percent,
        "tax_name": group.name,
        "tax_reason": group.reason,
        "revenue_kind": posting.revenue.value,
        **{name: quantise(getattr(posting, name), currency) for name in AMOUNTS},
    }
