"""The day ledger in the table: claiming days for an invoice and giving them back.

The only lock is the condition on the month's item. A claim names the invoice (suffix) and the chunk that makes it (owner): a
second chunk that plans the same invoice sees a foreign owner and leaves it alone, so no number is taken twice for one invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ledger import DayLedger
from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import LedgerItem
from chalicelib.store.transaction import commit

NO_INVOICE = "none"
"""Owner of a claim that made no invoice (zero total): the days stay billed, but name no invoice."""
FREED = "void"
"""Owner of a suffix whose invoice was voided or deleted: its key is used up, the days are free."""
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """One month as read: day → suffix, suffix → owner; both empty when there is no item yet."""

    days: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim got: the days that are ours, and the foreign owner in whose hands the invoice is, if any."""

    days: tuple[date, ...]
    foreign: str | None = None


def load_ledger(customer_id: str, first: date, last: date | None = None) -> DayLedger:
    """Claims from the month of `first` to that of `last` (default: all later ones), read consistently."""
    months = _query(customer_id, keys.month_of(first), keys.month_of(last) if last else "~")
    return to_day_ledger({keys.month_of(date.fromisoformat(f"{month}-01")): value for month, value in months.items()})


def load_months(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], LedgerMonth]:
    """Many (customer id, yyyy-mm) at once; every one asked for is in the answer."""
    asked = dict.fromkeys(wanted, LedgerMonth())
    for item in _batch_get([(keys.customer_pk(customer), keys.ledger_sk(month)) for customer, month in asked]):
        asked[item.pk.removeprefix("C#"), item.sk.removeprefix("L#")] = _month(item)
    return asked


def to_day_ledger(months: Mapping[str, LedgerMonth]) -> DayLedger:
    """Months as one value."""
    claims = {}
    for month, value in months.items():
        for day, suffix in value.days.items():
            claims[date.fromisoformat(f"{month}-{day}")] = "" if value.owners.get(suffix) == NO_INVOICE else suffix
    return DayLedger(claims)


def held_by_chunks(days: Sequence[date], months: Mapping[str, LedgerMonth]) -> list[tuple[str, str]]:
    """(suffix, owner) of the invoices of runs that hold the days, each once, in order."""
    held: dict[str, str] = {}
    for day in days:
        month = months[keys.month_of(day)]
        suffix = month.days.get(f"{day:%d}", "")
        owner = month.owners.get(suffix, NO_INVOICE)
        if keys.is_run_suffix(suffix) and owner not in {NO_INVOICE, FREED}:
            held[suffix] = owner
    return list(held.items())


def next_suffix(start: date, month: LedgerMonth) -> str:
    """The suffix for an invoice over free days from `start` on: the first generation that was not voided."""
    generation = 1
    while month.owners.get(keys.period_suffix(start, generation)) == FREED:
        generation += 1
    return keys.period_suffix(start, generation)


def claim_days(customer_id: str, days: Sequence[date], suffix: str, owner: str, known: Mapping[str, LedgerMonth]) -> Claim:
    """Claim those of the days that are free, in one write; days claimed by us before count as ours.

    Days in another chunk's hands under the same suffix are foreign: nothing is claimed then. `known` saves reading the months
    again; while others write them, they are read again and what is left is claimed.
    """
    signed = _Signature(customer_id, suffix, owner)
    states: Mapping[str, LedgerMonth] = known
    for _ in range(ATTEMPTS):
        states = {month: states.get(month) or _load_month(customer_id, month) for month in _by_month(days)}
        holders = {state.owners.get(suffix) for state in states.values()} - {None, owner}
        if holders:
            return Claim((), holders.pop())
        free = [day for day in days if f"{day:%d}" not in states[keys.month_of(day)].days]
        if not free or _try_claim(signed, free, states):
            taken = set(free)
            return Claim(tuple(day for day in days if day in taken or _holder(states, day) == suffix))
        states = {}
    raise Unavailable(f"the ledger of {customer_id} is contended")


def mark_no_invoice(customer_id: str, days: Sequence[date], suffix: str) -> None:
    """Keep the days billed though the run made no invoice of them."""
    for month in _by_month(days):
        _set_owner(customer_id, month, suffix, NO_INVOICE)


def release_days(customer_id: str, days: Sequence[date], suffix: str, owner: str) -> None:
    """Give the days back that the suffix holds for this owner; days it does not hold (any more) are left alone."""
    for month, wanted in _by_month(days).items():
        state = _load_month(customer_id, month)
        mine = [day for day in wanted if state.days.get(f"{day:%d}") == suffix]
        if mine and state.owners.get(suffix) == owner:
            _try_release(customer_id, month, mine, suffix, owner)


def add_release(transaction: TransactWrite, customer_id: str, days: Sequence[date], suffix: str) -> None:
    """Give all the days back within a transaction (void, delete of a draft).

    One action per month; fails when a day is not held.
    """
    for month, wanted in _by_month(days).items():
        actions, condition = _release(wanted, suffix, freed=keys.is_run_suffix(suffix))
        transaction.update(_bare(customer_id, month), actions=actions, condition=condition)


