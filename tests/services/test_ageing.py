"""The ageing report over many customers: what it costs, and asking for it in parts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.money import total
from chalicelib.services.ageing import AgeingQuestion, AgeingReport, build_ageing
from tests.support.aws_calls import counted
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk

COUNT = 12


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """Twelve customers that owe from 1.00 to 12.00; every third paid all of it, and one has 5.00 besides."""
    clerk = Clerk()
    for place in range(1, COUNT + 1):
        customer_id = f"c{place:02d}"
        clerk.world.customer(customer_id, schedule=None)
        invoice = clerk.invoice(f"{place}.00", customer_id, invoice_date=date(2026, 11, place))
        if place % 3 == 0:
            payment = clerk.payment(f"{place}.00", customer_id, date=date(2026, 11, 20))
            clerk.allocate(payment, (invoice, f"{place}.00"), date=date(2026, 11, 20))
    clerk.payment("5.00", "c01")
    return clerk


def ask(clerk: Clerk, **fields: object) -> AgeingReport:
    """The report."""
    return build_ageing(clerk.world.deps, AgeingQuestion(**fields))  # type: ignore[arg-type]


def test_the_present_reads_only_who_owes_or_has_something(clerk: Clerk) -> None:
    """Three queries for each of them, none for the settled ones, and a few for the lists."""
    with counted() as calls:
        found = ask(clerk)
    assert len(found.ageing.customers) == COUNT - COUNT // 3
    assert calls["Query"] <= 3 * (COUNT - COUNT // 3) + 6
    assert (calls["BatchGetItem"], sum(calls.values()) - calls["Query"]) == (1, 4)


def test_a_past_day_leaves_out_later_months(clerk: Clerk) -> None:
    """Documents of later months are not even listed; the answer is that of the day."""
    with counted() as calls:
        assert ask(clerk, as_of=date(2026, 10, 31), currency="EUR").ageing.customers == {}
    assert calls["Query"] == 0
    found = ask(clerk, as_of=date(2026, 11, 30))
    assert (found.ageing.total.total, found.ageing.total.unallocated) == (Decimal("48.00"), Decimal("0.00"))


@pytest.mark.parametrize("fields", [{}, {"as_of": date(2026, 12, 31)}])
def test_the_parts_are_the_whole(clerk: Clerk, fields: dict[str, date]) -> None:
    """Each customer is in one part, and the totals of the parts add up."""
    whole = ask(clerk, **fields)
    parts = [ask(clerk, limit=5, **fields)]
    while parts[-1].next_cursor:
        parts.append(ask(clerk, limit=5, cursor=parts[-1].next_cursor, **fields))
    assert [key for part in parts for key in part.ageing.customers] == list(whole.ageing.customers)
    assert total(part.ageing.total.total for part in parts) == whole.ageing.total.total
    assert (len(parts), whole.next_cursor) == (-(-(COUNT if fields else COUNT - COUNT // 3) // 5), None)
    with pytest.raises(Invalid):
        ask(clerk, cursor="nonsense")


def test_one_customer_is_read_alone(clerk: Clerk) -> None:
    """Without a look at the lists, in its own currency."""
    with counted() as calls:
        found = ask(clerk, customer_id="c01")
    assert (found.currency, found.ageing.total.total, found.ageing.total.unallocated) == ("EUR", Decimal("1.00"), Decimal("5.00"))
    assert calls["Query"] == 3
    with pytest.raises(NotFound):
        ask(clerk, customer_id="nobody")
