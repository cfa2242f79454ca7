"""Credit notes: number, document, what the invoice owes and what the customer gets, in one transaction or not at all.

The invoice is written on the condition that it is as it was read, so the caps that the note was planned on still hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pynamodb.transactions import TransactWrite

from chalicelib.domain.customer_credit import build_credit
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.operator import DateOrder, Series
from chalicelib.domain.payment import Payment
from chalicelib.store import keys, numbering
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.invoice_amounts import add_credited
from chalicelib.store.invoice_batches import load_invoices, load_summaries
from chalicelib.store.invoices import to_item
from chalicelib.store.open_documents import add_open_document
from chalicelib.store.payments import put_payment_once
from chalicelib.store.payments import to_item as to_payment_item
from chalicelib.store.tables import BillingItem


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditWork:
    """The invoice as read and as it will be, the credit note ready for its number, and what of it becomes customer's credit."""

    before: Invoice
    after: Invoice
    note: Invoice
    excess: Decimal
    at: datetime


def issue_credit_note(work: CreditWork, series: Series, order: DateOrder, shards: int) -> Invoice:
    """Carry it out; returns the note as numbered. OvertakenError when the invoice changed or the note is there already.

    Raises Conflict(date_order).
    """

    def put(transaction: TransactWrite, numbered: Invoice) -> None:
        transaction.save(to_item(numbered, shards), condition=BillingItem.pk.does_not_exist())
        add_credited(transaction, work.before, work.after, shards)
        add_credit(transaction, numbered, work.excess, shards)
        add_open_document(transaction, numbered, work.at)

    try:
        return numbering.issue_invoice(work.note, series, order=order, put=put)
    except ConditionFailedError as error:
        raise OvertakenError from error


def load_credit_notes(invoice: Invoice) -> list[Invoice]:
    """All credit notes of the invoice as it was read, first to last; they never change."""
    found = load_invoices(invoice.credit_note_ids)
    return [found[key] for key in invoice.credit_note_ids]


def load_customer_notes(customer_id: str) -> list[Invoice]:
    """All issued credit notes of a customer, read consistently."""
    rows = load_summaries(customer_id)
    issued = [one.id for one in rows if one.kind is InvoiceKind.CREDIT_NOTE and one.status is InvoiceStatus.ISSUED]
    return [*load_invoices(issued).values()]


def add_credit(transaction: TransactWrite, note: Invoice, amount: Decimal, shards: int) -> None:
    """Put the customer's credit of a numbered credit note within the transaction that issues it; nothing for nothing."""
    if amount:
        credit = to_payment_item(_credit(note, amount), shards)
        transaction.save(credit, condition=BillingItem.pk.does_not_exist())


def put_credit_once(note: Invoice, shards: int) -> None:
    """Put the customer's credit of an issued credit note that has no invoice; one that is there already stays."""
    put_payment_once(_credit(note, note.total), shards)


def _credit(note: Invoice, amount: Decimal) -> Payment:
    return build_credit(note, amount, keys.credit_payment_id(note.id, note.invoice_date))
