"""Billing chunks and runs: exactly one invoice per customer and period, numbers without holes, days claimed once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.operator import DateOrder, GeneratedInvoices
from chalicelib.services import billing, billing_runs
from chalicelib.services.catalogue import load_catalogue
from chalicelib.services.run_progress import RunProgress, get_progress
from chalicelib.store import keys, ledger, numbering, runs
from chalicelib.store.invoices import find_invoice, get_invoice
from chalicelib.store.tables import BillingItem, InvoiceItem
from tests.support.aws_calls import counted
from tests.support.builders import a_package, a_usage_row, an_assignment
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

DECEMBER = datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.fixture
def world(cloud: Cloud) -> Iterator[World]:
    """An empty operator on the morning of 1 December 2026."""
    assert cloud
    return World()


def run(world: World, frequency: Frequency = Frequency.MONTHLY, *, chunk_size: int = 100) -> RunProgress | None:
    """The hourly schedule fires and every chunk is worked off."""
    deps = world.with_chunks_of(chunk_size)
    started = billing_runs.run_schedule(deps, frequency, world.now)
    if started is None:
        return None
    for chunk in runs.list_last_chunks(started.id, 100):
        billing.bill_chunk(deps, chunk.run_id, chunk.number)
    return get_progress(started.id)


def invoices_of(customer_id: str = "acme") -> list[Invoice]:
    """All invoices of a customer, in order of their keys."""
    found = InvoiceItem.query(keys.customer_pk(customer_id), InvoiceItem.sk.startswith("I#"))
    return [get_invoice(keys.invoice_id(customer_id, item.sk.removeprefix("I#"))) for item in found]


def test_a_month_of_usage_becomes_one_issued_invoice(world: World) -> None:
    """The run claims the month, numbers the invoice, freezes it and sets the clock to the next month."""
    world.customer()
    world.usage("acme", a_usage_row(date(2026, 11, 3), charge="1.25"), a_usage_row(date(2026, 11, 9), charge="2.25"))
    progress = run(world)
    (invoice,) = invoices_of()
    assert (invoice.number, invoice.status, invoice.total) == ("INV-1001", InvoiceStatus.ISSUED, Decimal("4.20"))
    assert (invoice.invoice_date, len(invoice.days), invoice.pdf_status) == (date(2026, 12, 1), 30, PdfStatus.RENDERING)
    assert progress is not None
    assert (progress.status, progress.due, progress.tally.done, progress.tally.issued) == ("done", 1, 1, 1)
    assert billing_runs.run_schedule(world.deps, Frequency.MONTHLY, world.now) is None


def test_running_twice_is_running_once(world: World) -> None:
    """The same event again, and an overlapping later run, change nothing."""
    world.customer()
    world.usage("acme", a_usage_row())
    run(world)
    before = sorted((item.pk, item.sk) for item in BillingItem.scan())
    run(world)
    world.pass_time(hours=1)
    run(world)
    assert sorted((item.pk, item.sk) for item in BillingItem.scan()) == before


def test_an_outage_of_three_months_is_caught_up_oldest_first(world: World) -> None:
    """One run makes every missing invoice, numbered in the order of the periods."""
    world.customer(billing_start=date(2026, 9, 1))
    world.usage("acme", *(a_usage_row(date(2026, month, 5)) for month in (9, 10, 11)))
    run(world)
    found = invoices_of()
    assert [invoice.period.start_date for invoice in found if invoice.period] == [date(2026, m, 1) for m in (9, 10, 11)]
    assert [invoice.number for invoice in found] == ["INV-1001", "INV-1002", "INV-1003"]


def test_a_period_without_anything_is_billed_without_an_invoice(world: World) -> None:
    """Zero invoices are skipped, their days stay claimed, and no invoice is named for them."""
    world.customer()
    progress = run(world)
    assert progress is not None
    assert (progress.tally.issued, progress.tally.skipped) == (0, 1)
    days = ledger.load_ledger("acme", date(2026, 11, 1))
    assert days.is_billed(date(2026, 11, 30))
    assert days.invoice_id("acme", date(2026, 11, 30)) is None


def test_drafts_for_review_take_no_number(world: World) -> None:
    """With generated_invoices = draft nothing is numbered, and the days are claimed."""
    world.settings(generated_invoices=GeneratedInvoices.DRAFT)
    world.customer()
    world.usage("acme", a_usage_row())
    run(world)
    (draft,) = invoices_of()
    assert (draft.status, draft.number) == (InvoiceStatus.DRAFT, None)
    assert numbering.list_blocks("invoices") == []


def test_one_failing_customer_does_not_stop_the_others(world: World) -> None:
    """It is listed with its reason, gives its days back, and takes no number."""
    world.customer("bad")
    world.customer("good")
    world.assignment(an_assignment(customer_id="bad", package_id="gone"))
    world.usage("good", a_usage_row())
    progress = run(world)
    assert progress is not None
    assert [(failure.customer_id, failure.code) for failure in progress.failures] == [("bad", "internal_error")]
    assert invoices_of("good")[0].number == "INV-1001"
    assert not ledger.load_ledger("bad", date(2026, 11, 1)).claims


def test_chunks_share_one_gap_free_series(world: World) -> None:
    """Ten customers in chunks of three get the numbers 1001 to 1010."""
    for number in range(10):
        world.customer(f"c{number}")
        world.usage(f"c{number}", a_usage_row())
    run(world, chunk_size=3)
    taken = sorted(invoices_of(f"c{number}")[0].sequence or 0 for number in range(10))
    assert taken == list(range(1001, 1011))
    assert [(block.first, block.last) for block in numbering.list_blocks("invoices")] == [
        (1001, 1003),
        (1004, 1006),
        (1007, 1009),
        (1010, 1010),
    ]


def test_two_chunks_with_the_same_customer_make_one_invoice(world: World) -> None:
    """A claim belongs to one chunk; the other finds it in foreign hands, takes no number and leaves no hole."""
    world.customer()
    world.usage("acme", a_usage_row())
    deps = world.deps
    for hour in (6, 7):
        at = DECEMBER.replace(hour=hour)
        runs.put_run_once(billing_runs.build_run(deps, "monthly", at, None))
        run_id = billing_runs.build_run(deps, "monthly", at, None).id
        runs.put_chunk_once(runs.Chunk(run_id, 1, {"customers": ["acme"]}), at)
    first, second = (billing_runs.build_run(deps, "monthly", DECEMBER.replace(hour=hour), None).id for hour in (6, 7))
    chunk = runs.get_chunk(first, 1)
    billing._plan(load_catalogue(DECEMBER), runs.get_run(first), chunk)  # the first worker dies between claim and pin
    assert billing.bill_chunk(deps, second, 1).foreign == (("acme.20261101.R", f"{first}/1"),)
    world.customer(schedule=None)  # whatever changes meanwhile, the first chunk bills what it claimed
    assert billing.bill_chunk(deps, first, 1).issued == 1
    assert [invoice.number for invoice in invoices_of()] == ["INV-1001"]


def test_strict_date_order_moves_a_generated_date_up(world: World) -> None:
    """No invoice of a run is dated before the series' last, and its due date moves along."""
    world.settings(date_order=DateOrder.STRICT)
    world.customer("late", timezone="Pacific/Kiritimati")
    world.customer("early", timezone="America/Los_Angeles")
    for name in ("late", "early"):
        world.usage(name, a_usage_row(date(2026, 11, 5)))
    world.now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    run(world)
    world.customer("west", timezone="Pacific/Pago_Pago")
    world.usage("west", a_usage_row(date(2026, 11, 5)))
    world.now = datetime(2026, 12, 1, 14, tzinfo=UTC)
    run(world)
    found = sorted((invoices_of(name)[0] for name in ("late", "early", "west")), key=lambda invoice: invoice.sequence or 0)
    assert [invoice.invoice_date for invoice in found] == sorted(invoice.invoice_date for invoice in found)
    assert all((invoice.due_date - invoice.invoice_date).days == 14 for invoice in found)


