"""How many index partitions were ever written to, so that a deployment that is set to fewer still reads all of them.

Two counts that only grow: of the lists, and of the billing clocks. The sweep notes what is set; whoever reads the shards of an
index asks here. Writing needs no look: with fewer shards set, items lie in shards that everybody reads.
"""

from __future__ import annotations

from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import ShardsItem

LISTS, CLOCKS = "lists", "clocks"
"""The indexes."""
_PK = "SHARDS"
_known: dict[str, int] = {}


def shards_to_read(index: str, configured: int) -> range:
    """Every shard that may hold anything: those set, or those ever noted if they are more. One read per process and index."""
    if index not in _known:
        _known[index] = _load(index)
    return range(max(configured, _known[index]))


def note_shards(index: str, configured: int) -> None:
    """Note that so many shards are written to; free when this process knows of as many."""
    if configured <= len(shards_to_read(index, 0)):
        return
    try:
        _raise(index, configured)
    except ConditionFailedError:
        _known.pop(index)  # somebody noted as many or more meanwhile
        return
    _known[index] = configured


def forget() -> None:
    """Drop what this process remembers (a new database in tests)."""
    _known.clear()


@retried
def _load(index: str) -> int:
    try:
        return int(ShardsItem.get(_PK, index, consistent_read=True).shards)
    except ShardsItem.DoesNotExist:
        return 0


@retried
def _raise(index: str, count: int) -> None:
    item = ShardsItem(_PK, index, shards=count)
    item.save(condition=ShardsItem.pk.does_not_exist() | (ShardsItem.shards < count))
