"""One customer's days become one invoice plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customer import Frequency, LineGrouping
from chalicelib.domain.generation import (
    BillingInput,
    InvoicePlan,
    creditable_charges_of,
    plan_invoice,
    usage_intervals_of,
)
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceSource, InvoiceStatus, LineKind, PrintedPeriod
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.periods import ONE_DAY, Period
from chalicelib.domain.tax import TaxRounding
from chalicelib.domain.usage import RollUp
from chalicelib.domain.usage_lines import calculate_usage_net
from tests.support.builders import NOVEMBER, a_customer, a_package, a_rollup, a_usage_row, an_assignment, november, settings, tax

AS_OF = datetime(2026, 12, 1, 3, tzinfo=UTC)


def billing_input(**fields: Any) -> BillingInput:
    """A customer with the default package on from 1 November, and no usage."""
    base = BillingInput(
        customer=a_customer(), settings=settings(), packages={"line": a_package()}, assignments=(an_assignment(),), as_of=AS_OF
    )
    return replace(base, **fields)


def plan_of(given_input: BillingInput, days: tuple[date, ...] = NOVEMBER.days(), **fields: Any) -> InvoicePlan:
    """The plan over these days as a run would make it."""
    return plan_invoice(given_input, days, **{"invoice_id": "acme.20261101.R", "source": InvoiceSource.SCHEDULE, **fields})


def invoice_of(plan: InvoicePlan) -> Invoice:
    """The plan's invoice, which must be there."""
    assert plan.invoice is not None
    return plan.invoice


def test_lines_come_in_the_order_of_the_rules() -> None:
    """Recurring charges, setup, usage, late usage, minimum-spend top-up, credits; ids count through."""
    packages = {
        "line": a_package(setup_price=Decimal(25)),
        "least": a_package(id="least", minimum_spend=True, unit_price=Decimal(50)),
        "ending": a_package(id="ending", prorate=True),
    }
    assignments = (
        an_assignment(),
        an_assignment(id="as2", package_id="least"),
        an_assignment(id="as0", package_id="ending", end=november(10)),
    )
    given_input = billing_input(
        packages=packages,
        assignments=assignments,
        rollups=(a_rollup(a_usage_row(), a_usage_row(date(2026, 10, 31)), billing_day=november(5)),),
        interval_usage={NOVEMBER: Decimal(1)},
        billed=DayLedger({date(2026, 10, 31): "20261001#R"}),
    )
    invoice = invoice_of(plan_of(given_input))
    assert [(line.id, line.kind, line.assignment_id) for line in invoice.lines] == [
        ("1", LineKind.PACKAGE, "as0"),
        ("2", LineKind.PACKAGE, "as1"),
        ("3", LineKind.SETUP, "as1"),
        ("4", LineKind.USAGE, None),
        ("5", LineKind.LATE_USAGE, None),
        ("6", LineKind.MINIMUM_SPEND, "as2"),
        ("7", LineKind.CREDIT, "as0"),
    ]
    assert invoice.lines[4].original_invoice_id == "acme.20261001.R"
    nets = [str(line.net) for line in invoice.lines]
    assert nets == ["10.00", "10.00", "25.00", "1.00", "1.00", "49.00", "-6.67"]
    assert (invoice.subtotal, invoice.tax_total, invoice.total) == (Decimal("89.33"), Decimal("17.87"), Decimal("107.20"))


def test_draft_carries_everything_that_is_printed() -> None:
    """Snapshots of customer and operator, dates, policy, grouping, template and the claimed days."""
    given_input = billing_input(
        customer=a_customer(
            tax_id="GB123", external_id="X1", template_id="blue", line_grouping=LineGrouping.DAY, invoice_due_days=7
        ),
        settings=settings(invoice_notes="Thank you", footer="HRB 1", tax_rounding=TaxRounding.PER_LINE),
    )
    invoice = invoice_of(plan_of(given_input, period=NOVEMBER))
    assert (invoice.id, invoice.status, invoice.kind) == ("acme.20261101.R", InvoiceStatus.DRAFT, InvoiceKind.INVOICE)
    assert (invoice.number, invoice.source, invoice.created_at) == (None, InvoiceSource.SCHEDULE, AS_OF)
    assert (invoice.customer.tax_id, invoice.customer.external_id, invoice.operator.footer) == ("GB123", "X1", "HRB 1")
    assert (invoice.notes, invoice.template, invoice.tax_rounding) == ("Thank you", "blue", TaxRounding.PER_LINE)
    assert (invoice.line_grouping, invoice.days) == (LineGrouping.DAY, NOVEMBER.days())
    assert invoice.period == PrintedPeriod(start_date=november(1), end_date=november(30))
    assert (invoice.invoice_date, invoice.due_date) == (date(2026, 12, 1), date(2026, 12, 8))


def test_invoice_date_is_the_customers_local_date_at_as_of() -> None:
    """At 03:00 UTC on 1 December it is still November in New York."""
    assert invoice_of(plan_of(billing_input(customer=a_customer(timezone="America/New_York")))).invoice_date == november(30)


