"""One fact of many customers in few reads: their names for reports, their time zones for imports. Consistent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import CustomerItem

BATCH = 100
MAX_ID = 64
"""Longer texts are nobody's id, and no key."""


def load_names(customer_ids: Sequence[str]) -> dict[str, str]:
    """Name by id of the customers that exist."""
    return _load(customer_ids, "name")


def find_zones(customer_ids: Collection[str]) -> dict[str, str]:
    """Zone by id of the customers that exist; the ids come from outside and may be any text."""
    return _load([one for one in customer_ids if 0 < len(one) <= MAX_ID and one.isprintable()], "timezone")


def _load(customer_ids: Sequence[str], field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(customer_ids), BATCH):
        found |= _get(customer_ids[start : start + BATCH], field)
    return found


@retried
def _get(customer_ids: Sequence[str], field: str) -> dict[str, str]:
    found = CustomerItem.batch_get([(keys.customer_pk(one), keys.PROFILE) for one in customer_ids], consistent_read=True)
    return {item.pk.removeprefix("C#"): str(item.doc[field]) for item in found}
