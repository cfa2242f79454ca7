"""Usage of a customer in the work table: roll-ups by billing day.

`record_part` is the one way in: one transaction that adds a member and its roll-ups, and holds only while no invoice has claimed
the billing days and no other import of the customer came between. It decides nothing about days or duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from functools import reduce
from operator import and_
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain.usage import RollUp
from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.members import Member, to_item
from chalicelib.store.retry import retried
from chalicelib.store.roll_up_rows import open_usage, store_usage
from chalicelib.store.tables import LedgerItem
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import MemberItem, RollUpItem, UsageHeadItem

HEAD_SK = "H"

_Checks = dict[str, list[str]]
"""Ledger month → days (dd) that must be free."""


class Refusal(Enum):
    """Why a part did not go in."""

    DAY_BILLED = "an invoice claimed one of its days"
    OVERTAKEN = "another import of the customer came between, or this part is in already (read the members again)"


def load_roll_ups(customer_id: str, first_day: date, end_day: date) -> list[RollUp]:
    """All roll-ups of billing days `[first_day, end_day)`, by day, strongly consistent: one query, one get per oversized one."""
    return [_roll_up(sk, rows) for sk, rows in _query(customer_id, first_day, end_day)]


@retried
def load_head(customer_id: str) -> int:
    """How many parts were recorded for the customer; read it *before* the members, and give it to `record_part`."""
    try:
        return int(UsageHeadItem.get(keys.usage_pk(customer_id), HEAD_SK, consistent_read=True).n)
    except UsageHeadItem.DoesNotExist:
        return 0


def record_part(member: Member, roll_ups: Sequence[RollUp], head: int) -> Refusal | None:
    """Record a member and its roll-ups in one transaction; None when they are in, else why not.

    A transaction has at most 100 actions; the caller's parts have at most some sixty days, in a handful of months.
    """
    checks = _ledger_checks([roll_up.billing_day for roll_up in roll_ups])
    items = [_item(member, roll_up) for roll_up in roll_ups]
    try:
        commit(lambda transaction: _fill(transaction, member, items, head, checks))
    except ConditionFailedError as failure:
        return Refusal.DAY_BILLED if any(failure.failed[: len(checks)]) else Refusal.OVERTAKEN
    return None


def _fill(transaction: TransactWrite, member: Member, roll_ups: Sequence[RollUpItem], head: int, checks: _Checks) -> None:
    partition = keys.usage_pk(member.customer_id)
    claims: Any = LedgerItem.days  # a map attribute also builds paths, which its types do not say
    for month, days in checks.items():
        free = reduce(and_, [claims[day].does_not_exist() for day in days])
        transaction.condition_check(LedgerItem, keys.customer_pk(member.customer_id), keys.ledger_sk(month), condition=free)
    transaction.save(to_item(member), condition=MemberItem.pk.does_not_exist())
    unchanged = (UsageHeadItem.n == head) if head else UsageHeadItem.pk.does_not_exist()
    transaction.save(UsageHeadItem(partition, HEAD_SK, n=head + 1), condition=unchanged)
    for roll_up in roll_ups:
        transaction.save(roll_up)


def _item(member: Member, roll_up: RollUp) -> RollUpItem:
    rows = store_usage(member.customer_id, roll_up)
    return RollUpItem(keys.usage_pk(member.customer_id), _roll_up_sk(roll_up, member.number), rows=rows)


@retried
def _query(customer_id: str, first_day: date, end_day: date) -> list[tuple[str, bytes]]:
    condition = RollUpItem.sk.between(first_day.isoformat(), end_day.isoformat())
    table = RollUpItem._get_connection()  # noqa: SLF001  # as items, a month of roll-ups takes longer than to be billed
    found: list[tuple[str, bytes]] = []
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in page:
        since = page["LastEvaluatedKey"]
        page = table.query(keys.usage_pk(customer_id), condition, consistent_read=True, exclusive_start_key=since)
        found += [(item["SK"]["S"], item["rows"]["B"]) for item in page["Items"]]
    return found


def _ledger_checks(days: Sequence[date]) -> _Checks:
    checks: _Checks = {}
    for day in sorted(set(days)):
        checks.setdefault(keys.month_of(day), []).append(f"{day:%d}")
    return checks


def _roll_up_sk(roll_up: RollUp, part: int) -> str:
    """`<day>#<batch>`, and `#<part>` for the further parts of a customer in one batch."""
    key = keys.roll_up_sk(roll_up.billing_day, roll_up.batch_id)
    return f"{key}#{part}" if part else key


def _roll_up(sk: str, rows: bytes) -> RollUp:
    day, batch_id = sk.split("#")[:2]
    billing_day = date.fromisoformat(day)
    return RollUp(billing_day, batch_id, open_usage(rows, billing_day))
