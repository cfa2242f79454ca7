"""A customer's whole account as `domain.history` reads it, and which customers a report has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.history import History
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.invoice_search import ISSUED_STATES, OWING
from chalicelib.domain.payment import PaymentState
from chalicelib.store import index_keys, keys
from chalicelib.store.allocations import load_allocations
from chalicelib.store.invoice_batches import load_documents
from chalicelib.store.invoice_revisions import list_earlier_revisions
from chalicelib.store.list_months import INVOICES, PAYMENTS, load_months
from chalicelib.store.payments import load_money
from chalicelib.store.retry import retried
from chalicelib.store.shards import LISTS, shards_to_read
from chalicelib.store.tables import BillingItem, InvoiceItem, PaymentItem

END = "9999-12"


@dataclass(frozen=True, slots=True)
class Party:
    """A customer that has documents or money in a currency."""

    customer_id: str
    currency: str


def load_history(customer_id: str, known_at: datetime | None = None) -> History:
    """Documents, payments, refunds and allocations of a customer; with `known_at` also the revisions in force by then."""
    documents = load_documents(customer_id)
    payments, refunds = load_money(customer_id)
    return History(
        documents=tuple(documents),
        payments=tuple(payments),
        refunds=tuple(refunds),
        allocations=tuple(load_allocations(customer_id)),
        revisions={one.id: _earlier(one) for one in documents if _was_revised_after(one, known_at)},
    )


def list_parties(shards: int, *, owing_only: bool, until: date | None = None) -> set[Party]:
    """Customers with any issued document or payment, or only those that owe or have something now; lags by moments.

    With `until` months after that day are not looked at.
    """
    last = END if until is None else keys.month_of(until)
    return {
        *_of_invoices(shards, OWING if owing_only else (*ISSUED_STATES, InvoiceStatus.VOID.value), last),
        *_of_payments(shards, last, owing_only=owing_only),
    }


def _of_invoices(shards: int, states: tuple[str, ...], last: str) -> Iterator[Party]:
    for month in _months(INVOICES, last):
        for shard in shards_to_read(LISTS, shards):
            for state in states:
                found = _query(index_keys.list_partition(month, shard), f"{state}#")
                yield from (_party(item) for item in found if isinstance(item, InvoiceItem))


def _of_payments(shards: int, last: str, *, owing_only: bool) -> Iterator[Party]:
    for month in _months(PAYMENTS, last):
        for shard in shards_to_read(LISTS, shards):
            found = _query(index_keys.payment_list_partition(month, shard), "")
            yield from (_party(item) for item in found if isinstance(item, PaymentItem) and (_has_left(item) or not owing_only))


def _months(listing: str, last: str) -> list[str]:
    return [month for month in load_months(listing) if month <= last]


def _has_left(item: PaymentItem) -> bool:
    return item.st == PaymentState.COMPLETED.value and int(item.left) > 0


def _party(item: InvoiceItem | PaymentItem) -> Party:
    return Party(item.pk.removeprefix("C#"), item.cur)


def _was_revised_after(document: Invoice, known_at: datetime | None) -> bool:
    return known_at is not None and document.revised_at is not None and known_at < document.revised_at


def _earlier(document: Invoice) -> tuple[Invoice, ...]:
    return tuple(list_earlier_revisions(document.id, 0, document.revision - 1))


@retried
def _query(partition: str, prefix: str) -> list[BillingItem]:
    condition = BillingItem.g1s.startswith(prefix) if prefix else None
    return list(BillingItem.by_list.query(partition, condition))
