"""The daily reconciliation of all books, in lanes and steps: some blocks of numbers, or a page of customers. Repairs nothing.

A lane has some shards of the list of customers, the first one also the numbers; lanes run side by side, each in a function.
Each step is noted before the next, so it may be cut off, repeated and driven twice at once. The result is kept until the next
day's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.services.reconcile import Reconciliation, reconcile_customers, reconcile_part
from chalicelib.services.reconcile_findings import Finding
from chalicelib.services.reconcile_numbers import Place, find_first_place
from chalicelib.store.checkups import Checkup, CheckupPlace, KeptFinding, find_checkup, save_checkup
from chalicelib.store.queue import send_messages
from chalicelib.store.shards import LISTS, shards_to_read

MESSAGE = "reconcile_books"
LANES = 5
"""At most: what is left of `bill_customers` goes on billing meanwhile."""
PAGE = 16
"""Customers of one step: it must end in time also where each has years of long invoices, or it would be begun for ever."""
DURATION = timedelta(minutes=2)
"""After this a message brings the rest about: functions are stopped."""
KEPT, DETAIL = 500, 300
"""Findings that are kept, and characters of each one's detail: they lie in one item."""


def start_checkup(deps: Deps, as_of: datetime) -> None:
    """Begin the reconciliation of the day, and go on with it; a lane that is not finished is gone on with instead.

    Lanes but the first are begun by messages; those are sent first, so that an event that comes again sends what was not.
    """
    lanes = min(LANES, len(_shards(deps)))
    begin = {"type": MESSAGE, "day": as_of.date().isoformat(), "lanes": lanes}
    send_messages([{**begin, "lane": lane} for lane in range(1, lanes)])
    go_on(deps, {**begin, "lane": 0})


def go_on(deps: Deps, message: dict[str, Any]) -> None:
    """Take steps of a lane until all is done, somebody else is faster, or the time is over; begin it if it is the day's turn."""
    begun, lane = deps.clock(), int(message.get("lane", 0))
    checkup = find_checkup(lane)
    if "day" in message:
        checkup = _begin(deps, checkup, message)
    while checkup is not None and checkup.place is not None:
        if deps.clock() - begun > DURATION:
            ask_to_go_on(lane)
            return
        checkup = _step(deps, checkup, checkup.place)


def find_last() -> Checkup | None:
    """The last daily reconciliation, finished or not, its lanes taken together; None before the first."""
    first = find_checkup(0)
    if first is None:
        return None
    lanes = [first, *(_find_lane(first, lane) for lane in range(1, first.lanes))]
    ends = [one.finished_at for one in lanes if one.finished_at is not None]
    return replace(
        first,
        place=next((one.place for one in lanes if one.place is not None), None),
        checked=sum(one.checked for one in lanes),
        found=sum(one.found for one in lanes),
        findings=tuple(chain.from_iterable(one.findings for one in lanes))[:KEPT],
        finished_at=max(ends) if len(ends) == len(lanes) else None,
    )


def ask_to_go_on(lane: int) -> None:
    """Send the message that brings the rest of a lane about; sending it twice is harmless."""
    send_messages([{"type": MESSAGE, "lane": lane}])


def _begin(deps: Deps, last: Checkup | None, message: dict[str, Any]) -> Checkup | None:
    """The lane as it begins its day; as it is when it has begun, or has an earlier day to finish."""
    day, lane = date.fromisoformat(message["day"]), int(message["lane"])
    if last is not None and (last.place is not None or last.day >= day):
        return last
    version, place = last.version if last else 0, CheckupPlace() if lane else _first()
    begun = Checkup(day=day, started_at=deps.clock(), place=place, version=version, lane=lane, lanes=int(message["lanes"]))
    return save_checkup(begun, deps.clock())


def _find_lane(first: Checkup, lane: int) -> Checkup:
    """A lane of the same day; one that has not begun it yet stands at its beginning."""
    found = find_checkup(lane)
    if found is None or found.day < first.day:
        return replace(first, place=CheckupPlace(), checked=0, found=0, findings=(), finished_at=None, lane=lane)
    return found


def _shards(deps: Deps, checkup: Checkup | None = None) -> list[int]:
    """The shards of the list of customers: all, or those of a lane."""
    every = shards_to_read(LISTS, deps.settings.list_shards)
    return [shard for shard in every if checkup is None or shard % checkup.lanes == checkup.lane]


def _first() -> CheckupPlace:
    place = find_first_place()
    return CheckupPlace() if place is None else _kept(place)


def _kept(place: Place) -> CheckupPlace:
    return CheckupPlace(counter=place.counter, last=place.last, last_date=place.last_date)


def _step(deps: Deps, checkup: Checkup, place: CheckupPlace) -> Checkup | None:
    """One step, counted for the alarm before it is noted: better twice than never."""
    findings, checked, following = _look(_shards(deps, checkup), place)
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


def _look(shards: Sequence[int], place: CheckupPlace) -> tuple[Sequence[Finding], int, CheckupPlace | None]:
    """The findings of a step, how many customers were looked at, and where to go on."""
    if place.counter is not None:
        some, behind = reconcile_part(Place(place.counter, place.last, place.last_date))
        return some, 0, CheckupPlace() if behind is None else _kept(behind)
    page: Reconciliation = reconcile_customers(shards, PAGE, place.cursor)
    return page.findings, page.checked, CheckupPlace(cursor=page.next_cursor) if page.next_cursor else None
