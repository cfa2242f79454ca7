"""Changes of one invoice, each one transaction: issue, save, revise, void, delete, with number, days and billing clock.

A change holds only while version *and* amounts paid, credited and refunded are as they were read, whoever changed them; otherwise
Conflict(stale_version), and nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.customer_credit import is_credit_alone
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import to_minor
from chalicelib.domain.operator import DateOrder, Series
from chalicelib.store import keys, numbering
from chalicelib.store.clock import SetBack, add_set_back
from chalicelib.store.credit_notes import add_credit
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.invoices import find_invoice, revision_item, to_item
from chalicelib.store.ledger import add_release
from chalicelib.store.open_documents import add_open_document
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import BillingItem, InvoiceItem
from chalicelib.store.transaction import commit


def issue_new(invoice: Invoice, series: Series, order: DateOrder, shards: int, at: datetime) -> Invoice:
    """Number and put an invoice whose key is free; when it is there already (an earlier try put it), that one is returned."""

    def put(transaction: TransactWrite, numbered: Invoice) -> None:
        transaction.save(to_item(numbered, shards), condition=BillingItem.pk.does_not_exist())
        add_open_document(transaction, numbered, at)

    try:
        return numbering.issue_invoice(invoice, series, order=order, put=put)
    except ConditionFailedError as error:
        found = find_invoice(invoice.id)
        if found is None:
            raise Conflict("stale_version") from error
        return found


def issue_draft(before: Invoice, after: Invoice, series: Series, order: DateOrder, *, shards: int, at: datetime) -> Invoice:
    """Number `after` and write it over the draft; a credit note without invoice becomes the customer's credit."""
    bumped = _next(before, after)

    def put(transaction: TransactWrite, numbered: Invoice) -> None:
        transaction.save(to_item(numbered, shards), condition=_unchanged(before))
        if is_credit_alone(numbered):
            add_credit(transaction, numbered, numbered.total, shards)
        add_open_document(transaction, numbered, at)

    try:
        return numbering.issue_invoice(bumped, series, order=order, put=put)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def save_draft(before: Invoice, after: Invoice, shards: int) -> Invoice:
    """Write the draft `after` over `before`."""
    bumped = _next(before, after)
    _commit(lambda transaction: transaction.save(to_item(bumped, shards), condition=_unchanged(before)))
    return bumped


def save_revision(before: Invoice, after: Invoice, shards: int, at: datetime) -> Invoice:
    """Write the issued `after` over `before`, which stays readable as an earlier revision."""
    bumped = _next(before, after)
    _commit(lambda transaction: _add_revision(transaction, before, bumped, shards, at))
    return bumped


def void_invoice(
    before: Invoice, after: Invoice, shards: int, at: datetime, *, clock: SetBack | None, due_shards: int
) -> Invoice:
    """As `save_revision`, with its days freed, and the customer's billing clock set back if one is given."""
    bumped = _next(before, after)

    def fill(transaction: TransactWrite) -> None:
        _add_revision(transaction, before, bumped, shards, at)
        _free_days(transaction, before, clock, due_shards)

    _commit(fill)
    return bumped


def delete_draft(before: Invoice, *, clock: SetBack | None, due_shards: int) -> None:
    """Delete the draft, free its days, and set the customer's billing clock back if one is given."""
    customer_id, suffix = keys.parse_invoice_id(before.id)
    draft = InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix))
    sign_off(draft)

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(draft, condition=_unchanged(before))
        _free_days(transaction, before, clock, due_shards)

    _commit(fill)


def _add_revision(transaction: TransactWrite, before: Invoice, after: Invoice, shards: int, at: datetime) -> None:
    transaction.save(to_item(after, shards), condition=_unchanged(before))
    transaction.save(revision_item(before), condition=BillingItem.pk.does_not_exist())
    add_open_document(transaction, after, at)


def _next(before: Invoice, after: Invoice) -> Invoice:
    return replace(after, version=before.version + 1)


def _free_days(transaction: TransactWrite, before: Invoice, clock: SetBack | None, due_shards: int) -> None:
    customer_id, suffix = keys.parse_invoice_id(before.id)
    if before.days:
        add_release(transaction, customer_id, before.days, suffix)
    if clock is not None:
        add_set_back(transaction, clock, due_shards)


def _commit(fill: Callable[[TransactWrite], None]) -> None:
    try:
        commit(fill)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def _unchanged(before: Invoice) -> Condition:
    paid, credited, refunded = (
        to_minor(amount, before.currency) for amount in (before.amount_paid, before.amount_credited, before.amount_refunded)
    )
    unchanged: Condition = (
        (InvoiceItem.ver == before.version)
        & (InvoiceItem.paid == paid)
        & (InvoiceItem.cred == credited)
        & (InvoiceItem.ref == refunded)
    )
    return unchanged
