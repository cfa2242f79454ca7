"""Which of many customers exist, and their time zones: what an import needs to know of them, a hundred per call."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import CustomerItem

BATCH = 100
MAX_ID = 64
"""Longer texts are nobody's id, and no key."""


def find_zones(customer_ids: Collection[str]) -> dict[str, str]:
    """Zone by id of the customers that exist, read consistently."""
    wanted = [one for one in customer_ids if 0 < len(one) <= MAX_ID and one.isprintable()]
    zones: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        zones |= _find(wanted[start : start + BATCH])
    return zones


@retried
def _find(customer_ids: list[str]) -> dict[str, str]:
    found = CustomerItem.batch_get([(keys.customer_pk(one), keys.PROFILE) for one in customer_ids], consistent_read=True)
    return {item.pk.removeprefix("C#"): str(item.doc["timezone"]) for item in found}
