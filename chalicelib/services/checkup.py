"""The daily reconciliation of all books, in steps: some blocks of numbers, or a page of customers. Repairs nothing.

Each step is noted before the next, so it may be cut off, repeated and driven twice at once; a finding counts when it is there
twice in a row, so that work under way is none. The result is kept until the next day's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.services.reconcile import Reconciliation, reconcile_customers
from chalicelib.services.reconcile_findings import Finding
from chalicelib.services.reconcile_numbers import Place, check_part, find_first_place
from chalicelib.store.checkups import Checkup, CheckupPlace, KeptFinding, find_checkup, save_checkup
from chalicelib.store.queue import send_messages
from chalicelib.store.settings import get_settings

MESSAGE = "reconcile_books"
PAGE = 100
"""Customers of one step."""
DURATION = timedelta(minutes=2)
"""After this a message brings the rest about: functions are stopped."""
KEPT, DETAIL = 500, 300
"""Findings that are kept, and characters of each one's detail: they lie in one item."""


def start_checkup(deps: Deps, as_of: datetime) -> None:
    """Begin the reconciliation of the day, and go on with it; one that is not finished is gone on with instead."""
    last = find_checkup()
    if last is None or (last.place is None and last.day < as_of.date()):
        version = last.version if last else 0
        save_checkup(Checkup(day=as_of.date(), started_at=deps.clock(), place=_first(), version=version), deps.clock())
    go_on(deps)


def go_on(deps: Deps, _message: dict[str, Any] | None = None) -> None:
    """Take steps until all is done, somebody else is faster, or the time is over."""
    begun = deps.clock()
    checkup = find_checkup()
    while checkup is not None and checkup.place is not None:
        if deps.clock() - begun > DURATION:
            ask_to_go_on()
            return
        checkup = _step(deps, checkup, checkup.place)


def find_last() -> Checkup | None:
    """The last daily reconciliation, finished or not; None before the first."""
    return find_checkup()


def ask_to_go_on() -> None:
    """Send the message that brings the rest about; sending it twice is harmless."""
    send_messages([{"type": MESSAGE}])


def _first() -> CheckupPlace:
    place = find_first_place()
    return CheckupPlace() if place is None else _kept(place)


def _kept(place: Place) -> CheckupPlace:
    return CheckupPlace(counter=place.counter, last=place.last, last_date=place.last_date)


def _step(deps: Deps, checkup: Checkup, place: CheckupPlace) -> Checkup | None:
    """One step, counted for the alarm before it is noted: better twice than never."""
    findings, checked, following = _look_twice(deps, place)
    if findings:
        count(deps, "BooksDiffer", findings=len(findings))
    kept = [KeptFinding(code=one.code, where=one.where, detail=one.detail[:DETAIL]) for one in findings]
    done = replace(
        checkup,
        place=following,
        checked=checkup.checked + checked,
        found=checkup.found + len(kept),
        findings=(*checkup.findings, *kept)[:KEPT],
        finished_at=None if following else deps.clock(),
    )
    return save_checkup(done, deps.clock())


def _look_twice(deps: Deps, place: CheckupPlace) -> tuple[Sequence[Finding], int, CheckupPlace | None]:
    """Findings that are still there at a second look, how many customers were looked at, and where to go on."""
    found, checked, following = _look(deps, place)
    if found:
        again, *_rest = _look(deps, place)
        found = [one for one in found if one in again]
    return found, checked, following


def _look(deps: Deps, place: CheckupPlace) -> tuple[Sequence[Finding], int, CheckupPlace | None]:
    if place.counter is not None:
        some, behind = check_part(get_settings().date_order, Place(place.counter, place.last, place.last_date))
        return some, 0, CheckupPlace() if behind is None else _kept(behind)
    page: Reconciliation = reconcile_customers(deps, PAGE, place.cursor)
    return page.findings, page.checked, CheckupPlace(cursor=page.next_cursor) if page.next_cursor else None
