"""A customer's account over time: what was open and unallocated on any day, as known at any instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.history import History, calculate_position, restrict_to_known, void_date
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.domain.money import total
from chalicelib.domain.movements import list_movements
from chalicelib.domain.payment import Allocation, Payment, PaymentState, Refund
from chalicelib.domain.statement import calculate_statement
from tests.support.builders import a_customer_snapshot, a_payment, an_invoice

START = date(2026, 11, 1)


def on(day: int, hour: int = 12) -> datetime:
    """Noon of a day of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def issued(number: int = 1, day: int = 1, **fields: Any) -> Invoice:
    """An invoice over 12.00, entered on its day."""
    base = an_invoice(
        id=f"acme.20261101.A.{number}",
        status=InvoiceStatus.ISSUED,
        number=f"INV-{number}",
        invoice_date=date(2026, 11, day),
        issued_at=on(day),
    )
    return replace(base, **fields)


def paid(number: int = 1, day: int = 2, amount: str = "20.00", **fields: Any) -> Payment:
    """A payment of 20.00 completed on its day."""
    base = a_payment(
        id=f"acme.20261101.{number}", date=date(2026, 11, day), amount=Decimal(amount), completed_at=on(day), created_at=on(day)
    )
    return replace(base, **fields)


def allocated(day: int = 3, amount: str = "12.00", **fields: Any) -> Allocation:
    """The payment pays the invoice."""
    base = Allocation(
        id="1.1",
        payment_id="acme.20261101.1",
        invoice_id="acme.20261101.A.1",
        invoice_number="INV-1",
        customer_id="acme",
        amount=Decimal(amount),
        currency="EUR",
        date=date(2026, 11, day),
        created_at=on(day),
    )
    return replace(base, **fields)


def refunded(day: int = 4, amount: str = "5.00", **fields: Any) -> Refund:
    """Part of the payment went back."""
    base = Refund(
        id=f"r{day}",
        payment_id="acme.20261101.1",
        customer_id="acme",
        amount=Decimal(amount),
        currency="EUR",
        date=date(2026, 11, day),
        created_at=on(day),
    )
    return replace(base, **fields)


def position(history: History, day: int) -> tuple[list[str], str]:
    """Open amounts and unallocated money at the end of a day."""
    found = calculate_position(history, date(2026, 11, day))
    return [str(item.amount_due) for item in found.open_items], str(found.unallocated)


def test_each_day_shows_what_had_happened_by_then() -> None:
    """Invoice, payment, allocation, refund and reversal count from their business days on."""
    history = History(
        documents=(issued(day=2),),
        payments=(paid(day=3),),
        allocations=(allocated(day=4, reversed_at=on(6), reversed_date=date(2026, 11, 6)),),
        refunds=(refunded(day=5),),
    )
    assert position(history, 1) == ([], "0")
    assert position(history, 2) == (["12.00"], "0")
    assert position(history, 3) == (["12.00"], "20.00")
    assert position(history, 4) == ([], "8.00")
    assert position(history, 5) == ([], "3.00")
    assert position(history, 6) == (["12.00"], "15.00")


def test_a_refund_that_was_taken_back_counts_between_its_days() -> None:
    """Ageing and statement have it until the day of the reversal, and as known before that still after it."""
    refund = refunded(day=5, reversed_at=on(8), reversed_date=date(2026, 11, 8), reference="R-5")
    history = History(payments=(paid(day=3),), refunds=(refund,))
    assert [position(history, day)[1] for day in (4, 5, 7, 8)] == ["20.00", "15.00", "15.00", "20.00"]
    [_, given, back] = list_movements(history)
    assert (given.kind, given.date, given.debit, given.credit) == ("refund", refund.date, refund.amount, 0)
    assert (back.kind, back.date, back.debit, back.credit) == ("refund_reversal", date(2026, 11, 8), 0, refund.amount)
    assert (back.reference, back.entered_at) == ("R-5", on(8))
    known = restrict_to_known(history, on(7))
    assert position(known, 30)[1] == "15.00"
    assert [one.kind for one in list_movements(known)] == ["payment", "refund"]


