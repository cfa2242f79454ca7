"""The day ledger in the table: claiming days for an invoice and giving them back.

The only lock is the condition on the month's item. A claim names the invoice (suffix) and the chunk that makes it (owner): a
second chunk that plans the same invoice sees a foreign owner and leaves it alone, so no number is ever taken twice for one invoice.
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


def to_day_ledger(months: Mapping[str, LedgerMonth], *, but_of: str | None = None) -> DayLedger:
    """Months as one value; claims of the owner `but_of` are left out (they count as ours to bill)."""
    claims = {}
    for month, value in months.items():
        for day, suffix in value.days.items():
            owner = value.owners.get(suffix)
            if but_of is None or owner != but_of:
                claims[date.fromisoformat(f"{month}-{day}")] = "" if owner == NO_INVOICE else suffix
    return DayLedger(claims)


def next_suffix(start: date, month: LedgerMonth) -> str:
    """The suffix for an invoice over free days from `start` on: the first generation that was not voided."""
    generation = 1
    while month.owners.get(keys.period_suffix(start, generation)) == FREED:
        generation += 1
    return keys.period_suffix(start, generation)


def claim_days(customer_id: str, days: Sequence[date], suffix: str, owner: str, known: Mapping[str, LedgerMonth]) -> Claim:
    """Claim those of the days that are free; days claimed by us before count as ours. `known` saves reading the months again.

    Days in another chunk's hands under the same suffix are foreign: nothing more is claimed then.
    """
    got: list[date] = []
    for month, wanted in _by_month(days).items():
        claim = _claim_month(_Signature(customer_id, suffix, owner), month, wanted, known.get(month))
        if claim.foreign:
            return Claim(tuple(got), claim.foreign)
        got += claim.days
    return Claim(tuple(got))


def mark_no_invoice(customer_id: str, days: Sequence[date], suffix: str) -> None:
    """Keep the days billed though the run made no invoice of them."""
    for month in _by_month(days):
        _set_owner(customer_id, month, suffix, NO_INVOICE)


def release_days(customer_id: str, days: Sequence[date], suffix: str, owner: str) -> None:
    """Give the days back that the suffix holds for this owner; days it does not hold (any more) are left alone."""
    for month, wanted in _by_month(days).items():
        state = load_months([(customer_id, month)])[customer_id, month]
        mine = [day for day in wanted if state.days.get(f"{day:%d}") == suffix]
        if mine and state.owners.get(suffix) == owner:
            _try_release(customer_id, month, mine, suffix, owner)


def add_release(transaction: TransactWrite, customer_id: str, days: Sequence[date], suffix: str) -> None:
    """Give all the days back within a transaction (void, delete of a draft).

    One action per month; fails when a day is not held.
    """
    for month, wanted in _by_month(days).items():
        actions, condition = _release(wanted, suffix, freed=suffix.split("#")[1].startswith("R"))
        transaction.update(_bare(customer_id, month), actions=actions, condition=condition)


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


def _claim_month(signed: _Signature, month: str, wanted: Sequence[date], known: LedgerMonth | None) -> Claim:
    """Claim the free days of one month; while others write the month, read it again and go on with what is left."""
    state = known
    for _ in range(ATTEMPTS):
        state = state or load_months([(signed.customer_id, month)])[signed.customer_id, month]
        holder = state.owners.get(signed.suffix)
        if holder not in {None, signed.owner}:
            return Claim((), holder)
        free = [day for day in wanted if f"{day:%d}" not in state.days]
        if not free or _try_claim(signed, month, free, exists=state.exists):
            taken = set(free)
            return Claim(tuple(day for day in wanted if day in taken or state.days.get(f"{day:%d}") == signed.suffix))
        state = None
    raise Unavailable(f"the ledger of {month} is contended")


def _try_claim(signed: _Signature, month: str, free: Sequence[date], *, exists: bool) -> bool:
    try:
        if exists:
            _update(signed.customer_id, month, *_claim(free, signed.suffix, signed.owner))
        else:
            item = _bare(signed.customer_id, month)
            item.days, item.owners = {f"{day:%d}": signed.suffix for day in free}, {signed.suffix: signed.owner}
            _put_once(item)
    except ConditionFailedError:
        return False
    return True


def _claim(free: Sequence[date], suffix: str, owner: str) -> tuple[list[Action], Condition]:
    actions: list[Action] = [_day(day).set(suffix) for day in free]
    actions.append(_owner(suffix).set(owner))
    untouched = _all(_day(day).does_not_exist() for day in free)
    holder = _owner(suffix).does_not_exist() | (_owner(suffix) == owner)
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
