"""Deliveries of webhooks: those of one endpoint and subject lie together in order, and an index finds them by state.

Each stays for thirty days. A try is claimed by a conditional write before anything is sent; nothing is decided from the index.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from chalicelib.domain.webhooks import Delivery, DeliveryStatus
from chalicelib.store import keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.webhook_tables import DeliveryItem
from chalicelib.store.work_tables import WorkItem

LIFETIME = timedelta(days=30)
Key = tuple[str, str]


def put_delivery_once(delivery: Delivery) -> bool:
    """Record a delivery; False when it was recorded before."""
    try:
        _put(_item(delivery))
    except ConditionFailedError:
        return False
    return True


def find_delivery(endpoint_id: str, event_type: str, subject: str, sequence: int) -> Delivery | None:
    """A delivery as last committed, or None."""
    item = _find(_pk(endpoint_id, subject), _sk(sequence, event_type))
    return None if item is None else _delivery(item)


def load_lane(endpoint_id: str, subject: str) -> list[Delivery]:
    """What is still to be sent to an endpoint about a subject, in the order in which it has to be sent. Read consistently."""
    waiting = [_delivery(item) for item in _pending(_pk(endpoint_id, subject))]
    return sorted(waiting, key=lambda delivery: delivery.place)


def save_delivery(read: Delivery, after: Delivery) -> bool:
    """Change a delivery that is as it was read; False when somebody else changed it."""
    try:
        _save(read, after)
    except ConditionFailedError:
        return False
    return True


def list_deliveries(
    endpoint_id: str, status: DeliveryStatus, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """A page of deliveries in a state, latest first, and the cursor to go on with. From an index: may lag."""
    found = _listed(_partition(endpoint_id, status), decode_cursor(cursor), limit + 1)
    following = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
    return _load([key for _position, key in found[:limit]]), following


def list_span(
    endpoint_id: str, status: DeliveryStatus, after: str, until: datetime, limit: int
) -> tuple[list[Delivery], str | None]:
    """Finished deliveries of a state, announced after a position (at first `keys.instant`) until an instant, oldest first.

    Also where to go on, None at the end. From an index: may lag.
    """
    found = _spanned(_partition(endpoint_id, status), after, _end(until), limit)
    return _load([key for _position, key in found]), found[-1][0] if len(found) == limit else None


def list_due(endpoint_id: str, now: datetime, limit: int) -> list[str]:
    """Subjects about which something is due to be sent to an endpoint, most overdue first. From an index: may lag."""
    found = _spanned(_partition(endpoint_id, DeliveryStatus.PENDING), "0", _end(now), limit)
    prefix = _pk(endpoint_id, "")
    return list(dict.fromkeys(pk.removeprefix(prefix) for _position, (pk, _sk) in found))


def _load(wanted: list[Key]) -> list[Delivery]:
    """Deliveries in the order of their keys, without those that expired."""
    found = {(item.pk, item.sk): _delivery(item) for item in _read(wanted)}
    return [found[key] for key in wanted if key in found]


def _pk(endpoint_id: str, subject: str) -> str:
    return f"HOOK#{endpoint_id}#{subject}"


def _sk(sequence: int, event_type: str) -> str:
    return f"{sequence:012d}#{event_type}"


def _partition(endpoint_id: str, status: DeliveryStatus) -> str:
    """Index partition of an endpoint's deliveries in a state."""
    return f"HOOK#{endpoint_id}#{status}"


def _position(delivery: Delivery) -> str:
    """Where the index lists a delivery: by its next try while it is pending, by when it was announced afterwards."""
    at = delivery.next_at if delivery.is_pending else delivery.created_at
    return f"{keys.instant(at)}#{delivery.subject}#{_sk(delivery.sequence, delivery.type)}"


def _end(at: datetime) -> str:
    """After every position of that second."""
    return f"{keys.instant(at)}~"


