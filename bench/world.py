"""Sample operators for the cases: a month of usage in memory, and a deployment on moto with a chunk of customers to bill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from chalicelib import wiring
from chalicelib.domain.customer import Frequency
from chalicelib.domain.usage import RollUp
from chalicelib.services import billing_runs
from chalicelib.store import list_months, operators, shards
from tests.support.builders import a_package, an_assignment
from tests.support.cloud import Cloud, running_cloud
from tests.support.usage_rows import UsageRow, to_columns
from tests.support.world import World

PLACES = tuple(f"Place {number:02d} Mobile" for number in range(20))


def usage_rows(first: date, days: int, chance: Random) -> list[UsageRow]:
    """Calls to every place on every day: 20 usage lines."""
    return [_row(first + timedelta(days=day), place, chance) for day in range(days) for place in PLACES]


def roll_ups(first: date, days: int, chance: Random) -> tuple[RollUp, ...]:
    """The same as stored: one roll-up a day."""
    rows = usage_rows(first, days, chance)
    size = len(PLACES)
    return tuple(RollUp(rows[at].day, "b1", to_columns(rows[at : at + size])) for at in range(0, len(rows), size))


@contextmanager
def deployment() -> Iterator[Cloud]:
    """The stack on moto, empty, with this process pointed at it."""
    with pytest.MonkeyPatch.context() as monkeypatch, running_cloud(monkeypatch) as cloud:
        wiring.reset()
        wiring.get_deps()
        empty(cloud)
        yield cloud


def empty(cloud: Cloud) -> None:
    """Empty the deployment, and what this process remembers of it."""
    cloud.clear()
    operators.forget()
    list_months.forget()
    shards.forget()


@dataclass(frozen=True, slots=True)
class Due:
    """A run whose one chunk waits to be billed."""

    world: World
    run_id: str
    invoices: int


def make_due(customers: int) -> Due:
    """A run over so many customers with a package and a month of usage each: invoices of 21 lines."""
    world, chance = World(), Random(7)
    world.package(a_package())
    for number in range(customers):
        name = f"customer-{number:04d}"
        world.customer(name, email="billing@example.com")
        world.assignment(an_assignment(customer_id=name))
        world.usage(name, *usage_rows(date(2026, 11, 1), 30, chance))
    started = billing_runs.run_schedule(world.deps, Frequency.MONTHLY, datetime(2026, 12, 1, 6, tzinfo=UTC))
    assert started
    return Due(world, started.id, customers)


def _row(day: date, place: str, chance: Random) -> UsageRow:
    seconds, charge = chance.randrange(30_000), Decimal(chance.randrange(1, 99_999)).scaleb(-4)
    return UsageRow(day, place, chance.randrange(60, 90), chance.randrange(10, 60), seconds, seconds // 60 * 60 + 60, charge)
