"""Customers who ask for e-invoices: what keeps a document from being one, told before somebody issues it.

Documents that runs, payments and previews make are never refused for a gap: they are owed all the same. Theirs is shown on the
document and counted for an alarm.
"""

from __future__ import annotations

from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.issuing import freeze_parties
from chalicelib.render.einvoice.requirements import find_gaps
from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.store.customers import get_customer
from chalicelib.store.settings import get_settings


def list_gaps(invoice: Invoice) -> list[Issue]:
    """Every gap of a document whose customer asked for e-invoices; none of a void one, nor where nobody asked.

    A draft's are those of the customer and operator that it was made with; where they may have changed: `list_gaps_now`.
    """
    asked = invoice.customer.e_invoices and invoice.status is not InvoiceStatus.VOID
    return find_gaps(invoice) if asked else []


def list_gaps_now(invoice: Invoice) -> list[Issue]:
    """As `list_gaps`; of a draft, what issuing it now would find. Reads customer and settings for drafts, and for them only."""
    if invoice.status is not InvoiceStatus.DRAFT:
        return list_gaps(invoice)
    return list_gaps(freeze_parties(invoice, get_customer(invoice.customer_id), get_settings()))


def check_gaps(ready: Invoice) -> None:
    """Raise Invalid with every gap of a document that a person is about to issue."""
    if gaps := list_gaps(ready):
        raise Invalid.of(*gaps)


def count_gaps(deps: Deps, issued: Invoice) -> None:
    """Count an issued document that is not the e-invoice that was asked for, with the fields it lacks."""
    gaps = list_gaps(issued) if issued.status is InvoiceStatus.ISSUED else []
    if gaps:
        count(deps, "EInvoiceIncomplete", invoice=issued.id, fields=", ".join(gap.path for gap in gaps))
