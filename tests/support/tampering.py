"""Edits of the tables past the services: what another process, or a hand in the console, may have left there."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.invoice import Invoice
from chalicelib.store.invoices import to_item


def overwrite_invoice(invoice: Invoice, shards: int = 1) -> Invoice:
    """Put the invoice over whatever lies under its key, as its next version; returns it with that version."""
    changed = replace(invoice, version=invoice.version + 1)
    to_item(changed, shards).save()
    return changed
