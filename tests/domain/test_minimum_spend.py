"""Minimum spend: what usage leaves of the price, whichever invoices billed the usage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.charges import Charge, ChargeFacts, plan_charges, usage_intervals_needed
from chalicelib.domain.invoice import LineKind
from chalicelib.domain.money import quantise
from chalicelib.domain.packages import Assignment
from chalicelib.domain.periods import Period
from tests.support.builders import NOVEMBER, a_package, an_assignment, november

PACKAGE = a_package(minimum_spend=True, unit_price=Decimal("100.00"))
PRORATED = replace(PACKAGE, prorate=True)


def facts(**usage: str) -> ChargeFacts:
    """Usage by interval, named `d1_10` for 1 to 10 November."""
    intervals = {}
    for name, net in usage.items():
        first, last = (int(part) for part in name[1:].split("_"))
        intervals[Period(november(first), november(last) + timedelta(days=1))] = Decimal(net)
    return ChargeFacts(currency="EUR", usage_net=intervals)


def top_up(usage: str) -> list[Charge]:
    """The minimum-spend charges of November after so much usage."""
    return plan_charges(an_assignment(), PACKAGE, NOVEMBER, facts(d1_30=usage))


@pytest.mark.parametrize(
    "usage, expected", [("0", "100.00"), ("40.25", "59.75"), ("99.994", "0.01"), ("99.995", None), ("120", None)]
)
def test_top_up_is_what_is_missing_to_the_price(usage: str, expected: str | None) -> None:
    """Charge = max(0, price − usage), usage rounded as on its lines; reached, there is no line."""
    assert [str(charge.unit_price) for charge in top_up(usage)] == ([expected] if expected else [])


def test_top_up_falls_on_the_last_day_even_when_the_package_is_in_advance() -> None:
    """Usage is not known before the interval is over."""
    [charge] = top_up("0")
    assert (charge.kind, charge.day, charge.description) == (
        LineKind.MINIMUM_SPEND,
        november(30),
        "Minimum spend: Line rental",
    )
    assert (charge.start_date, charge.end_date) == (november(1), november(30))


def test_usage_of_the_interval_is_asked_for_when_its_last_day_is_billed() -> None:
    """The days before need no usage at all, the last day needs the whole interval's."""
    assert usage_intervals_needed(an_assignment(), PACKAGE, Period(november(1), november(30))) == ()
    assert usage_intervals_needed(an_assignment(), PACKAGE, Period(november(30), date(2026, 12, 1))) == (NOVEMBER,)
    assert usage_intervals_needed(an_assignment(), a_package(), NOVEMBER) == ()


def test_missing_usage_is_a_bug_and_raises() -> None:
    """A top-up without its usage would charge too much in silence."""
    with pytest.raises(KeyError):
        plan_charges(an_assignment(), PACKAGE, NOVEMBER, ChargeFacts(currency="EUR"))


def test_last_partial_interval_is_compared_with_its_own_usage() -> None:
    """With proration, 10 of 30 days cost 33.33 less what was used in them, on the end date."""
    assignment = an_assignment(end=november(10))
    assert usage_intervals_needed(assignment, PRORATED, NOVEMBER) == (Period(november(1), november(11)),)
    [charge] = plan_charges(assignment, PRORATED, NOVEMBER, facts(d1_10="3.33"))
    assert (charge.day, charge.unit_price) == (november(10), Decimal("30.00"))


def test_end_entered_after_the_top_up_gives_back_what_it_lowers() -> None:
    """November was topped up in full on the 30th; the end on the 10th, settled on 3 December, owes 33.33 less usage."""
    assignment = an_assignment(end=november(10), settlement_day=date(2026, 12, 3))
    window = Period(date(2026, 12, 1), date(2026, 12, 10))
    assert usage_intervals_needed(assignment, PRORATED, window) == (Period(november(1), november(11)), NOVEMBER)
    [credit] = plan_charges(assignment, PRORATED, window, facts(d1_10="10", d1_30="10"))
    assert (credit.kind, credit.day, credit.unit_price) == (LineKind.CREDIT, date(2026, 12, 3), Decimal("66.67"))


@given(
    st.decimals(min_value=0, max_value=200, places=4),
    st.sets(st.integers(2, 30), max_size=5),
    st.sampled_from([an_assignment(), an_assignment(end=november(20)), an_assignment(november(7))]),
)
def test_top_up_does_not_depend_on_how_days_were_billed(usage: Decimal, cuts: set[int], assignment: Assignment) -> None:
    """Billed day by day or at once, there is one top-up, and with the usage it comes to the price or to the usage."""
    edges = [november(1), *(november(cut) for cut in sorted(cuts)), date(2026, 12, 7)]
    windows = [Period(start, end) for start, end in pairwise(edges)]
    known = ChargeFacts(currency="EUR", usage_net=dict.fromkeys(usage_intervals_needed(assignment, PACKAGE, NOVEMBER), usage))
    known = replace(known, usage_net={**known.usage_net, Period(november(7), date(2026, 12, 7)): usage})
    charges = [charge for window in windows for charge in plan_charges(assignment, PACKAGE, window, known)]
    assert quantise(usage, "EUR") + sum(charge.unit_price for charge in charges) == max(Decimal("100.00"), quantise(usage, "EUR"))
