"""Documents whose PDF is not known to exist: issued one by one, or drawn because somebody asked.

Written with the issue, or before what was asked for is frozen, and gone once rendered, so the sweep finds lost events. Documents
of runs need none of these; their chunk stays open until all its PDFs exist.
"""

from __future__ import annotations

from datetime import datetime

from pynamodb.transactions import TransactWrite

from chalicelib.domain.invoice import Invoice
from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.work_tables import DocumentItem, WantedItem


def add_open_document(transaction: TransactWrite, invoice: Invoice, now: datetime) -> None:
    """Note the document within the transaction that issues or revises its invoice."""
    item = DocumentItem(f"DOC#{invoice.id}", "0", invoice=invoice.id)
    item.op, item.os = OPEN, f"{keys.instant(now)}#{invoice.id}"
    transaction.save(item)


@retried
def close_document(invoice_id: str) -> None:
    """Forget a document whose PDF is there; one that was never noted is fine."""
    DocumentItem(f"DOC#{invoice_id}", "0").delete()


@retried
def note_wanted(key: str, now: datetime) -> None:
    """Note that somebody wants the PDF of what will be frozen under a key."""
    item = WantedItem(f"PDF#{key}", "0")
    item.op, item.os = OPEN, f"{keys.instant(now)}#{key}"
    item.save()


@retried
def close_wanted(key: str) -> None:
    """Forget a PDF that is there, or never will be; one that was never noted is fine."""
    WantedItem(f"PDF#{key}", "0").delete()
