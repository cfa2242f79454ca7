"""Call records of some of a customer's days as one CSV: ranges of stored records put one after another, in constant memory.

The file's name is a digest of what goes into it, so the same question finds the same file; usage that comes later makes another.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.periods import ONE_DAY, day_start
from chalicelib.domain.spreadsheet import BOM
from chalicelib.domain.usage_calls import REPORT_COLUMNS
from chalicelib.domain.usage_records import present_instant
from chalicelib.services.deps import Deps
from chalicelib.services.usage_duplicates import files_of_member, load_columns
from chalicelib.services.usage_plan import PlanHead, read_head
from chalicelib.services.usage_report import CSV_TYPE
from chalicelib.services.usage_sheet import UsageSheet
from chalicelib.store import usage_files as files
from chalicelib.store.customers import get_customer
from chalicelib.store.members import Member, list_members
from chalicelib.store.objects import LINK_SECONDS, get_range, has_object, presign_get
from chalicelib.store.queue import send_messages
from chalicelib.store.uploads import Upload

MAX_DAYS = 366
AT_ONCE = 50_000
"""Stored records up to which the file is made while the caller waits, some seconds."""
HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class UsageFile:
    """A link to the file, or None while it is being made."""

    url: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    customer: Customer
    first: date
    last: date
    members: tuple[Member, ...]
    with_bom: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """Seconds since 1970 of the first day's beginning and of the end (exclusive)."""
        zone = self.customer.timezone
        return int(day_start(self.first, zone).timestamp()), int(day_start(self.last + ONE_DAY, zone).timestamp())

    @property
    def key(self) -> str:
        """Where the file goes. Members never change, so naming them names the content."""
        parts = sorted([member.batch_id, member.tag, member.number] for member in self.members)
        content = json.dumps([*self.span, parts, *([BOM] if self.with_bom else [])])
        return f"exports/{self.customer.id}/{hashlib.sha256(content.encode()).hexdigest()}.csv"


def find_usage_file(deps: Deps, customer_id: str, first: date, last: date, *, with_bom: bool = False) -> UsageFile:
    """A link to the call records of days `first` to `last` (inclusive); made at once, or asked for when there are many.

    `with_bom` for spreadsheets that take UTF-8 for something else without it. Raises NotFound, or Invalid for the range.
    """
    wanted = _look_up(customer_id, first, last, with_bom=with_bom)
    if not has_object(wanted.key):
        if sum(member.ids_count for member in wanted.members) > AT_ONCE:
            send_messages([_message(wanted)])
            return UsageFile(None, None)
        _make(wanted)
    url = presign_get(wanted.key, f"usage-{customer_id}-{first}-{last}.csv", CSV_TYPE)
    return UsageFile(url, deps.clock() + timedelta(seconds=LINK_SECONDS))


def export_usage(deps: Deps, message: dict[str, Any]) -> None:
    """Make the file that a message asks for, unless it is there."""
    del deps  # every kind of message is done with the same arguments
    first, last = date.fromisoformat(message["from"]), date.fromisoformat(message["to"])
    wanted = _look_up(message["customer_id"], first, last, with_bom=message.get("bom", False))
    if not has_object(wanted.key):
        _make(wanted)


def _message(wanted: _Wanted) -> dict[str, Any]:
    days = {"from": wanted.first.isoformat(), "to": wanted.last.isoformat()}
    return {"type": "export_usage", "customer_id": wanted.customer.id, **days, "bom": wanted.with_bom}


def _look_up(customer_id: str, first: date, last: date, *, with_bom: bool) -> _Wanted:
    if first > last:
        raise Invalid.of(Issue("from", "invalid_date", "from lies after to."))
    if (last - first).days >= MAX_DAYS:
        raise Invalid.of(Issue("to", "too_many_days", f"Ask for at most {MAX_DAYS} days at a time."))
    customer = get_customer(customer_id)
    start, end = _Wanted(customer, first, last, ()).span
    members = tuple(list_members(customer_id, present_instant(start), present_instant(end - 1)))
    return _Wanted(customer, first, last, members, with_bom)


def _make(wanted: _Wanted) -> None:
    """Stored ranges, read one after another; one of them is in memory, and one part of the file."""
    heads = {member: _head(member.batch_id) for member in wanted.members if member.length}
    sheet = UsageSheet(sorted({name for head in heads.values() for name in head.columns}), wanted.span)
    upload = Upload(wanted.key, CSV_TYPE)
    upload.write(BOM.encode() if wanted.with_bom else b"")
    upload.write(sheet.header())
    for member, head in heads.items():
        cells, is_plain = load_columns(files_of_member(member))
        for rows in sheet.rows(member, (*REPORT_COLUMNS, *head.columns), cells, is_plain=is_plain):
            upload.write(rows)
    upload.close()


@lru_cache(maxsize=256)
def _head(batch_id: str) -> PlanHead:
    return read_head(get_range(files.plan_key(batch_id), 0, HEAD_BYTES))
