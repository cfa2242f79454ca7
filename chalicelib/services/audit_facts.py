"""A domain value as the audit log tells of it: the fields of the API, written as there. No secret, nothing that is noise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from chalicelib.domain.access import ApiKey
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.mail import Mail, MailStatus
from chalicelib.domain.money import quantise
from chalicelib.domain.payment import Payment
from chalicelib.store import codec

ALWAYS_HIDDEN = frozenset({"version", "updated_at", "change_id"})
HIDDEN = {
    Invoice: frozenset({"operator", "series", "sequence", "days", "pdf_status", "pdf_error"}),
    ApiKey: frozenset({"id"}),
    Mail: frozenset({"attempt", "tried_at", "message_id"}),
}
"""The operator of a document is that of the settings; a rendering changes nothing; the id of a key is the hash of its secret; how
often a mail was tried is no news."""
AMOUNTS = frozenset(
    {
        *("amount", "allocated", "unallocated", "refunded"),
        *("subtotal", "tax_total", "total", "amount_paid", "amount_credited", "amount_refunded", "amount_due"),
    }
)


def facts_of(value: object) -> dict[str, Any]:
    """The fields of a value, nothing for None."""
    if value is None:
        return {}
    hidden = ALWAYS_HIDDEN | HIDDEN.get(type(value), frozenset())
    facts = {name: fact for name, fact in {**codec.plain(value), **_derived(value)}.items() if name not in hidden}
    return {name: _amount(fact, facts["currency"]) if name in AMOUNTS else fact for name, fact in facts.items()}


def _derived(value: object) -> dict[str, Any]:
    """Fields of the API that are not stored."""
    if isinstance(value, Invoice):
        payable = value.kind is InvoiceKind.INVOICE and value.status is InvoiceStatus.ISSUED
        return {"amount_due": str(value.amount_due), "payment_status": value.payment_status.value if payable else None}
    if isinstance(value, Mail):
        return {"status": MailStatus.QUEUED.value} if value.status is MailStatus.SENDING else {}
    return {"unallocated": str(value.unallocated)} if isinstance(value, Payment) else {}


def _amount(text: str, currency: str) -> str:
    return str(quantise(Decimal(text), currency))
