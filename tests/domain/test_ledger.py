"""The day ledger, and starting and ending assignments against it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.assignments import check_start, end_assignment
from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ledger import DayLedger, billing_day_of, first_free_day, unclaimed
from chalicelib.domain.packages import ChargeTiming
from tests.support.builders import a_package, an_assignment, november

FIRST = date(2026, 11, 1)
NUMBERS = st.sets(st.integers(0, 40))


def ledger(*days: int) -> DayLedger:
    """A ledger in which these days of November are on one invoice."""
    return DayLedger({november(day): "20261101#R" for day in days})


@given(NUMBERS, st.integers(0, 40))
def test_late_usage_moves_to_the_first_unbilled_day(numbers: set[int], original: int) -> None:
    """Every day from the original to the one before the billing day is billed, the billing day itself is not."""
    billed = DayLedger({FIRST + timedelta(days=number): "x" for number in numbers})
    day = billing_day_of(FIRST + timedelta(days=original), billed)
    assert not billed.is_billed(day)
    assert all(number in numbers for number in range(original, (day - FIRST).days))
    assert first_free_day(billed, day) == day


@given(NUMBERS)
def test_unclaimed_days_keep_their_order(numbers: set[int]) -> None:
    """What is left are exactly the days that nobody claimed, in the order asked for."""
    billed = DayLedger({FIRST + timedelta(days=number): "x" for number in numbers})
    days = [FIRST + timedelta(days=number) for number in range(40, -1, -1)]
    assert unclaimed(days, billed) == tuple(day for day in days if not billed.is_billed(day))


def test_claimed_day_names_its_invoice() -> None:
    """The ledger keeps the key suffix and answers with the public id."""
    assert DayLedger({november(5): "20261105#A#01hx"}).invoice_id("acme", november(5)) == "acme.20261105.A.01hx"
    assert DayLedger().invoice_id("acme", november(5)) is None


def test_assignment_may_not_start_on_a_billed_day() -> None:
    """The refusal names the first free day."""
    package, billed = a_package(frequency=Frequency.NONE), ledger(1, 2, 3, 5)
    with pytest.raises(Invalid, match="2026-11-02 is billed already; the first free day is 2026-11-04") as refused:
        check_start(an_assignment(november(2)), package, billed)
    assert refused.value.code == "start_already_billed"
    assert refused.value.details == {"first_free_day": november(4)}
    check_start(an_assignment(november(4)), package, billed)


@pytest.mark.parametrize(
    "fields, start, lost, free",
    [
        ({"match_days": (10,)}, 5, 10, 11),
        ({"match_days": (1,), "charge": ChargeTiming.ARREARS}, 1, 30, None),
        ({"frequency": Frequency.WEEKLY, "match_days": ()}, 3, 10, 11),
    ],
)
def test_no_charge_falls_on_a_billed_day(fields: dict[str, Any], start: int, lost: int, free: int | None) -> None:
    """A start that is free itself, but whose charge would be on a day that was billed by hand, and so never billed."""
    package = a_package(**fields)
    first_free = november(free) if free else date(2026, 12, 1)
    with pytest.raises(Invalid, match=f"charge of {november(lost)}.*first free day is {first_free}"):
        check_start(an_assignment(november(start)), package, ledger(10, 30))
    check_start(an_assignment(first_free), package, ledger(10, 30))


def test_end_on_an_unbilled_day_is_settled_on_it() -> None:
    """The end date itself bills what the end brings."""
    assert end_assignment(an_assignment(), november(10), ledger(1, 2)).settlement_day == november(10)


def test_end_on_a_billed_day_is_settled_on_the_first_unbilled_day_after_it() -> None:
    """What ends in the past is put right on the next day that can be billed."""
    ended = end_assignment(an_assignment(), november(3), ledger(*range(1, 8)))
    assert (ended.end_date, ended.settlement_day) == (november(3), november(8))


def test_end_before_the_start_is_refused() -> None:
    """An assignment lasts at least a day."""
    with pytest.raises(Invalid):
        end_assignment(an_assignment(november(5)), november(4), DayLedger())


def test_end_can_be_moved_or_cleared_until_it_is_settled() -> None:
    """Before its settlement day is billed an end is only a plan."""
    ended = an_assignment(end=november(10), settlement_day=november(10))
    assert end_assignment(ended, november(12), ledger(9)).end_date == november(12)
    assert end_assignment(ended, None, ledger(9)) == an_assignment()


def test_settled_end_cannot_change() -> None:
    """Once the settlement day is billed, another end would need a billed day to change; the same end is no change."""
    ended = an_assignment(end=november(10), settlement_day=november(11))
    with pytest.raises(Conflict) as refused:
        end_assignment(ended, None, ledger(11, 12))
    assert refused.value.details == {"days": [november(11), november(12)]}
    assert end_assignment(ended, november(10), ledger(11)) == ended
