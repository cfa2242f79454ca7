"""Bugs of careless hands around the stream of the books and what is told of it; `planted` lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from chalicelib.domain import event_rules
from chalicelib.domain.audit import AuditEntry, ObjectKind
from chalicelib.domain.events import Event
from chalicelib.handlers import on_change
from chalicelib.services import audit_log as service
from chalicelib.store import audit_log, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.tables import AuditItem

Record = dict[str, Any]


def entries_numbered_anew(patch: pytest.MonkeyPatch) -> None:
    """An entry of the log gets a number when it is written, not that of its change."""
    numbers = count()
    put = audit_log.put_entry_once

    def careless(history: tuple[ObjectKind, str], entry: AuditEntry) -> None:
        put(history, replace(entry, id=f"{entry.id}{next(numbers)}"))

    patch.setattr(audit_log, "put_entry_once", careless)


def told_when_written_first(patch: pytest.MonkeyPatch) -> None:
    """Events are told of by whoever writes the entry; one that is there already was told of, one thinks."""
    record = service.record_change
    is_new: list[bool] = []

    def put(history: tuple[ObjectKind, str], entry: AuditEntry) -> None:
        item = AuditItem(keys.audit_pk(*history), keys.audit_sk(entry.at, entry.id), doc=audit_log.codec.pack(entry))
        try:
            audit_log._put(item)
        except ConditionFailedError:
            return
        is_new.append(True)

    def careless(change: Record) -> tuple[Event, ...]:
        is_new.clear()
        events = record(change)
        return events if is_new else ()

    patch.setattr(audit_log, "put_entry_once", put)
    patch.setattr(on_change, "record_change", careless)


def events_named_anew(patch: pytest.MonkeyPatch) -> None:
    """Each telling of an event has an id of its own."""
    numbers = count()
    name = event_rules.event_id
    patch.setattr(event_rules, "event_id", lambda kind, subject, _sequence: name(kind, subject, next(numbers)))


def failure_kept_quiet(patch: pytest.MonkeyPatch) -> None:
    """A record that cannot be written down is left out, and the batch counts as done."""
    record = on_change._record

    def careless(records: Sequence[Record]) -> tuple[list[tuple[Event, ...]], None]:
        return [events for one in records for events in record([one])[0]], None

    patch.setattr(on_change, "_record", careless)
