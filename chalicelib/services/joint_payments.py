"""Paying one invoice from several payments in one transaction; a repetition of the request meets what it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.allocation import Amounts
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.joint_payment import check_parts, validate_parts
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.domain.payment_rules import default_date, validate_date
from chalicelib.domain.periods import local_date
from chalicelib.services.allocation_plans import build_row
from chalicelib.services.deps import Deps
from chalicelib.services.versions import check_version
from chalicelib.store import allocations as store
from chalicelib.store.allocations import JointWork
from chalicelib.store.contention import OvertakenError, replanned
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.payments import load_payments
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PayInvoiceJointly:
    """Allocate these (payment id, amount) parts to the invoice as it was at `version` (None: as it is)."""

    invoice_id: str
    parts: Amounts
    date: dt.date | None = None
    version: int | None = None


def pay_invoice_jointly(deps: Deps, command: PayInvoiceJointly) -> tuple[Allocation, ...]:
    """The new allocations. Raises NotFound, Invalid with every issue, Conflict: stale_version, wrong_state, over_allocated."""
    request = deps.new_id()
    return replanned(lambda: _pay_once(deps, command, request))


def _pay_once(deps: Deps, command: PayInvoiceJointly, request: str) -> tuple[Allocation, ...]:
    """What stands in the way may be what an earlier try of this request did."""
    try:
        return _pay(deps, command, request)
    except (Conflict, Invalid, OvertakenError):
        earlier = store.find_allocated(request)
        if earlier is None:
            raise
        return earlier


def _pay(deps: Deps, command: PayInvoiceJointly, request: str) -> tuple[Allocation, ...]:
    at = deps.entry_instant()
    invoice = get_invoice(command.invoice_id)
    check_version(invoice.version, command.version)
    payments = load_payments([payment_id for payment_id, _ in command.parts])
    dated = [issue for payment in payments.values() for issue in validate_date(payment, command.date, at)]
    if issues := [*validate_parts(invoice, payments, command.parts), *dated]:
        raise Invalid.of(*issues)
    check_parts(invoice, payments, command.parts, get_settings())
    rows = _build_rows(invoice, payments, command, request=request, at=at)
    store.allocate_jointly(
        JointWork(invoice=invoice, payments=payments, rows=rows, request=request, at=at), deps.settings.list_shards
    )
    return rows


def _build_rows(
    invoice: Invoice, payments: Mapping[str, Payment], command: PayInvoiceJointly, *, request: str, at: dt.datetime
) -> tuple[Allocation, ...]:
    today = local_date(at, get_customer(invoice.customer_id).timezone)
    dates = {key: command.date or default_date(payment, today) for key, payment in payments.items()}
    return tuple(
        build_row(payments[key], invoice, amount, number=f"{request}{position:02d}", on=dates[key], at=at)
        for position, (key, amount) in enumerate(command.parts)
    )
