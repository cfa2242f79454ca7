"""Import batches in the work table. An unfinished one stays in the index of open things, so that the sweep takes it up again."""

from __future__ import annotations

from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import NotFound
from chalicelib.domain.usage_batch import Batch
from chalicelib.store import codec, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import BatchItem, BatchListItem

ALL = "BATCHES"
READ = 100


def register_batch(batch: Batch) -> Batch:
    """Record a new batch and list it; when its file came before, the batch as it is, or anew if it may come again."""
    try:
        commit(lambda transaction: _fill(transaction, batch))
    except ConditionFailedError:
        known = get_batch(batch.id)
        return _reopen(known, batch) if known.may_come_again else known
    return batch


def find_batch(batch_id: str) -> Batch | None:
    """The batch, or None."""
    item = _find(batch_id)
    return None if item is None else codec.restore(Batch, item.doc)


def get_batch(batch_id: str) -> Batch:
    """The batch, or NotFound."""
    batch = find_batch(batch_id)
    if batch is None:
        raise NotFound("usage batch", batch_id)
    return batch


def save_progress(batch: Batch) -> None:
    """Set an open batch; one that somebody else finished meanwhile stays finished."""
    try:
        _update(batch)
    except ConditionFailedError:
        return  # finished by a repeated event


def list_batches(limit: int, before: str | None) -> tuple[list[Batch], str | None]:
    """Batches, newest first, and the position to go on from (None at the end)."""
    page, following = _list_page(limit, before)
    ids = [position.partition("#")[2] for position in page]
    found = {batch.id: batch for start in range(0, len(ids), READ) for batch in _load(ids[start : start + READ])}
    return [found[one] for one in ids if one in found], following


def _reopen(refused: Batch, batch: Batch) -> Batch:
    """The batch begins anew with its file in the new place; whoever came second goes on with what the first made of it."""
    try:
        commit(lambda transaction: _replace(transaction, refused, batch))
    except ConditionFailedError:
        return get_batch(batch.id)
    return batch


def _replace(transaction: TransactWrite, refused: Batch, batch: Batch) -> None:
    transaction.save(_item(batch), condition=BatchItem.doc == codec.plain(refused))
    if (listed := _listed(refused)).sk != _listed(batch).sk:
        transaction.delete(listed)
        transaction.save(_listed(batch))


def _listed(batch: Batch) -> BatchListItem:
    return BatchListItem(ALL, f"{keys.instant(batch.created_at)}#{batch.id}")


def _fill(transaction: TransactWrite, batch: Batch) -> None:
    transaction.save(_item(batch), condition=BatchItem.pk.does_not_exist())
    transaction.save(_listed(batch))


def _item(batch: Batch) -> BatchItem:
    item = BatchItem(keys.batch_pk(batch.id), keys.HEAD, doc=codec.plain(batch))
    if batch.is_open:
        item.op, item.os = OPEN, f"{keys.instant(batch.created_at)}#{batch.id}"
    return item


@retried
def _find(batch_id: str) -> BatchItem | None:
    try:
        return BatchItem.get(keys.batch_pk(batch_id), keys.HEAD, consistent_read=True)
    except BatchItem.DoesNotExist:
        return None


@retried
def _update(batch: Batch) -> None:
    _item(batch).save(condition=BatchItem.op.exists())


@retried
def _list_page(limit: int, before: str | None) -> tuple[list[str], str | None]:
    condition = BatchListItem.sk < before if before else None
    page = [item.sk for item in BatchListItem.query(ALL, condition, scan_index_forward=False, limit=limit + 1)]
    return page[:limit], page[limit - 1] if len(page) > limit else None


@retried
def _load(ids: list[str]) -> list[Batch]:
    found = BatchItem.batch_get([(keys.batch_pk(one), keys.HEAD) for one in ids], consistent_read=True)
    return [codec.restore(Batch, item.doc) for item in found]
