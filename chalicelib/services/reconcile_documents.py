"""Checks paper: every issued document, earlier revisions too, has its frozen JSON, and that says what the tables say."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.invoice import Invoice
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store import codec, objects
from chalicelib.store.books import Books, StoredInvoice

FROZEN = ("kind", "currency", "invoice_date", "due_date", "lines", "taxes", "subtotal", "tax_total", "total")
"""What neither a payment nor a rendering changes after the document is frozen."""


def check_documents(books: Books) -> Iterator[Finding]:
    """Findings about the frozen documents of a customer."""
    for invoice in books.invoices:
        if invoice.status == "draft":
            continue
        frozen = find_frozen(invoice.id, invoice.revision)
        if frozen is None:
            yield Finding("document_missing", invoice.id, f"revision {invoice.revision}")
        else:
            yield from _compare(invoice, frozen)
        yield from _check_history(books, invoice)


def find_frozen(invoice_id: str, revision: int) -> Invoice | None:
    """The frozen document of a revision, or None."""
    raw = objects.find_object(objects.document_key(invoice_id, revision))
    return None if raw is None else codec.load(Invoice, raw)


def _compare(invoice: StoredInvoice, frozen: Invoice) -> Iterator[Finding]:
    different = [name for name in FROZEN if getattr(frozen, name) != getattr(invoice.body, name)]
    attributes = {"number": invoice.number, "status": invoice.status, "revision": invoice.revision}
    shown = {"number": frozen.number, "status": frozen.status.value, "revision": frozen.revision}
    different += [name for name, value in attributes.items() if shown[name] != value]
    if different:
        yield Finding("document_differs", invoice.id, ", ".join(different))


def _check_history(books: Books, invoice: StoredInvoice) -> Iterator[Finding]:
    for revision in range(invoice.revision):
        if (invoice.suffix, revision) not in books.revisions:
            yield Finding("revision_missing", invoice.id, f"revision {revision} is not in the table")
        if find_frozen(invoice.id, revision) is None:
            yield Finding("revision_missing", invoice.id, f"revision {revision} has no frozen document")
