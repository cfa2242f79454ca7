"""The mark that an invoice became overdue, set once: whoever sets it tells the others, and notes that they were told."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import OverdueItem


@dataclass(frozen=True, slots=True)
class OverdueMark:
    """The version of the invoice that was found overdue, and whether everybody was told."""

    version: int
    is_told: bool


def mark_overdue(invoice_id: str, version: int) -> OverdueMark:
    """Mark an invoice; a mark that is there already stays as it is, and is returned."""
    pk, sk = _key(invoice_id)
    found = _find(pk, sk)
    if found is None:
        try:
            _put(OverdueItem(pk, sk, ver=version))
        except ConditionFailedError:
            found = _find(pk, sk)
    return OverdueMark(int(found.ver), bool(found.told)) if found else OverdueMark(version, is_told=False)


@retried
def note_told(invoice_id: str, mark: OverdueMark) -> None:
    """Note that everybody was told."""
    OverdueItem(*_key(invoice_id), ver=mark.version, told=True).save()


def _key(invoice_id: str) -> tuple[str, str]:
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    return keys.customer_pk(customer_id), keys.overdue_sk(suffix)


@retried
def _find(pk: str, sk: str) -> OverdueItem | None:
    try:
        return OverdueItem.get(pk, sk, consistent_read=True)
    except OverdueItem.DoesNotExist:
        return None


@retried
def _put(item: OverdueItem) -> None:
    item.save(OverdueItem.pk.does_not_exist())