def _item(delivery: Delivery) -> DeliveryItem:
    return DeliveryItem(
        _pk(delivery.endpoint_id, delivery.subject),
        _sk(delivery.sequence, delivery.type),
        st=delivery.status.value,
        n=delivery.attempts,
        at=delivery.next_at.isoformat(),
        finished=delivery.finished_at.isoformat() if delivery.finished_at else None,
        doc={"body": delivery.body, "created_at": delivery.created_at.isoformat()},
        op=_partition(delivery.endpoint_id, delivery.status),
        os=_position(delivery),
        ttl=_forgotten(delivery.created_at),
    )


def _delivery(item: DeliveryItem) -> Delivery:
    _hook, endpoint_id, subject = item.pk.split("#", 2)
    sequence, _, event_type = item.sk.partition("#")
    return Delivery(
        endpoint_id=endpoint_id,
        type=event_type,
        subject=subject,
        sequence=int(sequence),
        body=item.doc["body"],
        status=DeliveryStatus(item.st),
        attempts=int(item.n),
        next_at=datetime.fromisoformat(item.at),
        created_at=datetime.fromisoformat(item.doc["created_at"]),
        finished_at=datetime.fromisoformat(item.finished) if item.finished else None,
        response_status=_whole(item.response),
        error=item.error or "",
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _forgotten(since: datetime) -> int:
    return int((since + LIFETIME).timestamp())


def _changes(after: Delivery) -> list[Action]:
    finished = DeliveryItem.finished
    return [
        DeliveryItem.st.set(after.status.value),
        DeliveryItem.n.set(after.attempts),
        DeliveryItem.at.set(after.next_at.isoformat()),
        finished.set(after.finished_at.isoformat()) if after.finished_at else finished.remove(),
        DeliveryItem.response.remove() if after.response_status is None else DeliveryItem.response.set(after.response_status),
        DeliveryItem.error.set(after.error),
        DeliveryItem.op.set(_partition(after.endpoint_id, after.status)),
        DeliveryItem.os.set(_position(after)),
        DeliveryItem.ttl.set(_forgotten(after.finished_at or after.next_at)),
    ]


@retried
def _put(item: DeliveryItem) -> None:
    item.save(DeliveryItem.pk.does_not_exist())


@retried
def _find(pk: str, sk: str) -> DeliveryItem | None:
    try:
        return DeliveryItem.get(pk, sk, consistent_read=True)
    except DeliveryItem.DoesNotExist:
        return None


@retried
def _pending(pk: str) -> list[DeliveryItem]:
    pending = DeliveryItem.st == DeliveryStatus.PENDING.value
    return list(DeliveryItem.query(pk, filter_condition=pending, consistent_read=True))


@retried
def _save(read: Delivery, after: Delivery) -> None:
    item = DeliveryItem(_pk(read.endpoint_id, read.subject), _sk(read.sequence, read.type))
    unchanged = (
        (DeliveryItem.st == read.status.value) & (DeliveryItem.n == read.attempts) & (DeliveryItem.at == read.next_at.isoformat())
    )
    item.update(actions=_changes(after), condition=unchanged)


@retried
def _listed(partition: str, before: str | None, limit: int) -> list[tuple[str, Key]]:
    condition = WorkItem.os < before if before else None
    found = WorkItem.by_open.query(partition, condition, scan_index_forward=False, limit=limit)
    return [(item.os, (item.pk, item.sk)) for item in found]


@retried
def _spanned(partition: str, after: str, until: str, limit: int) -> list[tuple[str, Key]]:
    beyond = f"{after} "  # no position lies between the two
    found = WorkItem.by_open.query(partition, WorkItem.os.between(beyond, until), limit=limit)
    return [(item.os, (item.pk, item.sk)) for item in found]


@retried
def _read(wanted: list[Key]) -> list[DeliveryItem]:
    return list(DeliveryItem.batch_get(wanted, consistent_read=True))