def add_unbilled_check(transaction: TransactWrite, customer_id: str, days: Sequence[date]) -> None:
    """Let a transaction fail when any of the days is claimed. One action per month."""
    for month, wanted in _by_month(days).items():
        unbilled = _all(_day(day).does_not_exist() for day in wanted)
        transaction.condition_check(LedgerItem, keys.customer_pk(customer_id), keys.ledger_sk(month), condition=unbilled)


def _try_release(customer_id: str, month: str, days: Sequence[date], suffix: str, owner: str) -> None:
    actions, held = _release(days, suffix, freed=False)
    try:
        _update(customer_id, month, actions, held & (_owner(suffix) == owner))
    except ConditionFailedError:
        return  # another try of the same release was faster


def _release(days: Sequence[date], suffix: str, *, freed: bool) -> tuple[list[Action], Condition]:
    actions: list[Action] = [_day(day).remove() for day in days]
    actions.append(_owner(suffix).set(FREED) if freed else _owner(suffix).remove())
    return actions, _all(_day(day) == suffix for day in days)


@dataclass(frozen=True, slots=True)
class _Signature:
    """Who claims: for whom, as what, in whose hands."""

    customer_id: str
    suffix: str
    owner: str


def _try_claim(signed: _Signature, free: Sequence[date], states: Mapping[str, LedgerMonth]) -> bool:
    """All free days in one write: one update where they lie in one month, else one transaction."""
    months = _by_month(free)

    def fill(transaction: TransactWrite) -> None:
        for month, some in months.items():
            if states[month].exists:
                actions, condition = _claim(some, signed)
                transaction.update(_bare(signed.customer_id, month), actions=actions, condition=condition)
            else:
                transaction.save(_first_claim(signed, month, some), condition=LedgerItem.pk.does_not_exist())

    try:
        if len(months) > 1:
            commit(fill)
        else:
            _claim_one(signed, *months.popitem(), states)
    except ConditionFailedError:
        return False
    return True


def _claim_one(signed: _Signature, month: str, free: Sequence[date], states: Mapping[str, LedgerMonth]) -> None:
    if states[month].exists:
        _update(signed.customer_id, month, *_claim(free, signed))
    else:
        _put_once(_first_claim(signed, month, free))


def _first_claim(signed: _Signature, month: str, free: Sequence[date]) -> LedgerItem:
    item = _bare(signed.customer_id, month)
    days: Any = {f"{day:%d}": signed.suffix for day in free}
    owners: Any = {signed.suffix: signed.owner}
    item.days, item.owners = days, owners
    return item


def _holder(states: Mapping[str, LedgerMonth], day: date) -> str | None:
    return states[keys.month_of(day)].days.get(f"{day:%d}")


def _load_month(customer_id: str, month: str) -> LedgerMonth:
    return load_months([(customer_id, month)])[customer_id, month]


def _claim(free: Sequence[date], signed: _Signature) -> tuple[list[Action], Condition]:
    owner = _owner(signed.suffix)
    actions: list[Action] = [_day(day).set(signed.suffix) for day in free]
    actions.append(owner.set(signed.owner))
    untouched = _all(_day(day).does_not_exist() for day in free)
    holder = owner.does_not_exist() | (owner == signed.owner)
    return actions, untouched & holder


def _set_owner(customer_id: str, month: str, suffix: str, owner: str) -> None:
    try:
        _update(customer_id, month, [_owner(suffix).set(owner)], _owner(suffix).exists())
    except ConditionFailedError:
        return  # the suffix claimed no day of this month


def _all(conditions: Iterable[Condition]) -> Condition:
    first, *others = conditions
    for condition in others:
        first &= condition
    return first


def _day(day: date) -> Path:
    path: Any = LedgerItem.days
    return cast("Path", path[f"{day:%d}"])


def _owner(suffix: str) -> Path:
    path: Any = LedgerItem.owners
    return cast("Path", path[suffix])


def _by_month(days: Sequence[date]) -> dict[str, list[date]]:
    months: dict[str, list[date]] = {}
    for day in sorted(days):
        months.setdefault(keys.month_of(day), []).append(day)
    return months


def _bare(customer_id: str, month: str) -> LedgerItem:
    return LedgerItem(keys.customer_pk(customer_id), keys.ledger_sk(month))


def _month(item: LedgerItem) -> LedgerMonth:
    days: Any = item.days
    owners: Any = item.owners
    return LedgerMonth(days.as_dict(), owners.as_dict(), exists=True)


@retried
def _query(customer_id: str, first: str, last: str) -> dict[str, LedgerMonth]:
    span = LedgerItem.sk.between(keys.ledger_sk(first), keys.ledger_sk(last))
    found = LedgerItem.query(keys.customer_pk(customer_id), span, consistent_read=True)
    return {item.sk.removeprefix("L#"): _month(item) for item in found}


@retried
def _batch_get(wanted: list[tuple[str, str]]) -> list[LedgerItem]:
    return list(LedgerItem.batch_get(wanted, consistent_read=True))


@retried
def _update(customer_id: str, month: str, actions: list[Action], condition: Condition) -> None:
    _bare(customer_id, month).update(actions=actions, condition=condition)


@retried
def _put_once(item: LedgerItem) -> None:
    item.save(LedgerItem.pk.does_not_exist())
