"""Generation: one customer's unbilled days become one invoice plan.

The same function serves schedule, button, API and preview: a plan is a value, equal for equal input. It claims, numbers, issues
and saves nothing, and the only "now" it knows is `as_of`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from chalicelib.domain.bare_line import BareLine
from chalicelib.domain.billed_charges import BilledCharge, ChargeKey
from chalicelib.domain.blank_invoice import blank_invoice
from chalicelib.domain.charges import Charge, ChargeFacts, creditable_instalments, plan_charges, usage_intervals_needed
from chalicelib.domain.customer import Customer
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceSource, LineKind, PrintedPeriod
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.periods import ONE_DAY, Period, local_date
from chalicelib.domain.totals import Totals, apply_totals, calculate_totals
from chalicelib.domain.usage import RollUp
from chalicelib.domain.usage_lines import UsageScope, build_usage_lines, usage_billed_on

NOTHING_TO_BILL: Final = "nothing_to_bill"
ZERO_TOTAL: Final = "zero_total"

_BEFORE_USAGE = (LineKind.PACKAGE, LineKind.SETUP)
_AFTER_USAGE = (LineKind.MINIMUM_SPEND, LineKind.CREDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingInput:
    """Everything a plan depends on.

    `rollups`: at least those whose billing day is planned. `interval_usage`: exact usage of each of `usage_intervals_of`.
    `billed`: the day ledger, with or without the own claim. `billed_charges`: what earlier invoices ask for charges of
    `creditable_charges_of`; `credited`: what credit notes took back of them.
    """

    customer: Customer
    settings: OperatorSettings
    packages: Mapping[str, Package] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    rollups: tuple[RollUp, ...] = ()
    interval_usage: Mapping[Period, Decimal] = field(default_factory=dict)
    billed: DayLedger = field(default_factory=DayLedger)
    billed_charges: Mapping[ChargeKey, BilledCharge] = field(default_factory=dict)
    credited: Mapping[ChargeKey, Decimal] = field(default_factory=dict)
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePlan:
    """A draft to be made over `days`, which are claimed in any case; without an invoice, `skipped_reason` says why."""

    invoice: Invoice | None
    days: tuple[date, ...]
    skipped_reason: str | None = None


def plan_invoice(
    given: BillingInput, days: Sequence[date], *, invoice_id: str, source: InvoiceSource, period: Period | None = None
) -> InvoicePlan:
    """Plan the draft invoice over some unbilled local days; `period` is what is printed (default: first to last day).

    A zero total is skipped unless the operator wants it; a negative one is made as a credit note with positive amounts.
    """
    claimed = tuple(sorted(set(days)))
    if not claimed:
        return InvoicePlan(invoice=None, days=(), skipped_reason=NOTHING_TO_BILL)
    totals = _calculate_totals(given, _plan_lines(given, frozenset(claimed)))
    if totals.total == 0 and not given.settings.issue_zero_invoices:
        return InvoicePlan(invoice=None, days=claimed, skipped_reason=ZERO_TOTAL if totals.lines else NOTHING_TO_BILL)
    printed = period or Period(claimed[0], claimed[-1] + ONE_DAY)
    invoice = _draft(given, totals, claimed, invoice_id=invoice_id, source=source, period=printed)
    return InvoicePlan(invoice=as_credit_note(invoice) if invoice.total < 0 else invoice, days=claimed)


def usage_intervals_of(assignments: Sequence[Assignment], packages: Mapping[str, Package], days: Sequence[date]) -> set[Period]:
    """The intervals for which `BillingInput.interval_usage` needs a value; empty without minimum-spend packages."""
    window = _window(days)
    return {one for each in assignments for one in usage_intervals_needed(each, packages[each.package_id], window)}


def creditable_charges_of(
    assignments: Sequence[Assignment], packages: Mapping[str, Package], days: Sequence[date]
) -> dict[ChargeKey, date]:
    """The charges that will be credited on the days, with the day of each."""
    window = _window(days)
    found = ((each.id, creditable_instalments(each, packages[each.package_id], window)) for each in assignments)
    return {(owner, one.served.start): one.day for owner, instalments in found for one in instalments}


def as_credit_note(invoice: Invoice) -> Invoice:
    """The same document seen from the other side: quantities change their sign, so a negative total becomes a positive credit."""
    lines = tuple(replace(line, quantity=-line.quantity) for line in invoice.lines)
    return apply_totals(replace(invoice, kind=InvoiceKind.CREDIT_NOTE, lines=lines))


def _window(days: Sequence[date]) -> Period:
    return Period(min(days), max(days) + ONE_DAY)


def _plan_lines(given: BillingInput, days: frozenset[date]) -> list[BareLine]:
    """Recurring charges, setup, usage, late usage, minimum-spend top-up, credits."""
    charges = _charges(given, days)
    lines = _charge_lines(charges, _BEFORE_USAGE, given, first_id=1)
    lines += build_usage_lines(usage_billed_on(given.rollups, days), _usage_scope(given, days), len(lines) + 1)
    return lines + _charge_lines(charges, _AFTER_USAGE, given, first_id=len(lines) + 1)


def _calculate_totals(given: BillingInput, lines: Sequence[BareLine]) -> Totals:
    settings = given.settings
    return calculate_totals(
        lines, currency=given.customer.currency, rounding=settings.tax_rounding, inclusive=settings.prices_include_tax
    )


def _usage_scope(given: BillingInput, days: frozenset[date]) -> UsageScope:
    customer = given.customer
    return UsageScope(
        days=days,
        grouping=customer.line_grouping or given.settings.line_grouping,
        tax=customer.tax,
        billed_on=lambda day: given.billed.invoice_id(customer.id, day),
    )


def _charges(given: BillingInput, days: frozenset[date]) -> list[Charge]:
    """The charges on these days, assignments in order of their start whatever order they were read in."""
    window = Period(min(days), max(days) + ONE_DAY)
    ordered = sorted(given.assignments, key=lambda one: (one.start_date, one.id))
    facts = {one.id: _facts(given, one, days) for one in ordered}
    planned = (plan_charges(one, given.packages[one.package_id], window, facts[one.id]) for one in ordered)
    return [charge for charges in planned for charge in charges if charge.day in days]


def _facts(given: BillingInput, assignment: Assignment, days: frozenset[date]) -> ChargeFacts:
    start = given.customer.billing_start or date.min
    return ChargeFacts(
        currency=given.customer.currency,
        usage_net=given.interval_usage,
        billed={first: one for (owner, first), one in given.billed_charges.items() if owner == assignment.id},
        credited={first: net for (owner, first), net in given.credited.items() if owner == assignment.id},
        is_charged=lambda day: day >= start or day in days or given.billed.is_billed(day),
    )


def _charge_lines(charges: list[Charge], kinds: Sequence[LineKind], given: BillingInput, *, first_id: int) -> list[BareLine]:
    ordered = [charge for kind in kinds for charge in charges if charge.kind is kind]
    return [_charge_line(str(number), charge, given) for number, charge in enumerate(ordered, first_id)]


def _charge_line(line_id: str, charge: Charge, given: BillingInput) -> BareLine:
    return BareLine(
        id=line_id,
        kind=charge.kind,
        package_id=charge.package_id,
        assignment_id=charge.assignment_id,
        description=charge.description,
        start_date=charge.start_date,
        end_date=charge.end_date,
        quantity=charge.quantity,
        unit_price=charge.unit_price,
        tax=charge.tax.named(given.customer.tax.name) if charge.tax else given.customer.tax,
    )


def _draft(
    given: BillingInput,
    totals: Totals,
    days: tuple[date, ...],
    *,
    invoice_id: str,
    source: InvoiceSource,
    period: Period,
) -> Invoice:
    customer, settings = given.customer, given.settings
    invoice_date = local_date(given.as_of, customer.timezone)
    return replace(
        blank_invoice(customer, settings, invoice_id=invoice_id, invoice_date=invoice_date, at=given.as_of),
        period=PrintedPeriod(start_date=period.start, end_date=period.last_day),
        lines=totals.lines,
        taxes=totals.taxes,
        subtotal=totals.subtotal,
        tax_total=totals.tax_total,
        total=totals.total,
        source=source,
        days=days,
    )