def test_an_allocation_waits_for_payment_and_invoice() -> None:
    """One that is dated before either counts from the later of the two, so neither side goes below nothing."""
    history = History(documents=(issued(day=5),), payments=(paid(day=7),), allocations=(allocated(day=1),))
    assert position(history, 4) == ([], "0")
    assert position(history, 6) == (["12.00"], "0")
    assert position(history, 7) == ([], "8.00")


def test_only_completed_payments_count() -> None:
    """Pending and cancelled ones are no money, on any day."""
    history = History(payments=(paid(1, status=PaymentState.PENDING), paid(2, status=PaymentState.CANCELLED)))
    assert position(history, 30) == ([], "0")
    assert list_movements(history) == []


def test_a_void_invoice_was_open_until_the_day_it_was_voided() -> None:
    """The day of the void is the customer's, and never before the invoice's own date."""
    tokyo = a_customer_snapshot(timezone="Asia/Tokyo")
    void = issued(day=2, status=InvoiceStatus.VOID, voided_at=on(4, hour=20), customer=tokyo)
    history = History(documents=(void,))
    assert position(history, 4) == (["12.00"], "0")
    assert position(history, 5) == ([], "0")
    assert void_date(replace(void, invoice_date=date(2026, 11, 9))) == date(2026, 11, 9)
    assert void_date(issued()) is None


def test_what_a_credit_note_gave_is_money_from_its_date_on() -> None:
    """The note of a paid invoice takes back 12.00 and gives them as credit: the invoice owes nothing, the customer has 20.00."""
    note = issued(2, day=5, kind=InvoiceKind.CREDIT_NOTE, original_invoice_id="acme.20261101.A.1")
    alone = issued(3, day=6, kind=InvoiceKind.CREDIT_NOTE)
    history = History(
        documents=(issued(day=1), note, alone),
        payments=(
            paid(),
            paid(2, day=5, amount="12.00", credit_note_id=note.id),
            paid(3, day=6, amount="12.00", credit_note_id=alone.id),
        ),
        allocations=(allocated(day=3),),
        refunds=(replace(refunded(day=7), payment_id="acme.20261101.2"),),
    )
    assert position(history, 4) == ([], "8.00")
    assert position(history, 5) == ([], "20.00")
    assert position(history, 6) == ([], "32.00")
    statement = calculate_statement(list_movements(history), start=START, end=date(2026, 11, 6), currency="EUR")
    assert [row.movement.kind for row in statement.rows] == ["invoice", "payment", "credit_note", "credit_note"]
    assert statement.closing == Decimal("-32.00")
    assert [movement.debit for movement in list_movements(history) if movement.kind == "refund"] == [refunded(day=7).amount]


def test_a_credit_note_lowers_its_invoice_from_its_own_date() -> None:
    """What exceeds the amount owed on that day is the customer's."""
    note = issued(2, day=5, kind=InvoiceKind.CREDIT_NOTE, original_invoice_id="acme.20261101.A.1")
    history = History(documents=(issued(day=1), note), payments=(paid(),), allocations=(allocated(day=6, amount="4.00"),))
    assert position(history, 4) == (["12.00"], "20.00")
    assert position(history, 5) == ([], "20.00")
    assert position(history, 6) == ([], "20.00")


