"""Planning alone: `plan_invoice`, pure, from a month of roll-ups and a package to an invoice of 21 lines with its totals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

from bench.figures import Figure, Size
from bench.stopwatch import fastest
from bench.world import roll_ups
from chalicelib.domain.generation import BillingInput, InvoicePlan, plan_invoice
from chalicelib.domain.invoice import InvoiceSource
from chalicelib.domain.periods import Period
from tests.support.builders import a_customer, a_package, an_assignment, settings

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def run(size: Size) -> list[Figure]:
    """Customers planned per CPU second on one core."""
    inputs = [_given(seed) for seed in range(min(size.plans, 20))]
    days = OCTOBER.days()

    def plan() -> None:
        for number in range(size.plans):
            _plan(inputs[number % len(inputs)], days)

    planned = _plan(inputs[0], days).invoice
    assert planned is not None
    assert len(planned.lines) == 21  # noqa: PLR2004  # 20 destinations and a package
    rate = size.plans / fastest(plan, size.repeats)
    return [Figure(name="customers of 31 days × 20 destinations planned", value=rate, unit="per CPU s", at_least=1_000)]


def _plan(given: BillingInput, days: tuple[date, ...]) -> InvoicePlan:
    return plan_invoice(given, days, invoice_id="acme.20261001.R", source=InvoiceSource.SCHEDULE, period=OCTOBER)


def _given(seed: int) -> BillingInput:
    return BillingInput(
        customer=a_customer(billing_start=OCTOBER.start),
        settings=settings(),
        packages={"line": a_package()},
        assignments=(an_assignment(OCTOBER.start),),
        rollups=roll_ups(OCTOBER.start, 31, Random(seed)),
        as_of=datetime(2026, 11, 1, 6, tzinfo=UTC),
    )