def test_package_tax_wins_over_the_customers() -> None:
    """Lines of a package with a tax of its own carry it, usage carries the customer's."""
    given_input = billing_input(packages={"line": a_package(tax=tax(6))}, rollups=(a_rollup(),))
    assert [line.tax for line in invoice_of(plan_of(given_input)).lines] == [tax(6), tax(20)]


def test_only_the_days_given_are_billed() -> None:
    """Hand-picked days bill their own usage and charges; the printed period spans from first to last."""
    rollups = tuple(a_rollup(a_usage_row(november(day))) for day in (2, 3, 9))
    plan = plan_of(billing_input(rollups=rollups), (november(9), november(2), november(9)))
    invoice = invoice_of(plan)
    assert plan.days == invoice.days == (november(2), november(9))
    assert [line.net for line in invoice.lines] == [Decimal("2.00")]
    assert invoice.period == PrintedPeriod(start_date=november(2), end_date=november(9))


def test_charges_between_the_days_given_stay_unbilled() -> None:
    """A daily package is charged on the picked days only, not on those between them."""
    given_input = billing_input(packages={"line": a_package(frequency=Frequency.DAILY)})
    invoice = invoice_of(plan_of(given_input, (november(2), november(9))))
    assert [line.start_date for line in invoice.lines] == [november(2), november(9)]


def test_grouping_is_the_customers_else_the_operators() -> None:
    """The operator's choice holds until the customer has one of its own."""
    given_input = billing_input(
        settings=settings(line_grouping=LineGrouping.NONE), rollups=(a_rollup(a_usage_row()),), assignments=()
    )
    own = replace(given_input, customer=a_customer(line_grouping=LineGrouping.DAY))
    described = [invoice_of(plan_of(one)).lines[0].description for one in (given_input, own)]
    assert described == ["Calls", "2026-11-05"]


@pytest.mark.parametrize(
    "price, wanted, reason", [("0", False, "zero_total"), ("0", True, None), (None, False, "nothing_to_bill"), (None, True, None)]
)
def test_zero_invoices_are_skipped_unless_wanted(price: str | None, wanted: bool, reason: str | None) -> None:
    """The days are claimed in any case, and the plan says why there is no invoice."""
    assignments = () if price is None else (an_assignment(unit_price=Decimal(price)),)
    plan = plan_of(billing_input(assignments=assignments, settings=settings(issue_zero_invoices=wanted)))
    assert (plan.skipped_reason, plan.days) == (reason, NOVEMBER.days())
    assert (plan.invoice is None) is (reason is not None)


def test_no_days_make_no_plan() -> None:
    """When every day of a period is claimed already there is nothing to bill and nothing to claim."""
    assert plan_of(billing_input(), ()) == InvoicePlan(invoice=None, days=(), skipped_reason="nothing_to_bill")


@pytest.mark.parametrize("inclusive", [False, True])
def test_negative_total_is_made_as_a_credit_note_with_positive_amounts(inclusive: bool) -> None:
    """Ending on the 10th, credited on the 17th after November was billed: 6.67 less 1.00 of usage come back."""
    given_input = billing_input(
        packages={"line": a_package(prorate=True)},
        assignments=(an_assignment(end=november(10), settlement_day=november(17)),),
        settings=settings(prices_include_tax=inclusive),
        rollups=(a_rollup(a_usage_row(november(17))),),
    )
    note = invoice_of(plan_of(given_input, (november(17),)))
    assert note.kind is InvoiceKind.CREDIT_NOTE
    assert note.total == (Decimal("5.67") if inclusive else Decimal("6.80"))
    assert [(line.kind, line.quantity) for line in note.lines] == [(LineKind.USAGE, Decimal(-1)), (LineKind.CREDIT, Decimal(1))]
    assert note.subtotal == sum(line.net for line in note.lines) > 0


@pytest.mark.parametrize("start, billed, credits_due", [(1, (), 1), (5, (), 0), (5, (1,), 1)])
def test_only_what_was_charged_is_credited(start: int, billed: tuple[int, ...], credits_due: int) -> None:
    """A charge before billing start was made only if its day was billed by hand."""
    given_input = billing_input(
        customer=a_customer(billing_start=november(start)),
        packages={"line": a_package(prorate=True)},
        assignments=(an_assignment(end=november(10)),),
        rollups=(a_rollup(a_usage_row(charge="100")),),
        billed=DayLedger({november(day): "x" for day in billed}),
    )
    lines = invoice_of(plan_of(given_input, NOVEMBER.days()[4:])).lines
    assert [line.kind for line in lines].count(LineKind.CREDIT) == credits_due