def test_unused_time_alone_is_credited_by_a_credit_note(world: World) -> None:
    """A negative total becomes a credit note with positive amounts, in its own series."""
    world.package(a_package(id="line", prorate=True, unit_price=Decimal("30.00")))
    world.customer(billing_start=date(2026, 10, 1))
    world.assignment(an_assignment(date(2026, 10, 15), date(2026, 11, 7)))
    run(world)
    first, second = invoices_of()
    assert (first.kind, second.kind) == (InvoiceKind.INVOICE, InvoiceKind.CREDIT_NOTE)
    assert (second.number, second.total > 0) == ("CN-1001", True)


def test_a_schedule_bills_in_the_customers_own_night(world: World) -> None:
    """At 06:00 UTC on the first the Californian month is not over; nine hours later it is."""
    world.customer(timezone="America/Los_Angeles")
    world.usage("acme", a_usage_row())
    assert run(world) is None
    world.pass_time(hours=4, minutes=30)
    assert run(world) is not None
    assert len(invoices_of()) == 1


def test_weeks_across_two_months_are_claimed_as_one(world: World) -> None:
    """A week from Monday 30 November is one claim over two ledger months."""
    world.now = datetime(2026, 12, 7, 6, tzinfo=UTC)
    world.customer(schedule=Schedule(frequency=Frequency.WEEKLY, anchor=1), billing_start=date(2026, 11, 30))
    world.usage("acme", a_usage_row(date(2026, 11, 30)), a_usage_row(date(2026, 12, 2)))
    run(world, Frequency.WEEKLY)
    (invoice,) = invoices_of()
    assert len(invoice.days) == 7
    assert invoice.subtotal == Decimal("2.00")


