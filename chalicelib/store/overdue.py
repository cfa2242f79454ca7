"""The mark that an invoice became overdue, set once per due date: who sets it tells the others, and notes that they were told.

A due date that was moved is overdue by itself; one that was told already, and comes back, is not told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import OverdueItem


@dataclass(frozen=True, slots=True)
class OverdueMark:
    """The due date that passed, the version of the invoice that was found overdue, and whether everybody was told."""

    due: date
    version: int
    is_told: bool


def mark_overdue(invoice_id: str, due: date, version: int) -> OverdueMark:
    """Mark an invoice; a mark that is there already stays as it is, and is returned."""
    pk, sk = _key(invoice_id, due)
    found = _find(pk, sk)
    if found is None:
        try:
            _put(OverdueItem(pk, sk, ver=version))
        except ConditionFailedError:
            found = _find(pk, sk)
    return OverdueMark(due, int(found.ver), bool(found.told)) if found else OverdueMark(due, version, is_told=False)


@retried
def note_told(invoice_id: str, mark: OverdueMark) -> None:
    """Note that everybody was told."""
    OverdueItem(*_key(invoice_id, mark.due), ver=mark.version, told=True).save()


def _key(invoice_id: str, due: date) -> tuple[str, str]:
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    return keys.customer_pk(customer_id), keys.overdue_sk(suffix, due)


@retried
def _find(pk: str, sk: str) -> OverdueItem | None:
    try:
        return OverdueItem.get(pk, sk, consistent_read=True)
    except OverdueItem.DoesNotExist:
        return None


@retried
def _put(item: OverdueItem) -> None:
    item.save(OverdueItem.pk.does_not_exist())
