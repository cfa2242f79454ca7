"""Many customers at once: put in batches, with calls in a file that is imported as any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from chalicelib import wiring
from chalicelib.domain.customer import Customer, Frequency, Schedule
from chalicelib.domain.usage import RollUp
from chalicelib.services.usage_import import import_object
from chalicelib.store import codec, index_keys, keys
from chalicelib.store.clock import build_clock, to_item
from chalicelib.store.objects import put_object
from chalicelib.store.roll_up_rows import store_usage
from chalicelib.store.settings import get_settings
from chalicelib.store.tables import BillingItem, CustomerItem
from chalicelib.store.work_tables import RollUpItem, WorkItem
from tests.support.builders import a_customer
from tests.support.usage import Call, csv_file

MONTHLY = Schedule(frequency=Frequency.MONTHLY, anchor=1)


def put_crowd(names: Iterable[str], billing_start: date, **fields: object) -> None:
    """Customers of these ids, billed monthly from that day on, as their service would leave them."""
    deps, settling_hours = wiring.get_deps(), get_settings().settling_hours
    with BillingItem.batch_write() as batch:
        for name in names:
            customer = a_customer(id=name, name=name, schedule=MONTHLY, billing_start=billing_start, **fields)
            batch.save(_profile(customer, deps.settings.list_shards))
            batch.save(to_item(build_clock(customer, None, settling_hours), deps.settings.due_shards))


def put_usage(names: Iterable[str], roll_up: RollUp) -> None:
    """The same calls on everybody's account, without a batch that brought them: for tests that reconcile, import a file."""
    key = f"{roll_up.billing_day.isoformat()}#{roll_up.batch_id}"
    with WorkItem.batch_write() as batch:
        for name in names:
            batch.save(RollUpItem(keys.usage_pk(name), key, rows=store_usage(name, roll_up)))


def crowd_calls(names: Sequence[str], days: Iterable[date], mark: str) -> bytes:
    """A file with one call a customer and day; `mark` makes its call ids its own."""
    wanted = [(name, day) for day in days for name in names]
    return csv_file(
        Call(f"{mark}-{name}-{day}", customer_id=name, started_at=f"{day}T10:00:00Z", charge="1.25") for name, day in wanted
    )


def import_calls(body: bytes, name: str) -> None:
    """Take the file in; every row must be accepted."""
    key = f"usage/incoming/{name}.csv"
    put_object(key, body)
    batch = import_object(wiring.get_deps(), key)
    assert (batch.rejected, batch.duplicates) == (0, 0), batch


def _profile(customer: Customer, shards: int) -> CustomerItem:
    item = CustomerItem(keys.customer_pk(customer.id), keys.PROFILE, ver=customer.version, doc=codec.plain(customer))
    shard = index_keys.shard_of(customer.id, shards)
    item.g1p, item.g1s = index_keys.customer_list_partition(shard), index_keys.customer_list_sort(customer.name, customer.id)
    return item
