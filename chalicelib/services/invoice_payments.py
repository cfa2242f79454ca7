"""The payments of one invoice: what was allocated to it, one more allocation, and taking one back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.payment import Allocation
from chalicelib.domain.periods import local_date
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment
from chalicelib.services.deps import Deps
from chalicelib.services.invoice_reading import read_invoice
from chalicelib.services.versions import check_version
from chalicelib.store import allocations as store
from chalicelib.store.contention import replanned
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.payments import get_payment

FIELDS = {"allocations.0.invoice_id": "payment_id", "allocations.0.amount": "amount"}
"""What the one line of the allocation is called here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayInvoice:
    """Allocate this much of a payment to the invoice as it was at `version` (None: as it is)."""

    invoice_id: str
    payment_id: str
    amount: Decimal
    date: dt.date | None = None
    version: int | None = None


def list_invoice_payments(actor: Actor, invoice_id: str, limit: int, cursor: str | None) -> tuple[list[Allocation], str | None]:
    """A page of all that was ever allocated to the invoice, in order; NotFound also for what the actor may not see."""
    read_invoice(actor, invoice_id)
    after = decode_cursor(cursor)
    rows = store.load_invoice_allocations(invoice_id)
    first = next((position for position, row in enumerate(rows, 1) if row.id == after), 0)
    shown = rows[first : first + limit]
    return shown, encode_cursor(shown[-1].id) if len(rows) > first + limit else None


def pay_invoice(deps: Deps, command: PayInvoice) -> Allocation:
    """The new allocation. Raises NotFound, Invalid with every issue, Conflict: stale_version, wrong_state, over_allocated."""
    get_invoice(command.invoice_id)
    allocation = AllocatePayment(
        payment_id=command.payment_id,
        amounts=[(command.invoice_id, command.amount)],
        date=command.date,
        invoice_versions={} if command.version is None else {command.invoice_id: command.version},
    )
    try:
        return allocate_payment(deps, allocation).rows[0]
    except NotFound as error:
        raise Invalid.of(Issue("payment_id", "unknown_payment", "There is no payment with this id.")) from error
    except Invalid as error:
        issues = [replace(issue, path=FIELDS.get(issue.path, issue.path)) for issue in error.issues]
        raise Invalid.of(*issues) from error


def reverse_allocation(deps: Deps, invoice_id: str, allocation_id: str, expected: int | None = None) -> None:
    """Take an allocation back: payment and invoice have the amount again; once it is, again changes nothing.

    `expected` is the invoice's version. Raises NotFound, Conflict(stale_version).
    """
    replanned(lambda: _reverse(deps, invoice_id, allocation_id, expected))


def _reverse(deps: Deps, invoice_id: str, allocation_id: str, expected: int | None) -> None:
    row = store.find_allocation(invoice_id, allocation_id)
    if row is None:
        raise NotFound("allocation", allocation_id)
    if row.reversed_at is not None:
        return
    invoice, payment = get_invoice(invoice_id), get_payment(row.payment_id)
    check_version(invoice.version, expected)
    now = deps.entry_instant()
    today = local_date(now, get_customer(row.customer_id).timezone)
    store.reverse(row.taken_back(now, today), payment, invoice, deps.settings.list_shards)
