"""Missed, doubled, shuffled runs, days by hand and voids through the services: one live invoice per day, one total."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.errors import BillingError
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.services import billing, billing_by_hand, billing_runs, invoice_states
from chalicelib.services.reconcile_days import check_days
from chalicelib.services.reconcile_numbers import check_numbers
from chalicelib.store import keys, runs
from chalicelib.store.accounts import get_account
from chalicelib.store.books import load_books
from chalicelib.store.invoices import get_invoice
from chalicelib.store.tables import InvoiceItem
from tests.support.builders import a_usage_row
from tests.support.cloud import Cloud
from tests.support.world import World

START, DAYS = date(2026, 10, 19), 24
END = datetime(2026, 11, 12, 6, tzinfo=UTC)
"""24 days of Cairo, whose clocks go back on 30 October; the last run comes when all of them are over."""
SCHEDULES = st.sampled_from(
    [
        Schedule(frequency=Frequency.DAILY),
        Schedule(frequency=Frequency.WEEKLY, anchor=4),
        Schedule(frequency=Frequency.MONTHLY, anchor=31),
    ]
)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["run", "run", "button", "hand", "void"]), st.integers(0, 24 * DAYS), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)


def charge_of(day: date) -> Decimal:
    """A charge by which each day is told from the others: whole cents, so that splitting invoices rounds nothing."""
    return Decimal(2) ** (day - START).days / 100


def act(world: World, frequency: Frequency, action: tuple[str, int, int]) -> None:
    """One thing that happens; what the rules refuse changes nothing."""
    kind, hours, choice = action
    as_of = datetime(2026, 10, 19, tzinfo=UTC) + timedelta(hours=hours)
    if kind == "run":
        run(world, frequency, as_of)
    elif kind == "button":
        billing_by_hand.auto_generate(world.deps, "acme", as_of)
    elif kind == "hand":
        day = START + timedelta(days=hours // 24)
        try:
            billing_by_hand.bill_days(world.deps, billing_by_hand.BillDays("acme", ((day, day + timedelta(days=choice)),)))
        except BillingError as refused:
            assert refused.code in {"day_already_billed", "day_not_closed"}  # noqa: PT017  # both, or no error, are right
    elif issued := live_invoices():
        invoice_states.void_invoice(world.deps, issued[choice % len(issued)].id)


def run(world: World, frequency: Frequency, as_of: datetime) -> None:
    """The schedule's event; its chunks are delivered twice."""
    started = billing_runs.run_schedule(world.deps, frequency, as_of)
    for chunk in runs.list_last_chunks(started.id, 10) if started else ():
        for _ in range(2):
            billing.bill_chunk(world.deps, chunk.run_id, chunk.number)


def live_invoices() -> list[Invoice]:
    """The customer's issued invoices."""
    items = InvoiceItem.query(keys.customer_pk("acme"), InvoiceItem.sk.startswith("I#"), consistent_read=True)
    found = [get_invoice(keys.invoice_id("acme", item.sk.removeprefix("I#"))) for item in items]
    return [invoice for invoice in found if invoice.status is InvoiceStatus.ISSUED]


@settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failure is short as it is; shrinking it would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(Schedule(frequency=Frequency.DAILY), [("run", 300, 0), ("void", 0, 3)])
@example(Schedule(frequency=Frequency.WEEKLY, anchor=4), [("hand", 200, 1), ("button", 500, 0), ("void", 0, 0), ("run", 100, 0)])
@given(SCHEDULES, ACTIONS)
def test_any_pattern_of_runs_bills_every_day_once(cloud: Cloud, schedule: Schedule, actions: list[tuple[str, int, int]]) -> None:
    """Whatever happened before, after a last run each closed day is on one live invoice; they come to the sum of all calls."""
    cloud.clear()
    world = World(now=END)
    world.customer(schedule=schedule, billing_start=START, timezone="Africa/Cairo")
    days = [START + timedelta(days=n) for n in range(DAYS)]
    world.usage("acme", *(a_usage_row(day, charge=charge_of(day)) for day in days))
    for action in actions:
        act(world, schedule.frequency, action)
    run(world, schedule.frequency, END)
    billed = Counter(day for invoice in live_invoices() for day in invoice.days)
    last = {Frequency.DAILY: date(2026, 11, 11), Frequency.WEEKLY: date(2026, 11, 11), Frequency.MONTHLY: date(2026, 10, 30)}
    assert set(billed) >= {day for day in days if day <= last[schedule.frequency]}
    assert set(billed.values()) == {1}
    assert sum(invoice.subtotal for invoice in live_invoices()) == sum(charge_of(day) for day in billed)
    books = load_books("acme")
    assert [*check_days(books, get_account("acme")), *check_numbers(books)] == []
