"""A customer's whole books as they lie in the tables, for whoever checks them. Plain records; nothing is judged or repaired here.

One query for the books, two for usage, read consistently: small enough for one customer, and nothing is left out by an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.usage import from_units
from chalicelib.store import keys
from chalicelib.store.invoices import open_body
from chalicelib.store.retry import retried
from chalicelib.store.roll_up_rows import open_usage
from chalicelib.store.tables import (
    AllocationItem,
    BillingItem,
    InvoiceItem,
    LedgerItem,
    PaymentItem,
    RefundItem,
    RevisionItem,
)
from chalicelib.store.work_tables import RollUpItem


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """The attributes of an invoice's item, amounts in minor units, and the body packed in it. `listed` is its list state.

    `credit_notes` are the ids of those that it names.
    """

    id: str
    suffix: str
    number: str | None
    status: str
    kind: str
    currency: str
    total: int
    paid: int
    credited: int
    refunded: int
    due: int
    revision: int
    listed: str
    credit_notes: tuple[str, ...]
    body: Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPayment:
    """The attributes of a payment's item, amounts in minor units; `left` is neither allocated nor refunded.

    `credit_note` is the id of the one that gave it, empty for money that came in.
    """

    id: str
    status: str
    currency: str
    amount: int
    left: int
    refunded: int
    credit_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAllocation:
    """An allocation in minor units; the invoice is the one under which it lies."""

    id: str
    payment_id: str
    invoice_suffix: str
    currency: str
    amount: int
    is_reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRefund:
    """Money given back of a payment."""

    id: str
    payment_id: str
    amount: Decimal
    is_reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A billed day: the suffix of the invoice that has it, and who owns the suffix in that month."""

    suffix: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything billed, paid and claimed of a customer. `revisions` are (suffix, number) of earlier revisions."""

    customer_id: str
    claims: Mapping[date, Claim]
    invoices: tuple[StoredInvoice, ...]
    revisions: frozenset[tuple[str, int]]
    payments: tuple[StoredPayment, ...]
    refunds: tuple[StoredRefund, ...]
    allocations: tuple[StoredAllocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUsage:
    """A row of a roll-up: the day that bills it, the batch and part it came with, the day of the calls, how many, the charge.

    `attempts` counts all calls, `connected` those that were answered.
    """

    billing_day: date
    batch_id: str
    part: int
    day: date
    attempts: int
    connected: int
    charge: Decimal


def load_books(customer_id: str) -> Books:
    """The books of a customer; empty ones for nobody."""
    items = _query(customer_id)
    return Books(
        customer_id=customer_id,
        claims=dict(claim for item in items if isinstance(item, LedgerItem) for claim in _claims(item)),
        invoices=tuple(_invoice(item) for item in items if isinstance(item, InvoiceItem)),
        revisions=frozenset(_revision(item.sk) for item in items if isinstance(item, RevisionItem)),
        payments=tuple(_payment(item) for item in items if isinstance(item, PaymentItem)),
        refunds=tuple(_refund(item) for item in items if isinstance(item, RefundItem)),
        allocations=tuple(_allocation(item) for item in items if isinstance(item, AllocationItem)),
    )


def load_usage(customer_id: str) -> list[StoredUsage]:
    """Every row of every roll-up of a customer."""
    return [row for item in _query_usage(customer_id) for row in _rows(item)]


def _claims(item: LedgerItem) -> Iterable[tuple[date, Claim]]:
    month = item.sk.removeprefix("L#")
    owners: dict[str, str] = item.owners.as_dict()
    for day, suffix in item.days.as_dict().items():
        yield date.fromisoformat(f"{month}-{day}"), Claim(suffix=suffix, owner=owners.get(suffix))


def _invoice(item: InvoiceItem) -> StoredInvoice:
    customer_id, suffix = item.pk.removeprefix("C#"), item.sk.removeprefix("I#")
    return StoredInvoice(
        id=keys.invoice_id(customer_id, suffix),
        suffix=suffix,
        number=item.num,
        status=item.st,
        kind=item.kind,
        currency=item.cur,
        total=int(item.tot),
        paid=int(item.paid),
        credited=int(item.cred),
        refunded=int(item.ref),
        due=int(item.due),
        revision=int(item.rev),
        listed=(item.g1s or "").partition("#")[0],
        credit_notes=tuple(item.credit_notes or ()),
        body=open_body(item),
    )


def _revision(sk: str) -> tuple[str, int]:
    suffix, _, revision = sk.removeprefix("R#").rpartition("#")
    return suffix, int(revision)


def _payment(item: PaymentItem) -> StoredPayment:
    customer_id, on, number = item.pk.removeprefix("C#"), *item.sk.split("#")[1:]
    return StoredPayment(
        id=f"{customer_id}.{on}.{number}",
        status=item.st,
        currency=item.cur,
        amount=int(item.amount),
        left=int(item.left),
        refunded=int(item.refunded),
        credit_note=item.doc.get("credit_note_id") or "",
    )


def _refund(item: RefundItem) -> StoredRefund:
    return StoredRefund(
        id=item.doc["id"],
        payment_id=item.doc["payment_id"],
        amount=Decimal(item.doc["amount"]),
        is_reversed=item.reversed_at is not None,
    )


def _allocation(item: AllocationItem) -> StoredAllocation:
    suffix, payment, number = item.sk.removeprefix("A#").rsplit("#", 2)
    return StoredAllocation(
        id=f"{payment}.{number}",
        payment_id=item.payment,
        invoice_suffix=suffix,
        currency=item.cur,
        amount=int(item.amount),
        is_reversed=item.reversed_at is not None,
    )


def _rows(item: RollUpItem) -> Iterable[StoredUsage]:
    on, batch_id, *part = item.sk.split("#")
    billing_day = date.fromisoformat(on)
    usage = open_usage(item.rows, billing_day)
    for day, attempts, connected, charge in zip(usage.days, usage.attempts, usage.connected, usage.charges, strict=True):
        yield StoredUsage(
            billing_day=billing_day,
            batch_id=batch_id,
            part=int(part[0]) if part else 0,
            day=day,
            attempts=attempts,
            connected=connected,
            charge=from_units(charge),
        )


@retried
def _query(customer_id: str) -> list[BillingItem]:
    return list(BillingItem.query(keys.customer_pk(customer_id), consistent_read=True))


@retried
def _query_usage(customer_id: str) -> list[RollUpItem]:
    span = RollUpItem.sk.between("0", "9999-99")
    return list(RollUpItem.query(keys.usage_pk(customer_id), span, consistent_read=True))
