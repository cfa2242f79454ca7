"""The names of many customers in few reads, for reports. Consistent; knows nothing else of a customer."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import CustomerItem

BATCH = 100


def load_names(customer_ids: Sequence[str]) -> dict[str, str]:
    """Name by id of the customers that exist."""
    names: dict[str, str] = {}
    for start in range(0, len(customer_ids), BATCH):
        names |= _get(customer_ids[start : start + BATCH])
    return names


@retried
def _get(customer_ids: Sequence[str]) -> dict[str, str]:
    found = CustomerItem.batch_get([(keys.customer_pk(one), keys.PROFILE) for one in customer_ids], consistent_read=True)
    return {item.pk.removeprefix("C#"): str(item.doc["name"]) for item in found}
