"""The instalments of a recurring assignment: which interval is due on which day, and what its end leaves unused.

Dates only, no prices. Nothing is remembered between runs: until the settlement day an assignment is charged as if it went on
(that is what was billed, since every day before it was), and on the settlement day its end is put right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from chalicelib.domain.customer import Frequency
from chalicelib.domain.intervals import intervals_from
from chalicelib.domain.packages import Assignment, ChargeTiming, Package
from chalicelib.domain.periods import ONE_DAY, Period


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls on `day`: the `served` part of the `full` interval between two match days."""

    day: date
    full: Period
    served: Period

    @property
    def is_partial(self) -> bool:
        """True when only part of the interval is served."""
        return self.served != self.full


@dataclass(frozen=True, slots=True)
class Unused:
    """An instalment charged for more than was used; `earned` is the used part, None for nothing."""

    instalment: Instalment
    earned: Period | None


def is_in_arrears(package: Package) -> bool:
    """True when an interval is charged on its last day; always for a minimum spend, whose usage is not known before."""
    return package.minimum_spend or package.charge is ChargeTiming.ARREARS


def due_in(assignment: Assignment, package: Package, window: Period) -> list[Instalment]:
    """The instalments whose day lies in the window, oldest first.

    Their intervals overlap the window, also that of an instalment moved to the settlement day, which would have fallen later.
    """
    nearby = takewhile(lambda one: one.served.start < window.end, _instalments_from(assignment, package, window.start))
    ended = (_with_end(assignment, one) for one in nearby)
    return [one for one in ended if one is not None and window.start <= one.day < window.end]


def first_due(assignment: Assignment, package: Package) -> date | None:
    """The first charge date (a one-off's is its start); None when the assignment ends before anything is due."""
    if package.frequency is Frequency.NONE:
        return assignment.start_date
    instalment = _with_end(assignment, next(_instalments_from(assignment, package, assignment.start_date)))
    return None if instalment is None else instalment.day


def unused_of(assignment: Assignment, package: Package) -> list[Unused]:
    """The instalments that were charged in full although the assignment ended before their interval did."""
    end = assignment.end_date
    if end is None or end < assignment.start_date:
        return []
    settled = settlement_day(assignment)
    nearby = takewhile(lambda one: one.served.start <= settled, _instalments_from(assignment, package, end))
    charged = (one for one in nearby if _is_before_settlement(assignment, one.day))
    return [Unused(one, _until(one.served, end)) for one in charged if one.served.last_day > end]


def settlement_day(assignment: Assignment) -> date:
    """The day that bills what the end of the assignment brings; far away while it has no end."""
    return assignment.settlement_day or assignment.end_date or date.max


def _instalments_from(assignment: Assignment, package: Package, day: date) -> Iterator[Instalment]:
    """As if the assignment never ended. A first partial interval is charged only with proration."""
    start, in_arrears = assignment.start_date, is_in_arrears(package)
    intervals = ((full, max(full.start, start)) for full in intervals_from(package, start, max(start, day)))
    return (
        Instalment(full.last_day if in_arrears else first, full, Period(first, full.end))
        for full, first in intervals
        if package.prorate or first == full.start
    )


def _is_before_settlement(assignment: Assignment, day: date) -> bool:
    return assignment.end_date is None or day <= assignment.end_date or day < settlement_day(assignment)


def _with_end(assignment: Assignment, instalment: Instalment) -> Instalment | None:
    """The instalment as the end date leaves it: untouched, cut and moved to the settlement day, or gone."""
    if assignment.end_date is None or _is_before_settlement(assignment, instalment.day):
        return instalment
    served = _until(instalment.served, assignment.end_date)
    return None if served is None else replace(instalment, day=settlement_day(assignment), served=served)


def _until(served: Period, end_date: date) -> Period | None:
    end = min(served.end, end_date + ONE_DAY)
    return Period(served.start, end) if served.start < end else None
