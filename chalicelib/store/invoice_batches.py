"""Many invoices in few reads: whole ones for allocations and accounts, states only for the account of numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chalicelib.domain.errors import NotFound
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.store import keys
from chalicelib.store.invoice_list import to_summary
from chalicelib.store.invoices import from_item
from chalicelib.store.retry import retried
from chalicelib.store.tables import LISTED, InvoiceItem

BATCH = 100


def load_invoices(invoice_ids: Collection[str]) -> dict[str, Invoice]:
    """The invoices that exist, by id, read consistently; what cannot be an id is nobody's."""
    found = (from_item(item) for batch in _batches(invoice_ids) for item in _get(batch, None))
    return {invoice.id: invoice for invoice in found}


def read_invoices(invoice_ids: Sequence[str]) -> Iterator[Invoice]:
    """The invoices that exist, in the given order, read consistently and unpacked one at a time."""
    for start in range(0, len(invoice_ids), BATCH):
        wanted = invoice_ids[start : start + BATCH]
        found = {(item.pk, item.sk): item for batch in _batches(wanted) for item in _get(batch, None)}
        yield from (from_item(found[key]) for key in map(_key, wanted) if key in found)


def load_numbered(invoice_ids: Collection[str]) -> dict[str, InvoiceStatus]:
    """The states of those invoices that exist and carry a number, by id."""
    wanted = ["PK", "SK", "t", "st", "num"]
    found = [item for batch in _batches(invoice_ids) for item in _get(batch, wanted) if item.num]
    return {keys.invoice_id(item.pk.removeprefix("C#"), item.sk.removeprefix("I#")): InvoiceStatus(item.st) for item in found}


@retried
def load_summaries(customer_id: str) -> list[InvoiceSummary]:
    """All documents of a customer as lists show them, read consistently."""
    wanted = [*LISTED, "PK", "SK", "t", "g1s"]
    span = InvoiceItem.sk.startswith("I#")
    found = InvoiceItem.query(keys.customer_pk(customer_id), span, consistent_read=True, attributes_to_get=wanted)
    return [to_summary(item) for item in found]


@retried
def load_documents(customer_id: str) -> list[Invoice]:
    """All documents of a customer that were ever issued, whole, read consistently."""
    found = InvoiceItem.query(keys.customer_pk(customer_id), InvoiceItem.sk.startswith("I#"), consistent_read=True)
    return [from_item(item) for item in found if item.st != InvoiceStatus.DRAFT.value]


def _batches(invoice_ids: Collection[str]) -> Iterator[list[tuple[str, str]]]:
    wanted = sorted({key for key in map(_key, invoice_ids) if key is not None})
    for start in range(0, len(wanted), BATCH):
        yield wanted[start : start + BATCH]


def _key(invoice_id: str) -> tuple[str, str] | None:
    try:
        customer_id, suffix = keys.parse_invoice_id(invoice_id)
    except NotFound:
        return None
    return keys.customer_pk(customer_id), keys.invoice_sk(suffix)


@retried
def _get(wanted: list[tuple[str, str]], attributes: list[str] | None) -> list[InvoiceItem]:
    return list(InvoiceItem.batch_get(wanted, consistent_read=True, attributes_to_get=attributes))
