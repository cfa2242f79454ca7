"""Whose history a change belongs to: its own, and that of what it is a part of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.access import ApiKey
from chalicelib.domain.audit import ObjectKind, Subject
from chalicelib.domain.bank_statement import DecidedEntry
from chalicelib.domain.customer import Customer
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import Mail
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.payment import Allocation, Payment, Refund
from chalicelib.domain.templates import Template
from chalicelib.domain.webhooks import WebhookEndpoint

SETTINGS = (ObjectKind.SETTINGS, "settings")
"""The one history that is nobody's in particular."""


def subject_of(value: object) -> Subject:
    """What a value of the domain is in the audit log."""
    return _SUBJECTS[type(value)](value)


def _own(kind: ObjectKind, object_id: str) -> Subject:
    return Subject(kind, object_id, ((kind, object_id),))


def _of_allocation(row: Allocation) -> Subject:
    histories = ((ObjectKind.INVOICE, row.invoice_id), (ObjectKind.PAYMENT, row.payment_id))
    return Subject(ObjectKind.ALLOCATION, row.id, histories)


def _of_bank_entry(entry: DecidedEntry) -> Subject:
    return Subject(ObjectKind.BANK_ENTRY, entry.id, ((ObjectKind.BANK_STATEMENT, entry.statement_id),))


_SUBJECTS: Mapping[type, Callable[[Any], Subject]] = {
    Invoice: lambda invoice: _own(ObjectKind.INVOICE, invoice.id),
    Payment: lambda payment: _own(ObjectKind.PAYMENT, payment.id),
    Allocation: _of_allocation,
    Refund: lambda refund: Subject(ObjectKind.REFUND, refund.id, ((ObjectKind.PAYMENT, refund.payment_id),)),
    Customer: lambda customer: _own(ObjectKind.CUSTOMER, customer.id),
    Assignment: lambda one: Subject(ObjectKind.ASSIGNMENT, one.id, ((ObjectKind.CUSTOMER, one.customer_id),)),
    Package: lambda package: _own(ObjectKind.PACKAGE, package.id),
    OperatorSettings: lambda _settings: _own(*SETTINGS),
    Mail: lambda mail: Subject(ObjectKind.EMAIL, mail.name, ((ObjectKind.INVOICE, mail.invoice_id),)),
    ApiKey: lambda key: Subject(ObjectKind.API_KEY, key.name, (SETTINGS,)),
    DecidedEntry: _of_bank_entry,
    Template: lambda one: Subject(ObjectKind.TEMPLATE, one.id, (SETTINGS,)),
    WebhookEndpoint: lambda endpoint: Subject(ObjectKind.WEBHOOK, endpoint.id, (SETTINGS,)),
}
"""The id of an API key is a hash of its secret, so the log calls it by name."""
