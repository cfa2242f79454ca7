"""The invoice that a payment creates: number, invoice, payment, allocation and open document in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import replace

from pynamodb.transactions import TransactWrite

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import DateOrder, Series
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.store import numbering
from chalicelib.store.allocations import add_row
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.invoices import to_item as to_invoice_item
from chalicelib.store.open_documents import add_open_document
from chalicelib.store.payments import to_item, unchanged
from chalicelib.store.tables import BillingItem


def issue_paid(
    invoice: Invoice, payment: Payment, row: Allocation, *, before: Payment | None, series: Series, order: DateOrder, shards: int
) -> tuple[Invoice, Payment]:
    """Issue the invoice and record the payment that pays it; `before` is the payment as it was read, None when it is new.

    Returns both as written. Raises OvertakenError when the payment is there or has changed, Conflict(date_order).
    """
    kept = payment if before is None else replace(payment, version=before.version + 1)
    condition = BillingItem.pk.does_not_exist() if before is None else unchanged(before)

    def put(transaction: TransactWrite, numbered: Invoice) -> None:
        transaction.save(to_item(kept, shards), condition=condition)
        transaction.save(to_invoice_item(numbered, shards), condition=BillingItem.pk.does_not_exist())
        add_row(transaction, replace(row, invoice_number=numbered.number or ""))
        add_open_document(transaction, numbered, row.created_at)

    try:
        return numbering.issue_invoice(invoice, series, order=order, put=put), kept
    except ConditionFailedError as error:
        raise OvertakenError from error
