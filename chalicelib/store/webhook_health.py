"""How endpoints fare, in the work table: counted, not decided upon by anything but patience. Forgotten after thirty days."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from chalicelib.domain.webhooks import Health
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.webhook_tables import EndpointHealthItem

SK = "HEALTH"
LIFETIME = timedelta(days=30)


def find_health(endpoint_id: str) -> Health:
    """How the endpoint fares; well, when nothing is known."""
    return load_health([endpoint_id]).get(endpoint_id, Health())


@retried
def load_health(endpoint_ids: Iterable[str]) -> dict[str, Health]:
    """How endpoints fare that do not fare well, by their ids; at most 100."""
    wanted = [(_pk(endpoint_id), SK) for endpoint_id in endpoint_ids]
    found = EndpointHealthItem.batch_get(wanted, consistent_read=True)
    return {item.pk.removeprefix(_pk("")): _health(item) for item in found}


@retried
def add_failure(endpoint_id: str, now: datetime) -> Health:
    """Count a failure (a repeated count does no harm); how the endpoint fares now."""
    item = EndpointHealthItem(_pk(endpoint_id), SK)
    stamp = now.isoformat()
    actions: list[Action] = [
        EndpointHealthItem.n.add(1),
        EndpointHealthItem.since.set(EndpointHealthItem.since | stamp),
        EndpointHealthItem.ttl.set(int((now + LIFETIME).timestamp())),
    ]
    item.update(actions=actions)
    return _health(item)


def pause(endpoint_id: str, until: datetime) -> None:
    """Leave the endpoint alone until then, unless it fares well by now."""
    with suppress(ConditionFailedError):
        _pause(endpoint_id, until)


@retried
def clear_health(endpoint_id: str) -> None:
    """The endpoint fares well."""
    EndpointHealthItem(_pk(endpoint_id), SK).delete()


def _pk(endpoint_id: str) -> str:
    return f"HOOK#{endpoint_id}"


def _health(item: EndpointHealthItem) -> Health:
    until = datetime.fromisoformat(item.until) if item.until else None
    return Health(failures=int(item.n), failing_since=datetime.fromisoformat(item.since), paused_until=until)


@retried
def _pause(endpoint_id: str, until: datetime) -> None:
    item = EndpointHealthItem(_pk(endpoint_id), SK)
    item.update(actions=[EndpointHealthItem.until.set(until.isoformat())], condition=EndpointHealthItem.n.exists())
