"""What a chunk of a run will do, decided once: claim free days, read what lies on them, plan the invoices.

The result is pinned before any number is taken, so it can never change. A customer that cannot be billed leaves the chunk with
its reason and gives its days back; it never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.errors import BillingError, Unavailable
from chalicelib.domain.generation import InvoicePlan, plan_invoice
from chalicelib.domain.invoice import Invoice, InvoiceSource
from chalicelib.domain.ledger import unclaimed
from chalicelib.domain.periods import Period, missing_periods
from chalicelib.services.billing_input import load_billing_input
from chalicelib.services.catalogue import Catalogue
from chalicelib.store import keys, ledger
from chalicelib.store.accounts import Account, get_account
from chalicelib.store.clock import Clock, build_clock
from chalicelib.store.ledger import LedgerMonth

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Days that are ours, under which suffix, and the period they are printed as."""

    customer_id: str
    suffix: str
    period: Period
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a customer was not billed."""

    customer_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """An invoice that another chunk has in hand."""

    customer_id: str
    suffix: str
    owner: str


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """Everything a chunk does. `skipped` are claims that stay billed without an invoice, `unbilled` those that are given back.

    Claims are given back only when the plan is pinned: until then another worker on the same chunk may count on them.
    """

    invoices: tuple[Invoice, ...] = ()
    skipped: tuple[Claimed, ...] = ()
    unbilled: tuple[Claimed, ...] = ()
    clocks: tuple[Clock, ...] = ()
    failures: tuple[Failure, ...] = ()
    foreign: tuple[Foreign, ...] = ()

    def __add__(self, other: ChunkPlan) -> ChunkPlan:
        """Both plans in one."""
        return ChunkPlan(
            self.invoices + other.invoices,
            self.skipped + other.skipped,
            self.unbilled + other.unbilled,
            self.clocks + other.clocks,
            self.failures + other.failures,
            self.foreign + other.foreign,
        )


def plan_customers(catalogue: Catalogue, customer_ids: Sequence[str], frequency: str, owner: str) -> ChunkPlan:
    """Claim and plan every closed period that the customers miss.

    `frequency` guards against schedules changed since they were listed.
    """
    plan = ChunkPlan()
    wanted: list[tuple[Account, list[Period]]] = []
    for customer_id in customer_ids:
        try:
            account = get_account(customer_id)
        except Unavailable:
            raise
        except BillingError as error:
            plan += ChunkPlan(failures=(Failure(customer_id, error.code, error.message),))
            continue
        periods = periods_to_bill(account, frequency, catalogue)
        if periods:
            wanted.append((account, periods))
    months = ledger.load_months(_months(wanted))
    for account, periods in wanted:
        own = {month: value for (customer, month), value in months.items() if customer == account.customer.id}
        plan += _plan_one(catalogue, account, periods, own, owner)
    return plan


def periods_to_bill(account: Account, frequency: str, catalogue: Catalogue) -> list[Period]:
    """The customer's closed periods that its clock says are missing; none when its schedule is not of this frequency."""
    customer, clock = account.customer, account.clock
    schedule = customer.schedule
    if clock is None or not clock.plan or schedule is None or customer.billing_start is None:
        return []
    if schedule.frequency.value != frequency:
        return []
    return missing_periods(
        schedule,
        start=customer.billing_start,
        billed_through=clock.billed_through,
        zone=customer.timezone,
        settling_hours=catalogue.settings.settling_hours,
        as_of=catalogue.as_of,
    )


def claim_periods(
    customer_id: str, periods: Sequence[Period], months: Mapping[str, LedgerMonth], owner: str
) -> tuple[list[Claimed], list[Foreign]]:
    """Claim the free days of each period for one invoice each; what another chunk has in hand is left to it."""
    claims, foreign = [], []
    free_of = ledger.to_day_ledger(months, but_of=owner)
    for period in periods:
        free = unclaimed(period.days(), free_of)
        if not free:
            continue
        suffix = ledger.next_suffix(free[0], months[keys.month_of(free[0])])
        claim = ledger.claim_days(customer_id, free, suffix, owner, months)
        if claim.foreign:
            foreign.append(Foreign(customer_id, suffix, claim.foreign))
        if claim.days:
            claims.append(Claimed(customer_id, suffix, period, claim.days))
    return claims, foreign


def plan_claims(catalogue: Catalogue, account: Account, claims: Sequence[Claimed], source: InvoiceSource) -> ChunkPlan:
    """Plan one invoice for each claim. Reads the roll-ups after the claims, when nothing more can enter the days."""
    given = load_billing_input(catalogue.settings, catalogue.packages, account, [claim.days for claim in claims], catalogue.as_of)
    plan = ChunkPlan()
    for claim in claims:
        name = keys.invoice_id(claim.customer_id, claim.suffix)
        planned = plan_invoice(given, claim.days, invoice_id=name, period=claim.period, source=source)
        plan += _outcome(planned, claim)
    return plan


def _plan_one(
    catalogue: Catalogue, account: Account, periods: list[Period], months: Mapping[str, LedgerMonth], owner: str
) -> ChunkPlan:
    customer_id = account.customer.id
    claims: list[Claimed] = []
    try:
        claims, foreign = claim_periods(customer_id, periods, months, owner)
        plan = plan_claims(catalogue, account, claims, InvoiceSource.SCHEDULE) if claims else ChunkPlan()
    except Unavailable:
        raise
    except BillingError as error:
        return ChunkPlan(unbilled=tuple(claims), failures=(Failure(customer_id, error.code, error.message),))
    except Exception:  # the edge at which one customer's bad data must not stop the others; the log keeps the trace
        log.exception("customer %s cannot be billed", customer_id)
        failure = Failure(customer_id, "internal_error", "The customer could not be billed; see the log.")
        return ChunkPlan(unbilled=tuple(claims), failures=(failure,))
    if foreign:
        return replace(plan, foreign=tuple(foreign))
    clock = build_clock(account.customer, periods[-1].last_day, catalogue.settings.settling_hours)
    return replace(plan, clocks=(clock,))


def _outcome(planned: InvoicePlan, claim: Claimed) -> ChunkPlan:
    if planned.invoice is None:
        return ChunkPlan(skipped=(claim,))
    return ChunkPlan(invoices=(planned.invoice,))


def _months(wanted: Sequence[tuple[Account, list[Period]]]) -> list[tuple[str, str]]:
    found = []
    for account, periods in wanted:
        months = {keys.month_of(day): None for period in periods for day in (period.start, period.last_day)}
        found += [(account.customer.id, month) for month in months]
    return found
