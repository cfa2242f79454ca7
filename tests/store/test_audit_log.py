"""Entries of the audit log stay as they were first put."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.audit import AuditAction, AuditEntry, ObjectKind
from chalicelib.store.audit_log import list_entries, put_entry_once
from tests.support.builders import NOW
from tests.support.cloud import Cloud

HISTORY = (ObjectKind.CUSTOMER, "acme")
ENTRY = AuditEntry(
    id="1",
    object=ObjectKind.CUSTOMER,
    object_id="acme",
    action=AuditAction.CREATED,
    by="user:anna",
    at=NOW,
    before={},
    after={"name": "Acme"},
)


def test_an_entry_is_never_written_over(cloud: Cloud) -> None:
    """A change told again, by whatever code, leaves the entry alone."""
    assert cloud
    put_entry_once(HISTORY, ENTRY)
    put_entry_once(HISTORY, replace(ENTRY, by="user:mallory", after={}))
    assert list_entries(HISTORY, 10, None) == ([ENTRY], None)


def test_entries_of_one_second_come_in_the_order_of_writing(cloud: Cloud) -> None:
    """Numbers of changes are compared as numbers, however many digits they have; the newest is first."""
    assert cloud
    for number in ("9", "10", "100000000000000000000000000000001"):
        put_entry_once(HISTORY, replace(ENTRY, id=number))
    assert [entry.id for entry in list_entries(HISTORY, 10, None)[0]] == ["100000000000000000000000000000001", "10", "9"]
