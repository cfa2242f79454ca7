"""Snapshots of the operator, kept once under the hash of their content, so that a logo is not stored with every invoice."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from hashlib import sha256

from chalicelib.domain.customer import Address
from chalicelib.domain.errors import NotFound
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.store import codec
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem, OperatorItem

NO_OPERATOR = OperatorSnapshot(name="", address=Address())
"""Stands in a packed invoice where the snapshot was taken out."""


@cache
def keep_operator(operator: OperatorSnapshot) -> str:
    """Store the snapshot unless it is there; returns its name (one write per process and snapshot)."""
    raw = codec.dump(operator)
    name = sha256(raw).hexdigest()[:20]
    item = OperatorItem("OPR", name, doc=codec.pack_json(raw))
    with suppress(ConditionFailedError):
        _put_once(item)
    return name


@cache
def get_operator(name: str) -> OperatorSnapshot:
    """The snapshot of a name; immutable, so kept while the process lives."""
    item = _get(name)
    return codec.unpack(OperatorSnapshot, item.doc)


def forget() -> None:
    """Drop what this process remembers (a new database in tests)."""
    keep_operator.cache_clear()
    get_operator.cache_clear()


@retried
def _put_once(item: OperatorItem) -> None:
    item.save(BillingItem.pk.does_not_exist())


@retried
def _get(name: str) -> OperatorItem:
    try:
        return OperatorItem.get("OPR", name, consistent_read=True)
    except OperatorItem.DoesNotExist as error:
        raise NotFound("operator snapshot", name) from error