def test_the_books_are_shown_as_they_were_known() -> None:
    """Later payments, refunds, reversals, cancellations and voids have not happened yet."""
    history = History(
        documents=(issued(1, day=1, status=InvoiceStatus.VOID, voided_at=on(20)), issued(2, day=1, issued_at=on(21))),
        payments=(
            paid(1, day=2, status=PaymentState.CANCELLED, cancelled_at=on(20)),
            paid(2, day=2, completed_at=on(21)),
            paid(3, day=2, status=PaymentState.PENDING, completed_at=None),
        ),
        allocations=(
            allocated(day=3, reversed_at=on(19), reversed_date=date(2026, 11, 3)),
            allocated(day=3, id="1.2", created_at=on(21)),
        ),
        refunds=(refunded(day=4), replace(refunded(day=5), created_at=on(22))),
    )
    assert position(history, 30) == (["12.00"], "20.00")
    known = restrict_to_known(history, on(18))
    assert position(known, 30) == ([], "3.00")
    later = restrict_to_known(history, on(19))
    assert position(later, 30) == (["12.00"], "15.00")
    assert position(restrict_to_known(history, on(20)), 30) == ([], "0")


def test_a_revision_counts_from_its_own_instant() -> None:
    """Before it, the invoice is the earlier revision, with its date and total."""
    first = issued(day=1)
    second = replace(first, revision=1, revised_at=on(10), total=Decimal("99.00"), invoice_date=date(2026, 11, 9))
    third = replace(second, revision=2, revised_at=on(12), total=Decimal("7.00"))
    history = History(documents=(third,), revisions={third.id: (second, first)})
    assert position(history, 30) == (["7.00"], "0")
    assert position(restrict_to_known(history, on(11)), 30) == (["99.00"], "0")
    assert position(restrict_to_known(history, on(9)), 30) == (["12.00"], "0")
    assert position(restrict_to_known(history, on(9)), 1) == (["12.00"], "0")
    assert position(history, 8) == ([], "0")


days = st.integers(1, 28)
reversals: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), days.map(lambda day: {"reversed_at": on(day), "reversed_date": date(2026, 11, day)})
)


def reversals_from(first: int) -> st.SearchStrategy[dict[str, Any]]:
    """As `reversals`, none before that day."""
    return reversals.filter(lambda fields: not fields or fields["reversed_date"].day >= first)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Some invoices, some void; payments in every state; allocations and reversals; a refund."""
    documents = tuple(
        issued(n, day, **({"status": InvoiceStatus.VOID, "voided_at": on(draw(days))} if draw(st.booleans()) else {}))
        for n, day in enumerate(draw(st.lists(days, max_size=3)), 1)
    )
    states = st.sampled_from(list(PaymentState))
    payments = tuple(paid(n, day, status=draw(states)) for n, day in enumerate(draw(st.lists(days, max_size=3)), 1))
    allocations = tuple(
        allocated(draw(days), "1.00", id=f"1.{n}", payment_id=payment.id, invoice_id=document.id, **draw(reversals))
        for n, (payment, document) in enumerate(zip(payments, documents, strict=False))
    )
    refunds = (refunded(first := draw(days), **draw(reversals_from(first))),)
    return History(documents=documents, payments=payments, allocations=allocations, refunds=refunds)


@given(histories(), days)
def test_the_statement_closes_at_what_is_open_less_what_is_unallocated(history: History, day: int) -> None:
    """Two ways to the same figure, on any day: allocations match but move nothing."""
    end = date(2026, 11, day)
    history = replace(
        history, refunds=tuple(one for one in history.refunds if any(p.date <= one.date for p in history.payments[:1]))
    )
    found = calculate_position(history, end)
    closing = calculate_statement(list_movements(history), start=START, end=end, currency="EUR").closing
    assert closing == total(item.amount_due for item in found.open_items) - found.unallocated


@given(histories(), days, days)
def test_what_was_known_is_known_for_ever(history: History, day: int, instant: int) -> None:
    """Asking what was known of what was known then changes nothing."""
    known = restrict_to_known(history, on(instant))
    assert restrict_to_known(known, on(instant)) == known
    assert calculate_position(known, date(2026, 11, day)) == calculate_position(
        restrict_to_known(history, on(instant)), date(2026, 11, day)
    )
