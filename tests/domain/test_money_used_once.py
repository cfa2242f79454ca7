"""Money that was taken back is used again only from the day it is free, so on no day is it in two places."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.history import History, calculate_position
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.money import total
from chalicelib.domain.movements import list_movements
from chalicelib.domain.payment import Allocation, Payment, Refund
from chalicelib.domain.payment_rules import default_date, give_back, undo_refund, validate_date
from chalicelib.domain.statement import calculate_statement
from tests.support.builders import a_payment, an_invoice

FIRST = date(2026, 11, 1)
DAYS = 20
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAYMENT = "acme.20261101.1"

days = st.integers(0, DAYS - 1)
words = st.sampled_from(["allocate", "take back", "refund", "undo"])
deeds = st.lists(st.tuples(words, days, days, st.integers(1, 100)), max_size=12)
"""What is done, on which day, for which business date, with how many cents."""


def day(number: int) -> date:
    """A day of November 2026, from 0."""
    return FIRST + timedelta(days=number)


def invoice(number: int) -> Invoice:
    """An invoice over 12.00 of the first day."""
    fields = {"id": f"acme.20261101.A.{number}", "invoice_date": FIRST, "status": InvoiceStatus.ISSUED, "number": f"INV-{number}"}
    return replace(an_invoice(), **fields, issued_at=datetime(2026, 11, 1, tzinfo=UTC))  # type: ignore[arg-type]


def allocation(payment: Payment, number: int, on: date, amount: Decimal) -> Allocation:
    """Part of the payment on the invoice of that number."""
    return Allocation(
        id=f"1.{number}",
        payment_id=payment.id,
        invoice_id=f"acme.20261101.A.{number}",
        invoice_number="",
        customer_id="acme",
        amount=amount,
        currency="EUR",
        date=on,
        created_at=NOW,
    )


def refund(payment: Payment, number: int, on: date, amount: Decimal) -> Refund:
    """Part of the payment went back."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Refund(
        id=f"r{number}", payment_id=payment.id, customer_id="acme", amount=amount, currency="EUR", date=on, created_at=at
    )


def play(done: list[tuple[str, int, int, int]]) -> tuple[Payment, list[Allocation], list[Refund]]:
    """Do what the rules allow; a date that they refuse becomes the default one."""
    payment = a_payment(id=PAYMENT, date=day(3), amount=Decimal("1.00"))
    rows: list[Allocation] = []
    refunds: list[Refund] = []
    for number, (deed, today, asked, cents) in enumerate(sorted(done, key=lambda one: one[1])):
        amount = min(Decimal(cents).scaleb(-2), payment.unallocated)
        on = default_date(payment, day(today)) if validate_date(payment, day(asked), NOW) else day(asked)
        effective = [place for place, row in enumerate(rows) if row.reversed_date is None]
        if deed == "take back" and effective:
            place = effective[cents % len(effective)]
            rows[place] = rows[place].taken_back(NOW, day(today))
            payment = give_back(payment, rows[place])
        elif deed == "allocate" and amount:
            rows.append(allocation(payment, number, on, amount))
            payment = replace(payment, allocated=payment.allocated + amount)
        elif deed == "refund" and amount:
            refunds.append(refund(payment, number, on, amount))
            payment = replace(payment, refunded=payment.refunded + amount)
        elif deed == "undo" and refunds and refunds[-1].reversed_date is None:
            refunds[-1] = refunds[-1].taken_back(NOW, day(today))
            payment = undo_refund(payment, refunds[-1])
    return payment, rows, refunds


@settings(max_examples=50)
@given(deeds)
def test_on_no_day_is_more_used_than_there_is(done: list[tuple[str, int, int, int]]) -> None:
    """However money is allocated, refunded and taken back: never below nothing, and ageing tells what the statement tells."""
    payment, rows, refunds = play(done)
    invoices = tuple(invoice(number) for number in range(len(done)))
    history = History(documents=invoices, payments=(payment,), allocations=tuple(rows), refunds=tuple(refunds))
    for number in range(DAYS + 5):
        found = calculate_position(history, day(number))
        assert found.unallocated >= 0
        owed = total(item.amount_due for item in found.open_items) - found.unallocated
        statement = calculate_statement(list_movements(history), start=FIRST, end=day(number), currency="EUR")
        assert owed == statement.closing


def test_money_is_free_from_the_day_it_was_last_taken_back() -> None:
    """The issue names the day; without a date it is used then, or today where that is later."""
    payment = a_payment(id=PAYMENT, date=day(3), amount=Decimal("1.00"), allocated=Decimal("1.00"))
    row = replace(allocation(payment, 1, day(3), Decimal("1.00")), reversed_date=day(9))
    freed = give_back(payment, row)
    assert (freed.allocated, freed.free_from) == (Decimal("0.00"), day(9))
    [issue] = validate_date(freed, day(8), NOW)
    assert (issue.path, issue.code, "2026-11-10" in issue.message) == ("date", "invalid_date", True)
    assert [validate_date(freed, asked, NOW) for asked in (None, day(9))] == [[], []]
    assert [default_date(freed, today) for today in (day(1), day(12))] == [day(9), day(12)]
    assert give_back(freed, replace(row, reversed_date=day(5))).free_from == day(9)


def test_an_allocation_that_never_counted_holds_nothing_up() -> None:
    """Taken back on its own date it was on the invoice on no day; the money is as free as it was."""
    payment = a_payment(id=PAYMENT, date=day(3), amount=Decimal("1.00"), allocated=Decimal("1.00"))
    row = replace(allocation(payment, 1, day(7), Decimal("1.00")), reversed_date=day(7))
    assert give_back(payment, row).free_from == day(3)
