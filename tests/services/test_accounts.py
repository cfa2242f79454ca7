"""Accounts and reports over them: balance, statement, ageing, the account of numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.customer import Frequency
from chalicelib.domain.drafting import InvoiceChanges
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.operator import Restart
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.statement import Statement
from chalicelib.services import billing, billing_runs
from chalicelib.services.accounts import get_balance, get_statement
from chalicelib.services.ageing import AgeingQuestion, build_ageing
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.numbering_report import build_numbering
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store import keys, runs
from chalicelib.store.settings import get_settings
from chalicelib.store.tables import InvoiceItem
from tests.support.builders import a_package, a_usage_row, an_assignment, tax
from tests.support.money_in import Clerk

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def statement(clerk: Clerk, first: date | None = None, last: date | None = None, known_at: datetime | None = None) -> Statement:
    """The customer's statement."""
    return get_statement(clerk.world.deps, "acme", first=first, last=last, known_at=known_at)[1]


def aged(clerk: Clerk, as_of: date | None = None, known_at: datetime | None = None) -> dict[str, list[str]]:
    """current, 1-30, 31-60, 61-90, 90+, unallocated by customer."""
    found = build_ageing(clerk.world.deps, AgeingQuestion(as_of=as_of, currency="EUR", known_at=known_at)).ageing
    columns = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "unallocated")
    return {key: [str(getattr(row, name)) for name in columns] for key, row in found.customers.items()}


def test_the_balance_is_what_is_due_less_what_is_unallocated(clerk: Clerk) -> None:
    """Overdue counts what is past its due date today."""
    clerk.invoice("10.00", invoice_date=date(2026, 11, 1), due_date=date(2026, 11, 30))
    invoice = clerk.invoice("20.00")
    clerk.allocate(clerk.payment("8.00"), (invoice, "5.00"))
    found = get_balance(clerk.world.deps, "acme")
    amounts = (found.due, found.overdue, found.unallocated, found.balance)
    assert [str(amount) for amount in amounts] == ["25.00", "10.00", "3.00", "22.00"]
    with pytest.raises(NotFound):
        get_balance(clerk.world.deps, "nobody")


def test_balance_statement_and_ageing_agree_on_generated_credit(clerk: Clerk) -> None:
    """A credit note that a run made of unused time is the customer's credit, wherever one looks."""
    world = clerk.world
    world.package(a_package(id="line", prorate=True, unit_price=Decimal("30.00")))
    world.customer(billing_start=date(2026, 10, 1), tax=tax(0))
    world.assignment(an_assignment(date(2026, 10, 15), date(2026, 11, 7)))
    bill(clerk)
    found = get_balance(world.deps, "acme")
    assert (str(found.due), str(found.unallocated)) == ("30.00", "6.77")
    assert found.balance == statement(clerk).closing
    assert aged(clerk)["acme"][0::5] == ["30.00", "6.77"]


def test_a_statement_opens_moves_and_closes(clerk: Clerk) -> None:
    """Invoices debit, payments credit, refunds and voids undo; allocations move nothing."""
    invoice = clerk.invoice("10.00", invoice_date=date(2026, 10, 15))
    void_invoice(clerk.world.deps, clerk.invoice("99.00", invoice_date=date(2026, 11, 2)).id)
    payment = clerk.payment("25.00", date=date(2026, 11, 10), reference="BANK 1")
    clerk.payment("50.00", date=date(2026, 11, 11), status=PaymentState.PENDING)
    clerk.allocate(payment, (invoice, "10.00"))
    refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal(5), date=date(2026, 11, 20)))

    found = statement(clerk, *NOVEMBER)

    rows = [(row.movement.kind.value, row.movement.number or row.movement.reference, str(row.balance)) for row in found.rows]
    assert rows == [("invoice", "INV-1002", "109.00"), ("payment", "BANK 1", "84.00"), ("refund", "", "89.00")]
    assert (str(found.opening), str(found.closing)) == ("10.00", "89.00")
    whole = statement(clerk)
    assert (whole.start, whole.end, str(whole.closing)) == (date(2026, 10, 15), date(2026, 12, 1), "-10.00")


def test_a_statement_of_a_day_is_the_same_for_ever(clerk: Clerk) -> None:
    """As known at an instant: what was entered, revised, or voided later has not happened."""
    clerk.world.now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    invoice = clerk.invoice("10.00", invoice_date=date(2026, 11, 1))
    then = clerk.world.now
    before = statement(clerk, *NOVEMBER, known_at=then)
    clerk.world.pass_time(days=3)
    revised = InvoiceChanges(invoice_date=date(2026, 10, 30), notes="Moved.")
    change_invoice(clerk.world.deps, ChangeInvoice(invoice_id=invoice.id, version=None, changes=revised))
    clerk.payment("4.00", date=date(2026, 11, 2))
    void_invoice(clerk.world.deps, clerk.invoice("7.00", invoice_date=date(2026, 11, 3)).id)
    assert statement(clerk, *NOVEMBER, known_at=then) == before
    assert str(statement(clerk, *NOVEMBER).opening) == "10.00"
    assert aged(clerk, date(2026, 11, 5), known_at=then) == {"acme": ["10.00", "0.00", "0.00", "0.00", "0.00", "0.00"]}


