"""What assignments owe on which date: match days, timing, setup, proration, credits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.billed_charges import BilledCharge
from chalicelib.domain.charges import Charge, ChargeFacts, creditable_instalments, plan_charges, usage_intervals_needed
from chalicelib.domain.customer import Frequency
from chalicelib.domain.instalments import Instalment
from chalicelib.domain.intervals import intervals_from
from chalicelib.domain.invoice import LineKind
from chalicelib.domain.money import quantise
from chalicelib.domain.packages import Assignment, ChargeTiming, Package
from chalicelib.domain.periods import ONE_DAY, Period
from tests.support.builders import a_package, an_assignment, tax

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
EUR = ChargeFacts(currency="EUR")
ARREARS = ChargeTiming.ARREARS


def d(month: int, day: int) -> date:
    """A day of 2026."""
    return date(2026, month, day)


def planned(assignment: Assignment, window: Period = YEAR, facts: ChargeFacts = EUR, **package: Any) -> list[Charge]:
    """The charges of an assignment of a package with these fields."""
    return plan_charges(assignment, a_package(**package), window, facts)


def days_of(charges: list[Charge], kind: LineKind = LineKind.PACKAGE) -> list[date]:
    """On which days the charges of a kind fall."""
    return [charge.day for charge in charges if charge.kind is kind]


def amount(charge: Charge) -> Decimal:
    """What the charge comes to on its line."""
    return quantise(charge.quantity * charge.unit_price, "EUR")


def test_anniversary_of_the_31st_clamps_and_is_remembered() -> None:
    """31 January, 28 February, 31 March: always start + n months."""
    charges = planned(an_assignment(d(1, 31), d(5, 1)))
    assert days_of(charges) == [d(1, 31), d(2, 28), d(3, 31), d(4, 30)]


def test_charge_in_advance_covers_the_interval_that_begins() -> None:
    """The charge of 1 November covers November and shows price and quantity as agreed."""
    [charge] = planned(an_assignment(quantity=Decimal(3), unit_price=Decimal("9.99")), Period(d(11, 1), d(12, 1)))
    assert (charge.start_date, charge.end_date) == (d(11, 1), d(11, 30))
    assert (charge.quantity, charge.unit_price, charge.description) == (Decimal(3), Decimal("9.99"), "Line rental")


def test_charge_in_arrears_falls_on_the_last_day_of_its_interval() -> None:
    """November's is on November's invoice."""
    first = planned(an_assignment(d(11, 1)), charge=ARREARS)[0]
    assert (first.day, first.start_date, first.end_date) == (d(11, 30), d(11, 1), d(11, 30))


def test_several_match_days_charge_each() -> None:
    """The 1st and the 15th are two full charges a month."""
    charges = planned(an_assignment(d(11, 1)), Period(d(11, 1), d(12, 1)), match_days=(15, 1))
    assert days_of(charges) == [d(11, 1), d(11, 15)]
    assert [one.end_date for one in charges] == [d(11, 14), d(11, 30)]


def test_match_days_that_clamp_to_one_date_charge_once() -> None:
    """The 30th and the 31st are one match day in November and two in December."""
    assignment = an_assignment(d(11, 1))
    assert days_of(planned(assignment, match_days=(30, 31))) == [d(11, 30), d(12, 30), d(12, 31)]


def test_weekly_packages_charge_on_their_weekdays() -> None:
    """Monday and Thursday, or the weekday of the start."""
    window = Period(d(11, 2), d(11, 16))
    weekly = Frequency.WEEKLY
    assert days_of(planned(an_assignment(d(11, 1)), window, frequency=weekly, match_days=(1, 4))) == [
        d(11, 2),
        d(11, 5),
        d(11, 9),
        d(11, 12),
    ]
    assert days_of(planned(an_assignment(d(11, 1)), window, frequency=weekly)) == [d(11, 8), d(11, 15)]


def test_daily_packages_charge_every_day_from_start_to_end() -> None:
    """Both the first and the last day of use are charged."""
    charges = planned(an_assignment(d(11, 3), d(11, 5)), frequency=Frequency.DAILY)
    assert days_of(charges) == [d(11, 3), d(11, 4), d(11, 5)]


def test_one_off_item_is_charged_once_on_its_start() -> None:
    """With its setup price, whatever the match days, and never again."""
    assignment = an_assignment(d(11, 3), quantity=Decimal(2))
    fields: dict[str, Any] = {"frequency": Frequency.NONE, "setup_price": Decimal(5)}
    charges = planned(assignment, **fields)
    assert [(one.kind, one.day, one.quantity) for one in charges] == [
        (LineKind.SETUP, d(11, 3), Decimal(1)),
        (LineKind.PACKAGE, d(11, 3), Decimal(2)),
    ]
    assert planned(assignment, Period(d(11, 4), d(12, 1)), **fields) == []
    assert usage_intervals_needed(assignment, a_package(minimum_spend=True, **fields), YEAR) == ()
    assert creditable_instalments(assignment, a_package(**fields), YEAR) == ()


def test_setup_is_charged_once_on_the_first_charge_date() -> None:
    """Once per assignment, not per unit, on the first match day rather than the start."""
    assignment = an_assignment(d(11, 3), quantity=Decimal(4), setup_price=Decimal(25))
    charges = planned(assignment, Period(d(11, 1), date(2027, 2, 1)), match_days=(10,))
    [setup] = [one for one in charges if one.kind is LineKind.SETUP]
    assert (setup.day, setup.quantity, setup.unit_price) == (d(11, 10), Decimal(1), Decimal(25))
    assert setup.description == "Setup: Line rental"


def test_assignment_that_ends_before_its_first_match_day_owes_nothing() -> None:
    """No charge date, so no setup either."""
    assert planned(an_assignment(d(11, 3), d(11, 9)), match_days=(10,), setup_price=Decimal(25)) == []


def test_assignment_that_ends_before_it_starts_owes_nothing() -> None:
    """Such an assignment never was in use."""
    assert planned(an_assignment(d(11, 3), d(11, 2)), prorate=True, setup_price=Decimal(25)) == []


def test_without_proration_every_match_day_costs_the_full_price() -> None:
    """From start to end, both included, and an early end gives nothing back."""
    charges = planned(an_assignment(d(11, 3), d(12, 1)), match_days=(1,))
    assert [(one.day, amount(one)) for one in charges] == [(d(12, 1), Decimal("10.00"))]


def test_arrears_without_proration_charge_the_last_partial_interval_in_full_on_the_end_date() -> None:
    """The price is owed for every match day, also for the interval that was cut."""
    [charge] = planned(an_assignment(d(11, 1), d(11, 10)), charge=ARREARS)
    assert (charge.day, charge.end_date, amount(charge)) == (d(11, 10), d(11, 10), Decimal("10.00"))


def test_first_partial_interval_is_prorated_on_the_start_date() -> None:
    """From the 16th, November costs 15 / 30 of the price and says so."""
    charge = planned(an_assignment(d(11, 16)), match_days=(1,), prorate=True)[0]
    assert (charge.day, charge.end_date, amount(charge)) == (d(11, 16), d(11, 30), Decimal("5.00"))
    assert charge.description == "Line rental (15 of 30 days)"


def test_prorated_arrears_charge_both_partial_intervals_by_days() -> None:
    """From 16 November to 10 December: 15 / 30 on 30 November and 10 / 31 on 10 December."""
    charges = planned(an_assignment(d(11, 16), d(12, 10)), match_days=(1,), prorate=True, charge=ARREARS)
    assert [(one.day, amount(one)) for one in charges] == [(d(11, 30), Decimal("5.00")), (d(12, 10), Decimal("3.23"))]


def test_early_end_of_an_interval_charged_in_advance_gives_a_credit() -> None:
    """Ending on 10 November gives back 20 / 30 on that day, for the days from the 11th."""
    charge, credit = planned(an_assignment(d(11, 1), d(11, 10)), prorate=True)
    assert (charge.day, amount(charge)) == (d(11, 1), Decimal("10.00"))
    assert (credit.kind, credit.day, amount(credit)) == (LineKind.CREDIT, d(11, 10), Decimal("-6.67"))
    assert (credit.start_date, credit.end_date, credit.quantity) == (d(11, 11), d(11, 30), Decimal(-1))
    assert credit.description == "Credit for unused time: Line rental (20 of 30 days)"


def test_credit_falls_on_the_settlement_day() -> None:
    """An end entered after its day was billed is credited on the first day that was unbilled then, and only there."""
    assignment = an_assignment(d(11, 1), d(11, 10), settlement_day=d(11, 17))
    assert days_of(planned(assignment, prorate=True), LineKind.CREDIT) == [d(11, 17)]
    assert planned(assignment, Period(d(11, 10), d(11, 17)), prorate=True) == []


def test_charges_made_after_the_end_are_credited_in_full() -> None:
    """Weekly charges of the 15th and 22nd were billed before the end on the 10th was known: both come back, prorated or not."""
    assignment = an_assignment(d(11, 1), d(11, 10), settlement_day=d(11, 24))
    charges = planned(assignment, frequency=Frequency.WEEKLY)
    assert days_of(charges) == [d(11, 1), d(11, 8), d(11, 15), d(11, 22)]
    credited = [(one.start_date, amount(one)) for one in charges if one.kind is LineKind.CREDIT]
    assert credited == [(d(11, 15), Decimal("-10.00")), (d(11, 22), Decimal("-10.00"))]


def test_arrears_end_entered_late_is_charged_on_the_settlement_day() -> None:
    """The end date is billed already, so its charge moves with the settlement instead of being lost."""
    assignment = an_assignment(d(11, 1), d(11, 10), settlement_day=d(11, 17))
    [charge] = planned(assignment, charge=ARREARS, prorate=True)
    assert (charge.day, charge.end_date, amount(charge)) == (d(11, 17), d(11, 10), Decimal("3.33"))


def test_credit_note_lowers_the_cap_of_the_credit() -> None:
    """Of 10.00 charged 5.00 came back by credit note: of the unused 6.67 only 5.00 is left; never below nothing."""
    assignment = an_assignment(d(11, 1), d(11, 10))
    for given_back, expected in ((Decimal(2), ["-6.67"]), (Decimal(5), ["-5.00"]), (Decimal(10), []), (Decimal(12), [])):
        facts = replace(EUR, credited={d(11, 1): given_back})
        credited = [one for one in planned(assignment, facts=facts, prorate=True) if one.kind is LineKind.CREDIT]
        assert [str(amount(one)) for one in credited] == expected


@pytest.mark.parametrize(
    "billed, credited, expected",
    [("12.00", "0", ["-8.67"]), ("5.00", "0", ["-1.67"]), ("3.33", "0", []), ("0", "0", []), ("12.00", "11.00", ["-1.00"])],
)
def test_credit_starts_from_what_was_billed(billed: str, credited: str, expected: list[str]) -> None:
    """Ten days of November earned 3.33, whatever a clerk made of the line of 10.00; the credit is taxed as the line was."""
    charge = BilledCharge(Decimal(billed), tax(7))
    facts = replace(EUR, billed={d(11, 1): charge}, credited={d(11, 1): Decimal(credited)})
    charges = planned(an_assignment(d(11, 1), d(11, 10)), facts=facts, prorate=True)
    found = [one for one in charges if one.kind is LineKind.CREDIT]
    assert [str(amount(one)) for one in found] == expected
    assert all(one.tax == tax(7) for one in found)


def test_unprorated_charge_after_the_end_comes_back_as_it_was_billed() -> None:
    """December cost 10.00; ten units from January on do not make its credit ten times as much. November stays whole."""
    assignment = an_assignment(d(11, 1), d(11, 10), settlement_day=d(12, 31), quantity=Decimal(10))
    facts = replace(EUR, billed={day: BilledCharge(Decimal("10.00"), None) for day in (d(11, 1), d(12, 1))})
    charges = planned(assignment, Period(d(12, 31), d(12, 31) + ONE_DAY), facts=facts)
    assert [(one.kind, one.start_date, str(amount(one))) for one in charges] == [(LineKind.CREDIT, d(12, 1), "-10.00")]


def test_charge_that_was_never_billed_is_not_credited() -> None:
    """Days before the customer's billing start carry no charge, so nothing comes back for them."""
    facts = replace(EUR, is_charged=lambda day: day >= d(11, 5))
    charges = planned(an_assignment(d(11, 1), d(11, 10)), facts=facts, prorate=True)
    assert days_of(charges, LineKind.CREDIT) == []


