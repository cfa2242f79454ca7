"""Earlier revisions of an invoice, read back in pages. Written only by the transaction that makes the next one."""

from __future__ import annotations

from chalicelib.domain.invoice import Invoice
from chalicelib.store import keys
from chalicelib.store.invoices import open_body
from chalicelib.store.retry import retried
from chalicelib.store.tables import RevisionItem


def list_earlier_revisions(invoice_id: str, first: int, last: int) -> list[Invoice]:
    """The earlier revisions numbered `first` to `last`, latest first; none for an empty range."""
    return [open_body(item) for item in _query(invoice_id, first, last)] if first <= last else []


@retried
def _query(invoice_id: str, first: int, last: int) -> list[RevisionItem]:
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    span = RevisionItem.sk.between(keys.revision_sk(suffix, first), keys.revision_sk(suffix, last))
    return list(RevisionItem.query(keys.customer_pk(customer_id), span, consistent_read=True, scan_index_forward=False))