def test_credit_notes_lower_the_credit_of_their_assignment_only() -> None:
    """What was taken back from as1 does not touch the credit of as2."""
    assignments = tuple(an_assignment(id=name, end=november(10)) for name in ("as1", "as2"))
    packages = {"line": a_package(prorate=True)}
    assert creditable_charges_of(assignments, packages, NOVEMBER.days()) == {
        ("as1", november(1)): november(1),
        ("as2", november(1)): november(1),
    }
    given_input = billing_input(assignments=assignments, packages=packages, credited={("as1", november(1)): Decimal(9)})
    credited = [line.net for line in invoice_of(plan_of(given_input)).lines if line.kind is LineKind.CREDIT]
    assert credited == [Decimal("-1.00"), Decimal("-6.67")]


def test_inclusive_prices_keep_the_gross_of_usage_and_packages() -> None:
    """With gross prices the total is what was priced: 10.00 and three times 0.004 of usage."""
    rows = [a_usage_row(november(5), name, "0.004") for name in ("France", "Japan", "UK Mobile")]
    given_input = billing_input(settings=settings(prices_include_tax=True), rollups=(a_rollup(*rows),))
    invoice = invoice_of(plan_of(given_input))
    assert (invoice.total, invoice.subtotal + invoice.tax_total) == (Decimal("10.01"), Decimal("10.01"))


ROLLUPS = st.lists(
    st.builds(
        lambda billing, delay, charges: a_rollup(
            *(a_usage_row(billing - timedelta(days=delay), f"Place {n}", charge) for n, charge in enumerate(charges)),
            billing_day=billing,
        ),
        st.integers(1, 30).map(november),
        st.sampled_from([0, 0, 0, 1, 12]),
        st.lists(st.decimals(min_value=0, max_value=30, places=4), min_size=1, max_size=4),
    ),
    max_size=8,
).map(tuple)


@given(ROLLUPS, st.permutations(["as1", "as2", "as3"]))
def test_plan_is_the_same_for_the_same_input_in_any_order(rollups: tuple[RollUp, ...], names: list[str]) -> None:
    """Neither the order in which batches nor in which assignments were read shows; planning twice gives equal plans."""
    assignments = tuple(an_assignment(id=name) for name in names)
    given_input = billing_input(rollups=rollups, assignments=assignments)
    backwards = replace(given_input, rollups=rollups[::-1], assignments=assignments[::-1])
    assert plan_of(given_input) == plan_of(given_input) == plan_of(backwards, NOVEMBER.days()[::-1])


@given(ROLLUPS, st.sets(st.integers(2, 30), max_size=5))
def test_however_november_is_split_all_is_billed_once(rollups: tuple[RollUp, ...], cuts: set[int]) -> None:
    """Usage, charges and minimum spend of the parts differ from the whole by rounding of the parts alone."""
    packages = {
        "line": a_package(setup_price=Decimal(3)),
        "least": a_package(id="least", minimum_spend=True, unit_price=Decimal(90)),
    }
    assignments = (an_assignment(), an_assignment(id="as2", package_id="least"))
    intervals = usage_intervals_of(assignments, packages, NOVEMBER.days())
    given_input = billing_input(
        packages=packages,
        assignments=assignments,
        rollups=rollups,
        interval_usage=calculate_usage_net(rollups, intervals),
        settings=settings(issue_zero_invoices=True),
    )
    edges = [NOVEMBER.start, *(november(cut) for cut in sorted(cuts)), NOVEMBER.end]
    parts = [invoice_of(plan_of(given_input, Period(start, end).days())) for start, end in pairwise(edges)]
    whole = invoice_of(plan_of(given_input))
    exact = [sum(line.unit_price * line.quantity for part in plans for line in part.lines) for plans in (parts, [whole])]
    assert exact[0] == exact[1]
    assert abs(sum(part.subtotal for part in parts) - whole.subtotal) <= Decimal("0.005") * (len(parts) + 1)
    assert tuple(day for part in parts for day in part.days) == whole.days


@given(ROLLUPS, st.sampled_from(LineGrouping), st.booleans())
def test_grouping_of_the_customer_never_changes_a_total(
    rollups: tuple[RollUp, ...], grouping: LineGrouping, inclusive: bool
) -> None:
    """An invoice comes to the same whichever grouping the customer prefers."""
    choices = settings(prices_include_tax=inclusive)
    plain = invoice_of(plan_of(billing_input(rollups=rollups, settings=choices)))
    other = invoice_of(plan_of(billing_input(rollups=rollups, settings=choices, customer=a_customer(line_grouping=grouping))))
    assert (other.taxes, other.total) == (plain.taxes, plain.total)


def test_one_hundred_calls_of_a_fraction_of_a_cent_come_to_their_sum() -> None:
    """100 calls charged 0.0008 each are 0.08, whatever the days and destinations."""
    rollups = tuple(a_rollup(a_usage_row(NOVEMBER.start + n * ONE_DAY, f"Place {n % 7}", "0.0040")) for n in range(20))
    assert invoice_of(plan_of(billing_input(assignments=(), rollups=rollups))).subtotal == Decimal("0.08")
