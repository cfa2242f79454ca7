"""The last daily reconciliation in the work table: how far it got, what it found.

An item for each lane; steps are taken under its version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.store import codec, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.work_tables import CheckupItem

PK = "CHU"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFinding:
    """A rule that did not hold: its code, what it is about, and what was seen."""

    code: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckupPlace:
    """Where the next step begins: in a counter of numbers, or, when all those were looked at, behind a page of customers."""

    counter: str | None = None
    last: int | None = None
    last_date: date = date.min
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """A reconciliation of all books, or the lane of it that some shards of the list are.

    `found` counts all findings, `findings` are the first; `place` is None at the end. `lanes` is how many there are.
    """

    day: date
    started_at: datetime
    place: CheckupPlace | None
    checked: int = 0
    found: int = 0
    findings: tuple[KeptFinding, ...] = ()
    finished_at: datetime | None = None
    version: int = 0
    lane: int = 0
    lanes: int = 1


def find_checkup(lane: int) -> Checkup | None:
    """The last one of a lane, finished or not; None before the first."""
    return _find(str(lane))


def save_checkup(checkup: Checkup, now: datetime) -> Checkup | None:
    """Take a step; None when somebody else took it. While it is not finished, the sweep sees to it."""
    saved = replace(checkup, version=checkup.version + 1)
    item = CheckupItem(PK, str(saved.lane), doc=codec.plain(saved), ver=saved.version)
    if saved.place is not None:
        item.op, item.os = OPEN, f"{keys.instant(now)}#{PK}#{saved.lane}"
    try:
        _save(item, checkup.version)
    except ConditionFailedError:
        return None
    return saved


@retried
def _find(sk: str) -> Checkup | None:
    try:
        return codec.restore(Checkup, CheckupItem.get(PK, sk, consistent_read=True).doc)
    except CheckupItem.DoesNotExist:
        return None


@retried
def _save(item: CheckupItem, version: int) -> None:
    item.save(condition=CheckupItem.ver == version if version else CheckupItem.pk.does_not_exist())
