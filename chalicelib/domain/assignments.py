"""Starting and ending a package assignment when days are billed already.

Refuses what would need a billed day to change; it neither prices nor saves anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.instalments import due_in, first_due, settlement_day
from chalicelib.domain.ledger import DayLedger, billing_day_of, first_free_day
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.periods import ONE_DAY, Period


def check_start(assignment: Assignment, package: Package, ledger: DayLedger) -> None:
    """Refuse a start on a billed day, or one with a charge on a billed day, which would be lost.

    Raises Invalid `start_already_billed`, naming the first day on which it can start.
    """
    start = assignment.start_date
    free, lost = first_free_day(ledger, start), _lost_charge(assignment, package, ledger)
    while (next_lost := _lost_charge(replace(assignment, start_date=free), package, ledger)) is not None:
        free = first_free_day(ledger, next_lost)
    if free == start:
        return
    what = f"{start} is billed already" if ledger.is_billed(start) else f"Its charge of {lost} is on a day that is billed already"
    message = f"{what}; the first free day is {free}."
    issue = Issue("start_date", "start_already_billed", message)
    raise Invalid("start_already_billed", message, issues=(issue,), first_free_day=free)


def validate_span(start_date: date, end_date: date | None) -> list[Issue]:
    """The issue of an end before the start.

    >>> [issue.path for issue in validate_span(date(2026, 11, 2), date(2026, 11, 1))]
    ['end_date']
    """
    if end_date is None or start_date <= end_date:
        return []
    return [Issue("end_date", "invalid_value", f"The end lies before the start, {start_date}.")]


def end_assignment(assignment: Assignment, end_date: date | None, ledger: DayLedger) -> Assignment:
    """Set, move or clear (None) the last day of use; the end, or the first unbilled day after it, settles it.

    The caller saves it under the condition that the settlement day is still unbilled. Invalid for an end before the start;
    Conflict `day_already_billed` once a day on or after the present settlement day is billed, since what it carried cannot be
    taken back.
    """
    if issues := validate_span(assignment.start_date, end_date):
        raise Invalid.of(*issues)
    if end_date == assignment.end_date:
        return assignment
    billed = sorted(day for day in ledger.claims if day >= settlement_day(assignment))
    if billed:
        raise Conflict("day_already_billed", f"The present end is settled: {billed[0]} is billed already.", days=billed)
    settled = None if end_date is None else billing_day_of(end_date, ledger)
    return replace(assignment, end_date=end_date, settlement_day=settled)


def check_uncharged(assignment: Assignment, package: Package, ledger: DayLedger) -> None:
    """Refuse to take back or re-price what was charged (Conflict `day_already_billed`).

    A day counts as charged when it is billed and lies on or after the first charge date.
    """
    due = first_due(assignment, package)
    billed = min((day for day in ledger.claims if due is not None and day >= due), default=None)
    if billed is not None:
        message = f"It was charged already ({billed} is billed); set an end date, and assign anew what is to follow."
        raise Conflict("day_already_billed", message, days=[billed])


def needs_uncharged(changed: Collection[str], package: Package) -> bool:
    """Whether these fields change only while nothing was charged: the start; the price, where unused parts are credited."""
    return "start_date" in changed or (package.prorate and bool({"quantity", "unit_price"} & set(changed)))


def _lost_charge(assignment: Assignment, package: Package, ledger: DayLedger) -> date | None:
    """The first recurring charge that falls on a billed day."""
    if package.frequency is Frequency.NONE or not ledger.claims:
        return None
    window = Period(assignment.start_date, max(ledger.claims) + ONE_DAY)
    return next((one.day for one in due_in(assignment, package, window) if ledger.is_billed(one.day)), None)
