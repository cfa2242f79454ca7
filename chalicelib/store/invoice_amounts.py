"""What is paid and credited on an invoice, changed within a transaction. Never touches the document itself.

The version goes up, so that whoever read the invoice before (`If-Match`) learns that it owes something else now.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.money import to_minor
from chalicelib.store import keys
from chalicelib.store.invoices import list_position
from chalicelib.store.tables import InvoiceItem


def add_paid(transaction: TransactWrite, before: Invoice, amount: Decimal, shards: int) -> None:
    """Set what is paid to what it was plus `amount` (negative: taken back), while the invoice is issued and as it was read."""
    _add_amounts(transaction, before, replace(before, amount_paid=before.amount_paid + amount), shards)


def add_credited(transaction: TransactWrite, before: Invoice, after: Invoice, shards: int) -> None:
    """Set what is credited and refunded, and the list of credit notes, as `after` has them; holds as `add_paid` does."""
    _add_amounts(transaction, before, after, shards, InvoiceItem.credit_notes.set(list(after.credit_note_ids)))


def _add_amounts(transaction: TransactWrite, before: Invoice, changed: Invoice, shards: int, *more: Action) -> None:
    after = replace(changed, version=before.version + 1)
    customer_id, suffix = keys.parse_invoice_id(before.id)
    partition, sort = list_position(after, shards)
    transaction.update(
        InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix)),
        actions=[
            InvoiceItem.paid.set(to_minor(after.amount_paid, after.currency)),
            InvoiceItem.cred.set(to_minor(after.amount_credited, after.currency)),
            InvoiceItem.ref.set(to_minor(after.amount_refunded, after.currency)),
            InvoiceItem.due.set(to_minor(after.amount_due, after.currency)),
            InvoiceItem.ver.set(after.version),
            InvoiceItem.g1p.set(partition),
            InvoiceItem.g1s.set(sort),
            *more,
        ],
        condition=_unchanged(before),
    )


def _unchanged(before: Invoice) -> Condition:
    amounts = (before.amount_paid, before.amount_credited, before.amount_refunded, before.amount_due)
    paid, credited, refunded, due = (to_minor(amount, before.currency) for amount in amounts)
    condition: Condition = (
        (InvoiceItem.st == InvoiceStatus.ISSUED.value)
        & (InvoiceItem.ver == before.version)
        & (InvoiceItem.paid == paid)
        & (InvoiceItem.cred == credited)
        & (InvoiceItem.ref == refunded)
        & (InvoiceItem.due == due)
    )
    return condition
