"""Writing down what was done to the books, from the stream of the table, and reading it again.

An entry follows from one write alone: however often and in whatever order writes are told of, the log is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.audit import AuditEntry, Change, ObjectKind, Subject, action_of
from chalicelib.domain.audit_subjects import SETTINGS, subject_of
from chalicelib.domain.differences import differences
from chalicelib.domain.event_rules import events_of
from chalicelib.domain.events import Event
from chalicelib.services.audit_facts import facts_of
from chalicelib.store import audit_log as store
from chalicelib.store.bank_statements import get_statement
from chalicelib.store.change_records import read_change
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.packages import get_package
from chalicelib.store.payments import get_payment

TOLD_BY_DOCUMENT = frozenset({"lines", "taxes", "customer"})
"""What the log need not repeat of a document that was just made: it can be read there, and its changes are told of."""


def record_change(record: Mapping[str, Any]) -> tuple[Event, ...]:
    """Write down the change that a record of the stream tells of; returns the events it amounts to."""
    change = read_change(record)
    if change is None:
        return ()
    subject = subject_of(change.after or change.before)
    entry = build_entry(change, subject)
    if entry is not None:
        for history in subject.histories:
            store.put_entry_once(history, entry)
    return events_of(change.before, change.after, change.at)


def build_entry(change: Change, subject: Subject) -> AuditEntry | None:
    """The entry of a change, or None when nothing changed that anybody sees."""
    before, after = differences(facts_of(change.before), facts_of(change.after))
    if not before and not after:
        return None
    action = action_of(change.before, change.after)
    if subject.kind is ObjectKind.INVOICE and change.before is None:
        after = {name: fact for name, fact in after.items() if name not in TOLD_BY_DOCUMENT}
    return AuditEntry(
        id=change.id,
        object=subject.kind,
        object_id=subject.id,
        action=action,
        by=change.by,
        at=change.at,
        before=before,
        after=after,
    )


def list_history(history: tuple[ObjectKind, str], limit: int, cursor: str | None) -> tuple[list[AuditEntry], str | None]:
    """A page of an object's history, newest first; NotFound for an object that is not there and never was.

    One that was just made may have none yet: the log follows the books by moments.
    """
    entries, following = store.list_entries(history, limit, cursor)
    if not entries and cursor is None and history != SETTINGS:
        kind, object_id = history
        _FINDERS[kind](object_id)
    return entries, following


_FINDERS: Mapping[ObjectKind, Callable[[str], object]] = {
    ObjectKind.INVOICE: get_invoice,
    ObjectKind.PAYMENT: get_payment,
    ObjectKind.CUSTOMER: get_customer,
    ObjectKind.PACKAGE: get_package,
    ObjectKind.BANK_STATEMENT: get_statement,
}
"""Each raises NotFound."""