def test_credited_intervals_are_named_for_their_credit_notes() -> None:
    """The window with the settlement day needs to know what became of the charge of 1 November; others need nothing."""
    assignment, package = an_assignment(d(11, 1), d(11, 10)), a_package(prorate=True)
    november = Period(d(11, 1), d(12, 1))
    assert creditable_instalments(assignment, package, YEAR) == (Instalment(d(11, 1), november, november),)
    assert creditable_instalments(assignment, package, Period(d(11, 1), d(11, 10))) == ()
    assert creditable_instalments(an_assignment(d(11, 1), d(11, 30)), package, YEAR) == ()


def test_assignment_overrides_win_over_the_package() -> None:
    """Price, setup price and description of the assignment are used; the tax is the package's."""
    assignment = an_assignment(unit_price=Decimal(0), setup_price=Decimal(0), description="Free line")
    [charge] = planned(assignment, Period(d(11, 1), d(12, 1)), setup_price=Decimal(5), description="Line", tax=tax(6))
    assert (charge.unit_price, charge.description, charge.tax) == (Decimal(0), "Free line", tax(6))


PACKAGES = st.builds(
    lambda frequency, days, timing, prorate, price: a_package(
        frequency=frequency,
        match_days=tuple(day for day in days if frequency is Frequency.MONTHLY or day <= 7) * (frequency is not Frequency.DAILY),
        charge=timing,
        prorate=prorate,
        unit_price=price,
        setup_price=Decimal(3),
    ),
    st.sampled_from([Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY]),
    st.sets(st.integers(1, 31), max_size=3),
    st.sampled_from(ChargeTiming),
    st.booleans(),
    st.decimals(min_value=0, max_value=1000, places=3),
)
STARTS = st.dates(d(1, 1), d(4, 30))


