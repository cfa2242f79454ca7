"""Create invoice on payment: a payment that becomes completed is recorded together with the issued invoice it pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.invoice_on_payment import plan_invoice_on_payment
from chalicelib.domain.issuing import plan_issue
from chalicelib.domain.numbering import counter_key, floor_date
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Allocation, Payment
from chalicelib.domain.periods import local_date
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.tax_names import with_tax_name
from chalicelib.services.template_choice import with_template_version
from chalicelib.store import keys
from chalicelib.store.contention import OvertakenError
from chalicelib.store.numbering import find_last
from chalicelib.store.paid_invoices import issue_paid
from chalicelib.store.settings import get_settings


def complete_with_invoice(deps: Deps, payment: Payment, customer: Customer, *, before: Payment | None) -> Payment:
    """Record the completed payment, allocated in full to the invoice it creates; `before` is what is kept of it (None: new).

    Raises OvertakenError when the payment is there already or has changed.
    """
    settings = get_settings()
    invoice = _plan(deps, payment, customer, settings)
    row = _allocation(deps, payment, invoice)
    paid = replace(payment, allocated=payment.amount)
    try:
        issued, kept = issue_paid(
            invoice,
            paid,
            row,
            before=before,
            series=settings.invoice_series,
            order=settings.date_order,
            shards=deps.settings.list_shards,
        )
    except Conflict as error:  # another invoice of a later date took a number since the date was chosen
        raise OvertakenError from error
    announce_document(issued)
    return kept


def _plan(deps: Deps, payment: Payment, customer: Customer, settings: OperatorSettings) -> Invoice:
    """The invoice as issued and paid, without its number; where date order is strict it is dated like the series' last."""
    now = payment.updated_at  # both enter the books at once
    today = local_date(deps.clock(), customer.timezone)
    invoice_id = keys.invoice_id(customer.id, keys.manual_suffix(today, deps.new_id()))
    on = floor_date(today, _last_date(settings, today), settings.date_order)
    draft = plan_invoice_on_payment(with_tax_name(customer), settings, payment, invoice_id=invoice_id, today=on, now=now)
    ready = with_template_version(plan_issue(draft, customer, settings, at=now, change_id=payment.id))
    return replace(ready, amount_paid=draft.total)


def _last_date(settings: OperatorSettings, on: date) -> date | None:
    last = find_last(counter_key(settings.invoice_series, on))
    return None if last is None else last[1]


def _allocation(deps: Deps, payment: Payment, invoice: Invoice) -> Allocation:
    return Allocation(
        id=keys.allocation_id(payment.id, deps.new_id()),
        payment_id=payment.id,
        invoice_id=invoice.id,
        invoice_number="",
        customer_id=payment.customer_id,
        amount=payment.amount,
        currency=payment.currency,
        date=invoice.invoice_date,
        created_at=payment.updated_at,
    )
