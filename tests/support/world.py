"""A small operator in the books: customers, packages and usage put straight into the store, for tests of billing itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib import wiring
from chalicelib.domain.customer import Customer, Frequency, Schedule
from chalicelib.domain.packages import Assignment, Package
from chalicelib.services.deps import Deps
from chalicelib.store import codec, keys
from chalicelib.store.clock import add_clock, build_clock
from chalicelib.store.members import Member
from chalicelib.store.packages import put_package
from chalicelib.store.settings import get_settings, save_settings
from chalicelib.store.tables import AssignmentItem, CustomerItem
from chalicelib.store.transaction import commit
from chalicelib.store.usage import load_head, record_part
from tests.support.builders import a_customer, a_rollup
from tests.support.usage_rows import UsageRow

MONTHLY = Schedule(frequency=Frequency.MONTHLY, anchor=1)


@dataclass(slots=True)
class World:
    """`now` is the clock of the services; ids count up, so that they sort."""

    now: datetime = datetime(2026, 12, 1, 6, tzinfo=UTC)
    ids: Any = field(default_factory=lambda: count(1))

    @property
    def deps(self) -> Deps:
        """Dependencies with this world's clock and ids."""
        return Deps(clock=lambda: self.now, new_id=lambda: f"{next(self.ids):08d}", settings=wiring.get_deps().settings)

    def with_chunks_of(self, size: int) -> Deps:
        """Dependencies that cut runs into chunks of `size` customers."""
        deps = self.deps
        return replace(deps, settings=replace(deps.settings, chunk_size=size))

    def customer(self, customer_id: str = "acme", **fields: Any) -> Customer:
        """A customer billed monthly since 1 November 2026."""
        base = a_customer(id=customer_id, schedule=MONTHLY, billing_start=date(2026, 11, 1))
        customer = replace(base, **fields)
        clock = build_clock(customer, None, get_settings().settling_hours)

        def fill(transaction: TransactWrite) -> None:
            item = CustomerItem(keys.customer_pk(customer.id), keys.PROFILE, ver=customer.version)
            item.doc = codec.plain(customer)
            transaction.save(item)
            add_clock(transaction, clock, wiring.get_deps().settings.due_shards)

        commit(fill)
        return customer

    def usage(self, customer_id: str, *rows: UsageRow, batch_id: str = "b1", billing_day: date | None = None) -> None:
        """Roll-ups of one batch, one per day of the rows (or all on one billing day)."""
        by_day: dict[date, list[UsageRow]] = {}
        for row in rows:
            by_day.setdefault(billing_day or row.day, []).append(row)
        rollups = [a_rollup(*some, billing_day=day, batch_id=batch_id) for day, some in by_day.items()]
        assert record_part(_member(customer_id, batch_id), rollups, load_head(customer_id)) is None

    def package(self, package: Package) -> Package:
        """A package in the catalogue."""
        put_package(package)
        return package

    def assignment(self, assignment: Assignment) -> Assignment:
        """A package on a customer."""
        item = AssignmentItem(keys.customer_pk(assignment.customer_id), keys.assignment_sk(assignment.id), ver=1)
        item.doc = codec.plain(assignment)
        commit(lambda transaction: transaction.save(item))
        return assignment

    def settings(self, **changes: Any) -> None:
        """Change the operator's settings."""
        save_settings(replace(get_settings(), **changes))

    def pass_time(self, **duration: int) -> None:
        """Let the clock move on."""
        self.now += timedelta(**duration)


def _member(customer_id: str, batch_id: str) -> Member:
    return Member(
        customer_id=customer_id,
        batch_id=batch_id,
        tag="t",
        number=0,
        span_from="2026-11-01T00:00:00Z",
        span_to="2026-11-30T23:59:59Z",
        offset=0,
        length=0,
        ids_offset=0,
        ids_count=0,
        accepted=1,
        duplicates=0,
    )