@st.composite
def assignments(draw: st.DrawFn) -> Assignment:
    """Open-ended ones, ones with an end, and ones whose end was entered late."""
    start = draw(STARTS)
    length, delay = draw(st.one_of(st.none(), st.integers(0, 90))), draw(st.integers(0, 20))
    if length is None:
        return an_assignment(start)
    end = start + timedelta(days=length)
    return an_assignment(start, end, settlement_day=end + timedelta(days=delay))


@given(PACKAGES, assignments(), st.sets(st.integers(1, 364), max_size=6))
def test_charges_are_the_same_however_the_year_is_split(package: Package, assignment: Assignment, cuts: set[int]) -> None:
    """Billed by day, by month or at once: every charge falls on one day and is planned with that day only."""
    edges = [YEAR.start, *(YEAR.start + timedelta(days=cut) for cut in sorted(cuts)), YEAR.end]
    parts = [charge for start, end in pairwise(edges) for charge in plan_charges(assignment, package, Period(start, end), EUR)]
    whole = plan_charges(assignment, package, YEAR, EUR)
    assert sorted(parts, key=repr) == sorted(whole, key=repr)


@given(PACKAGES, STARTS, st.integers(0, 120), st.integers(0, 40))
def test_charge_and_credit_make_the_price_of_what_was_used(package: Package, start: date, length: int, delay: int) -> None:
    """Whenever the end becomes known, the customer pays what somebody pays whose end was known from the start, in arrears."""
    package = replace(package, prorate=True)
    end = start + timedelta(days=length)
    known = planned_total(an_assignment(start, end), replace(package, charge=ARREARS))
    late = planned_total(an_assignment(start, end, settlement_day=end + timedelta(days=delay)), package)
    assert late == known


