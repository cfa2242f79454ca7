"""The audit log: who did what to which object, when, and what it changed. Values, and the word for each change.

Says what happened to the books; whether it was right is the business of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.domain.bank_entry import EntryState
from chalicelib.domain.bank_statement import DecidedEntry
from chalicelib.domain.invoice import Invoice, InvoiceStatus, PaymentStatus
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund


class ObjectKind(StrEnum):
    """What a change may be of."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    ALLOCATION = "allocation"
    REFUND = "refund"
    CUSTOMER = "customer"
    ASSIGNMENT = "assignment"
    PACKAGE = "package"
    SETTINGS = "settings"
    API_KEY = "api_key"
    WEBHOOK = "webhook"
    EMAIL = "email"
    BANK_STATEMENT = "bank_statement"
    BANK_ENTRY = "bank_entry"
    TEMPLATE = "template"


class AuditAction(StrEnum):
    """What was done."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    ISSUED = "issued"
    REVISED = "revised"
    VOIDED = "voided"
    PAID = "paid"
    ALLOCATED = "allocated"
    REVERSED = "reversed"
    CREDITED = "credited"
    CREDIT_REVERSED = "credit_reversed"
    REFUNDED = "refunded"
    REFUND_REVERSED = "refund_reversed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    SETTINGS_CHANGED = "settings_changed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about, and the objects in whose history it is told."""

    kind: ObjectKind
    id: str
    histories: tuple[tuple[ObjectKind, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value of the domain as it was before one write and as it was after it; None where there was none.

    `id` is new for each write and the same whenever it is told again.
    """

    id: str
    by: str
    at: datetime
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A change of an object, for ever; `id` as in Change.

    `before` and `after` hold the fields that changed, named and written as in the API; an empty one means that there was no
    object, or is none any more.
    """

    id: str
    object: ObjectKind
    object_id: str
    action: AuditAction
    by: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def action_of(before: object, after: object) -> AuditAction:
    """The word for what turned one state of an object into another; None is no object."""
    if after is None:
        return AuditAction.DELETED
    word = _WORDS.get(type(after))
    if word is not None:
        return word(before, after)
    return AuditAction.CREATED if before is None else AuditAction.EDITED


def _of_invoice(before: Invoice | None, after: Invoice) -> AuditAction:
    if before is None:
        return AuditAction.CREATED if after.status is InvoiceStatus.DRAFT else AuditAction.ISSUED
    if before.status is not after.status:
        return AuditAction.VOIDED if after.status is InvoiceStatus.VOID else AuditAction.ISSUED
    return AuditAction.REVISED if before.revision != after.revision else _of_amounts(before, after)


def _of_amounts(before: Invoice, after: Invoice) -> AuditAction:
    if before.amount_credited != after.amount_credited:
        return _moved(after.amount_credited - before.amount_credited, AuditAction.CREDITED, AuditAction.CREDIT_REVERSED)
    if before.amount_refunded != after.amount_refunded:
        return AuditAction.REFUNDED
    if before.amount_paid != after.amount_paid:
        up = AuditAction.PAID if after.payment_status is PaymentStatus.PAID else AuditAction.ALLOCATED
        return _moved(after.amount_paid - before.amount_paid, up, AuditAction.REVERSED)
    return AuditAction.EDITED


def _of_payment(before: Payment | None, after: Payment) -> AuditAction:
    if before is None:
        return AuditAction.CREATED
    if before.status is not after.status:
        return AuditAction.COMPLETED if after.status is PaymentState.COMPLETED else AuditAction.CANCELLED
    if before.refunded != after.refunded:
        return _moved(after.refunded - before.refunded, AuditAction.REFUNDED, AuditAction.REFUND_REVERSED)
    if before.allocated != after.allocated:
        return _moved(after.allocated - before.allocated, AuditAction.ALLOCATED, AuditAction.REVERSED)
    return AuditAction.EDITED


def _of_allocation(_before: Allocation | None, after: Allocation) -> AuditAction:
    return AuditAction.ALLOCATED if after.reversed_at is None else AuditAction.REVERSED


def _of_refund(_before: Refund | None, after: Refund) -> AuditAction:
    return AuditAction.REFUNDED if after.reversed_at is None else AuditAction.REFUND_REVERSED


def _of_bank_entry(_before: DecidedEntry | None, after: DecidedEntry) -> AuditAction:
    return AuditAction.DISMISSED if after.status is EntryState.DISMISSED else AuditAction.CONFIRMED


def _moved(amount: Decimal, up: AuditAction, down: AuditAction) -> AuditAction:
    return up if amount > 0 else down


_WORDS: Mapping[type, Callable[[Any, Any], AuditAction]] = {
    Invoice: _of_invoice,
    Payment: _of_payment,
    Allocation: _of_allocation,
    Refund: _of_refund,
    OperatorSettings: lambda _before, _after: AuditAction.SETTINGS_CHANGED,
    DecidedEntry: _of_bank_entry,
}