def test_a_statement_needs_its_days_in_order(clerk: Clerk) -> None:
    """The last day is not before the first."""
    with pytest.raises(Invalid):
        statement(clerk, NOVEMBER[1], NOVEMBER[0])


def test_ageing_sorts_what_is_open_by_days_past_due(clerk: Clerk) -> None:
    """For any past day, by business dates; unallocated money is a column of its own; who has nothing is left out."""
    clerk.world.customer("bolt", name="Bolt")
    clerk.world.customer("idle")
    clerk.world.customer("yen", currency="JPY")
    clerk.invoice("5", "yen")
    old = clerk.invoice("10.00", invoice_date=date(2026, 8, 1), due_date=date(2026, 8, 15))
    clerk.invoice("20.00", invoice_date=date(2026, 10, 1), due_date=date(2026, 10, 31))
    clerk.invoice("30.00", "bolt", invoice_date=date(2026, 11, 20), due_date=date(2026, 12, 4))
    payment = clerk.payment("12.00", date=date(2026, 11, 25))
    [row] = clerk.allocate(payment, (old, "10.00"), date=date(2026, 11, 26)).rows

    assert aged(clerk) == {
        "acme": ["0.00", "0.00", "20.00", "0.00", "0.00", "2.00"],
        "bolt": ["30.00", "0.00", "0.00", "0.00", "0.00", "0.00"],
    }
    assert aged(clerk, date(2026, 11, 25)) == {
        "acme": ["0.00", "20.00", "0.00", "0.00", "10.00", "12.00"],
        "bolt": ["30.00", "0.00", "0.00", "0.00", "0.00", "0.00"],
    }
    assert aged(clerk, date(2026, 11, 26))["acme"][5] == "2.00"
    assert aged(clerk, date(2026, 9, 15)) == {"acme": ["0.00", "0.00", "10.00", "0.00", "0.00", "0.00"]}
    assert aged(clerk, date(2026, 7, 31)) == {}
    reverse_allocation(clerk.world.deps, old.id, row.id)
    assert aged(clerk, date(2026, 11, 30))["acme"][5] == "2.00"
    assert aged(clerk)["acme"][4:] == ["10.00", "12.00"]


def test_ageing_without_a_currency_takes_the_one_in_use(clerk: Clerk) -> None:
    """Where there are several, or none yet, it has to be named."""
    with pytest.raises(Invalid, match="currency"):
        build_ageing(clerk.world.deps, AgeingQuestion())
    clerk.invoice()
    found = build_ageing(clerk.world.deps, AgeingQuestion())
    assert (found.currency, found.as_of, found.names) == ("EUR", date(2026, 12, 1), {"acme": "Acme Ltd"})
    clerk.world.customer("yen", currency="JPY")
    clerk.payment("5", "yen")
    with pytest.raises(Invalid, match="EUR, JPY"):
        build_ageing(clerk.world.deps, AgeingQuestion())
    with pytest.raises(Invalid, match="unknown_currency"):
        build_ageing(clerk.world.deps, AgeingQuestion(currency="XYZ"))


def test_every_number_is_accounted_for(clerk: Clerk) -> None:
    """Invoices by hand and of runs, issued and void; a document that is missing is a gap with its numbers."""
    clerk.world.customer("bolt")
    clerk.invoice()
    for customer_id in ("acme", "bolt"):
        clerk.world.usage(customer_id, a_usage_row())
    bill(clerk)
    last = clerk.invoice()
    void_invoice(clerk.world.deps, last.id)

    whole = build_numbering(clerk.world.deps, None)

    assert (whole.series, whole.first, whole.last, whole.issued, whole.void, whole.gaps) == ("invoices", 1001, 1004, 3, 1, ())
    for customer_id, suffix in (("acme", keys.period_suffix(date(2026, 11, 1))), ("acme", keys.parse_invoice_id(last.id)[1])):
        InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix)).delete()
    holed = build_numbering(clerk.world.deps, "invoices")
    assert (holed.issued, holed.void, holed.gaps) == (2, 0, ((1002, 1002), (1004, 1004)))


def bill(clerk: Clerk) -> None:
    """The monthly run."""
    run = billing_runs.run_schedule(clerk.world.deps, Frequency.MONTHLY, clerk.world.now)
    assert run is not None
    for chunk in runs.list_last_chunks(run.id, 100):
        billing.bill_chunk(clerk.world.deps, chunk.run_id, chunk.number)


def test_a_series_without_numbers_has_nothing_to_account_for(clerk: Clerk) -> None:
    """A series that nobody ever used is refused, unless the settings know it."""
    found = build_numbering(clerk.world.deps, "credit-notes")
    assert (found.first, found.last, found.issued, found.gaps) == (None, None, 0, ())
    with pytest.raises(Invalid, match="series"):
        build_numbering(clerk.world.deps, "nonsense")


def test_a_yearly_series_is_asked_for_by_year(clerk: Clerk) -> None:
    """The name alone means this year."""
    series = get_settings().invoice_series
    yearly = type(series)(name="y", format="{year}-{number}", start=1, restart=Restart.YEARLY)
    clerk.world.settings(invoice_series=yearly)
    clerk.invoice(invoice_date=date(2025, 12, 31))
    clerk.invoice()
    assert build_numbering(clerk.world.deps, "y").series == "y:2026"
    assert build_numbering(clerk.world.deps, "y:2025").issued == 1