def planned_total(assignment: Assignment, package: Package) -> Decimal:
    """Σ of all charges and credits of the year, setup left out."""
    charges = plan_charges(assignment, package, YEAR, EUR)
    return sum((amount(one) for one in charges if one.kind is not LineKind.SETUP), Decimal(0))


@given(PACKAGES, STARTS, st.integers(0, 200))
def test_intervals_tile_the_calendar_and_begin_on_match_days(package: Package, start: date, offset: int) -> None:
    """The first interval holds the day asked for, and each begins where the one before ended."""
    day = start + timedelta(days=offset)
    intervals = intervals_from(package, start, day)
    first, second, third = next(intervals), next(intervals), next(intervals)
    assert first.start <= day < first.end == second.start < second.end == third.start


@given(STARTS, st.integers(2, 8), st.data())
def test_prorated_parts_of_an_interval_cover_each_day_once(start: date, parts: int, data: st.DataObject) -> None:
    """Assignments that follow one another through an interval share its days; rounding costs at most half a cent each."""
    package = a_package(match_days=(1,), prorate=True, charge=ARREARS, unit_price=Decimal("31.07"))
    interval = next(intervals_from(package, start, start))
    cuts = data.draw(st.sets(st.sampled_from(interval.days()[1:]), max_size=parts - 1))
    edges = [interval.start, *sorted(cuts), interval.end]
    charges = [
        plan_charges(an_assignment(one, until - timedelta(days=1)), package, YEAR, EUR)[0] for one, until in pairwise(edges)
    ]
    assert sum((one.end_date - one.start_date).days + 1 for one in charges) == len(interval.days())
    assert abs(sum(amount(one) for one in charges) - Decimal("31.07")) <= Decimal("0.005") * len(charges)
