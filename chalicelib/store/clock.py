"""The billing clock of a customer: when its next period is closed.

A hint that finds due customers; what was billed is decided by the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.customer import Customer, CustomerStatus
from chalicelib.domain.periods import next_due
from chalicelib.store import index_keys, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.shards import CLOCKS, shards_to_read
from chalicelib.store.tables import BillingItem, ClockItem
from chalicelib.store.transaction import MAX_ACTIONS, commit

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """`plan` names the schedule that `due_at` was computed from; without a schedule there is no due instant.

    `mark` names what set it back last (a void, a deletion): the same last billed day may stand there again for a new reason.
    """

    customer_id: str
    plan: str
    billed_through: date | None = None
    due_at: datetime | None = None
    frequency: str = ""
    mark: str = ""


def build_clock(customer: Customer, billed_through: date | None, settling_hours: int, mark: str = "") -> Clock:
    """The clock of a customer that is billed up to and including a day."""
    schedule = customer.schedule
    if schedule is None or customer.billing_start is None or customer.status is not CustomerStatus.ACTIVE:
        return Clock(customer.id, "", billed_through, mark=mark)
    start = customer.billing_start - timedelta(days=1)
    through = start if billed_through is None else max(start, billed_through)
    due = next_due(schedule, through, customer.timezone, settling_hours)
    plan = f"{schedule.frequency}|{schedule.anchor}|{customer.timezone}|{customer.billing_start}"
    return Clock(customer.id, plan, billed_through, due, schedule.frequency.value, mark)


def from_item(item: ClockItem) -> Clock:
    """The clock of an item."""
    through = date.fromisoformat(item.billed_through) if item.billed_through else None
    due = datetime.fromisoformat(item.due_at) if item.due_at else None
    return Clock(item.pk.removeprefix("C#"), item.plan, through, due, item.plan.partition("|")[0], item.mark or "")


def to_item(clock: Clock, shards: int) -> ClockItem:
    """The item of a clock; in the due index only while there is something to become due."""
    item = ClockItem(keys.customer_pk(clock.customer_id), keys.CLOCK, plan=clock.plan, mark=clock.mark or None)
    item.billed_through = clock.billed_through.isoformat() if clock.billed_through else None
    if clock.due_at:
        item.due_at = keys.instant(clock.due_at)
        item.g2p = index_keys.due_partition(clock.frequency, index_keys.shard_of(clock.customer_id, shards))
        item.g2s = item.due_at
    return item


def add_clock(transaction: TransactWrite, clock: Clock, shards: int) -> None:
    """Set the clock within the transaction that changes its customer; fails when freed days have set it back meanwhile."""
    transaction.save(to_item(clock, shards), condition=_has_mark(clock.mark))


@dataclass(frozen=True, slots=True)
class SetBack:
    """A clock set back, under a new mark, and the mark it was read with."""

    clock: Clock
    since: str


def add_set_back(transaction: TransactWrite, set_back: SetBack, shards: int) -> None:
    """Set the clock back within the transaction that frees days; fails when other freed days were faster."""
    transaction.save(to_item(set_back.clock, shards), condition=_has_mark(set_back.since))


@dataclass(frozen=True, slots=True)
class Advance:
    """A clock to set, and the last billed day it was read at: whoever set it back meanwhile (void) is not overruled.

    Its mark is the one it was read with, or a chunk that comes again would overrule a void of what it billed itself.
    """

    clock: Clock
    before: date | None


def advance_clocks(advances: Sequence[Advance], shards: int) -> None:
    """Set many clocks; one whose schedule or last billed day changed since it was read keeps its newer state."""
    for start in range(0, len(advances), MAX_ACTIONS):
        some = advances[start : start + MAX_ACTIONS]
        try:
            commit(lambda transaction, some=some: _fill(transaction, some, shards))  # type: ignore[misc]
        except ConditionFailedError:
            for advance in some:
                _advance_one(advance, shards)


@dataclass(frozen=True, slots=True)
class Due:
    """A customer whose next period is closed, and its place in the list of them: shard of the index and instant."""

    shard: int
    due_at: str
    customer_id: str


def list_due(frequency: str, as_of: datetime, shards: int, after: Due | None = None) -> Iterator[Due]:
    """Customers whose next period is closed at `as_of`, oldest first within a shard, from the one behind `after` on.

    Read page by page as it is iterated. From an index: may lag, never decides.
    """
    for shard in shards_to_read(CLOCKS, shards)[after.shard if after else 0 :]:
        page = _due_page(frequency, shard, as_of, after if after and after.shard == shard else None)
        while page:
            yield from page
            page = _due_page(frequency, shard, as_of, page[-1]) if len(page) == PAGE else []


def count_due(frequency: str, as_of: datetime, shards: int) -> int:
    """How many customers `list_due` would list."""
    return sum(_count_shard(frequency, shard, as_of) for shard in shards_to_read(CLOCKS, shards))


@retried
def _due_page(frequency: str, shard: int, as_of: datetime, after: Due | None) -> list[Due]:
    partition, until = index_keys.due_partition(frequency, shard), BillingItem.g2s <= keys.instant(as_of)
    begin = _index_key(partition, after) if after else None
    found = BillingItem.by_due.query(partition, until, limit=PAGE, last_evaluated_key=begin)
    return [Due(shard, item.g2s, item.pk.removeprefix("C#")) for item in found]


@retried
def _count_shard(frequency: str, shard: int, as_of: datetime) -> int:
    return int(BillingItem.by_due.count(index_keys.due_partition(frequency, shard), BillingItem.g2s <= keys.instant(as_of)))


def _index_key(partition: str, due: Due) -> dict[str, dict[str, str]]:
    named = {"g2p": partition, "g2s": due.due_at, "PK": keys.customer_pk(due.customer_id), "SK": keys.CLOCK}
    return {name: {"S": value} for name, value in named.items()}


def _fill(transaction: TransactWrite, advances: Sequence[Advance], shards: int) -> None:
    for advance in advances:
        through = ClockItem.billed_through
        unmoved = (through == advance.before.isoformat()) if advance.before else through.does_not_exist()
        same = (ClockItem.plan == advance.clock.plan) & _has_mark(advance.clock.mark)
        transaction.save(to_item(advance.clock, shards), condition=same & unmoved)


def _has_mark(mark: str) -> Condition:
    condition: Condition = (ClockItem.mark == mark) if mark else ClockItem.mark.does_not_exist()
    return condition


def _advance_one(advance: Advance, shards: int) -> None:
    try:
        commit(lambda transaction: _fill(transaction, [advance], shards))
    except ConditionFailedError:
        return  # whoever changed it set the clock; if it is behind, the next run finds the days billed and advances it
