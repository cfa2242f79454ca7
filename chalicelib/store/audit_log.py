"""The audit log as items: put if absent and never touched again. Entries lie with the object in whose history they are told."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.domain.audit import AuditEntry, ObjectKind
from chalicelib.store import codec, keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import AuditItem


def put_entry_once(history: tuple[ObjectKind, str], entry: AuditEntry) -> None:
    """Add an entry to a history; one that is there stays as it is."""
    item = AuditItem(keys.audit_pk(*history), keys.audit_sk(entry.at, entry.id), doc=codec.pack(entry))
    with suppress(ConditionFailedError):
        _put(item)


def list_entries(history: tuple[ObjectKind, str], limit: int, cursor: str | None) -> tuple[list[AuditEntry], str | None]:
    """A page of a history, newest first, and the cursor to go on with."""
    found = _page(keys.audit_pk(*history), decode_cursor(cursor), limit + 1)
    following = encode_cursor(found[limit - 1].sk) if len(found) > limit else None
    return [codec.unpack(AuditEntry, item.doc) for item in found[:limit]], following


@retried
def _put(item: AuditItem) -> None:
    item.save(AuditItem.pk.does_not_exist())


@retried
def _page(pk: str, before: str | None, limit: int) -> list[AuditItem]:
    older = AuditItem.sk < before if before else None
    return list(AuditItem.query(pk, older, scan_index_forward=False, limit=limit, consistent_read=True))