def test_late_usage_names_the_invoice_of_its_day(world: World) -> None:
    """A call of a billed day goes on the next invoice with its own day and the earlier invoice."""
    world.customer()
    world.usage("acme", a_usage_row(date(2026, 11, 5)))
    run(world)
    world.usage("acme", a_usage_row(date(2026, 11, 5)), batch_id="b2", billing_day=date(2026, 12, 1))
    world.now = datetime(2027, 1, 1, 6, tzinfo=UTC)
    run(world)
    (line,) = invoices_of()[1].lines
    assert (line.kind.value, line.start_date) == ("late_usage", date(2026, 11, 5))
    assert (line.original_invoice_id, line.original_invoice_number) == ("acme.20261101.R", "INV-1001")


def test_the_clock_of_a_changed_schedule_is_left_alone(world: World) -> None:
    """A run that began under the old schedule does not push the new schedule's due instant away."""
    world.customer()
    world.usage("acme", a_usage_row())
    deps = world.deps
    started = billing_runs.run_schedule(deps, Frequency.MONTHLY, world.now)
    assert started
    pinned_before = runs.get_chunk(started.id, 1)
    plan, billing_plan = pinned_before, billing._plan_and_pin(deps, pinned_before)
    world.customer(schedule=Schedule(frequency=Frequency.DAILY))
    billing.bill_chunk(deps, plan.run_id, plan.number)
    item = BillingItem.get(keys.customer_pk("acme"), keys.CLOCK)
    assert item.plan.startswith("daily")
    assert billing_plan.plan.invoices


def test_aws_requests_per_invoice_stay_within_the_budget(world: World) -> None:
    """A chunk costs 5 requests a customer and at most 16 of its own: 5.16 per invoice in a chunk of 100."""
    for number in range(20):
        world.customer(f"c{number:02d}")
        world.usage(f"c{number:02d}", *(a_usage_row(destination=f"Place {n}") for n in range(21)))
    deps = world.deps
    started = billing_runs.run_schedule(deps, Frequency.MONTHLY, world.now)
    assert started
    with counted() as calls:
        billing.bill_chunk(deps, started.id, 1)
    assert sum(calls.values()) <= 5 * 20 + 16
    assert find_invoice("c00.20261101.R")
