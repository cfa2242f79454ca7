"""Reads what a plan depends on, once per customer.

Roll-ups of the days, usage of minimum-spend intervals, claims behind late usage, invoices and credit notes behind unused time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.billed_charges import ChargeKey, calculate_billed, calculate_credited
from chalicelib.domain.generation import BillingInput, InvoicePlan, creditable_charges_of, plan_invoice, usage_intervals_of
from chalicelib.domain.invoice import Invoice, InvoiceSource
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.periods import Period
from chalicelib.domain.usage import RollUp
from chalicelib.domain.usage_lines import calculate_usage_net
from chalicelib.services.catalogue import Catalogue
from chalicelib.services.tax_names import with_tax_name
from chalicelib.services.template_choice import with_template_version
from chalicelib.store import ledger
from chalicelib.store.accounts import Account
from chalicelib.store.credit_notes import load_customer_notes
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.invoice_numbers import find_numbers
from chalicelib.store.usage import load_roll_ups

ONE_DAY = timedelta(days=1)
FAR_AHEAD = date(9999, 12, 30)


def load_billing_input(catalogue: Catalogue, account: Account, claims: Sequence[Sequence[date]]) -> BillingInput:
    """The input for plans over the claimed days.

    One query for roll-ups, one more only where late usage or minimum spend asks for it.
    """
    customer = with_tax_name(account.customer)
    days = sorted(day for claim in claims for day in claim)
    intervals = {one for claim in claims for one in usage_intervals_of(account.assignments, catalogue.packages, claim)}
    first = min([days[0], *(one.start for one in intervals)])
    end = FAR_AHEAD if intervals else days[-1] + ONE_DAY
    rollups = tuple(load_roll_ups(customer.id, first, end))
    billed = _load_billed(account, rollups, days[0])
    creditable = {
        key: day for claim in claims for key, day in creditable_charges_of(account.assignments, catalogue.packages, claim).items()
    }
    with_tax = catalogue.settings.prices_include_tax
    return BillingInput(
        customer=customer,
        settings=catalogue.settings,
        packages=catalogue.packages,
        assignments=account.assignments,
        rollups=rollups,
        interval_usage=calculate_usage_net(rollups, intervals),
        billed=billed,
        billed_charges=calculate_billed(
            _load_charging(customer.id, {key: day for key, day in creditable.items() if day not in days}, billed),
            with_tax=with_tax,
        ),
        credited=calculate_credited(load_customer_notes(customer.id), creditable, with_tax=with_tax) if creditable else {},
        as_of=catalogue.as_of,
    )


def plan_named(
    given: BillingInput, days: Sequence[date], *, invoice_id: str, source: InvoiceSource, period: Period | None = None
) -> InvoicePlan:
    """The plan of an invoice, its late lines naming the invoices of their days by number too (read only where there are any)."""
    plan = plan_invoice(given, days, invoice_id=invoice_id, source=source, period=period)
    if plan.invoice is None:
        return plan
    invoice = with_template_version(plan.invoice)
    originals = {line.original_invoice_id for line in invoice.lines if line.original_invoice_id}
    if not originals:
        return replace(plan, invoice=invoice)
    numbers = find_numbers(sorted(originals))
    lines = tuple(replace(line, original_invoice_number=numbers.get(line.original_invoice_id or "")) for line in invoice.lines)
    return replace(plan, invoice=replace(invoice, lines=lines))


def _load_charging(customer_id: str, charged: Mapping[ChargeKey, date], billed: DayLedger) -> Mapping[ChargeKey, Invoice]:
    """The invoices of the days of charges; those billed only now have none yet, and cost what the plan says."""
    ids = {key: billed.invoice_id(customer_id, day) for key, day in charged.items()}
    found = load_invoices(sorted({one for one in ids.values() if one}))
    return {key: found[one] for key, one in ids.items() if one in found}


def _load_billed(account: Account, rollups: Sequence[RollUp], first: date) -> DayLedger:
    """Claims back to the oldest day that a plan asks about.

    Late calls name the invoice of their day, credits what was charged.
    """
    late = [day for rollup in rollups for day in set(rollup.usage.days) if day < rollup.billing_day]
    if not late and all(one.end_date is None for one in account.assignments):
        return DayLedger()
    ended = [one.start_date for one in account.assignments if one.end_date is not None]
    return ledger.load_ledger(account.customer.id, min([first, *late, *ended]))
