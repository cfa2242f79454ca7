"""Payments: recorded once, changed under their rules, refunded, listed; and the invoice that one may create."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.invoice import Invoice, InvoiceSource, InvoiceStatus, PaymentStatus
from chalicelib.domain.operator import DateOrder
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_changes import PaymentChanges
from chalicelib.domain.payment_search import PaymentSearch
from chalicelib.services.payments import NewPayment, change_payment, list_payments, record_payment
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store.allocations import load_allocations
from chalicelib.store.invoice_batches import load_documents
from chalicelib.store.numbering import list_blocks
from chalicelib.store.objects import document_key, has_object
from chalicelib.store.payments import get_payment, load_money, to_item
from chalicelib.store.tables import PaymentItem
from tests.support.aws_calls import counted, meanwhile
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, left_of, repeatable

STAFF = Actor(subject="staff")


def invoices() -> list[Invoice]:
    """All issued invoices of the customer."""
    return load_documents("acme")


def complete(clerk: Clerk, payment: Payment, expected: int | None = None) -> Payment:
    """The payment becomes completed."""
    return change_payment(clerk.world.deps, payment.id, PaymentChanges(status=PaymentState.COMPLETED), expected)


def test_a_payment_takes_currency_and_date_from_the_customer(clerk: Clerk) -> None:
    """The date is the customer's today; it counts at once unless it is said to be pending."""
    clerk.world.customer("tokyo", timezone="Asia/Tokyo", currency="JPY")
    clerk.world.now = datetime(2026, 11, 30, 20, tzinfo=UTC)

    payment = clerk.payment("500", "tokyo")

    assert (payment.currency, payment.date, payment.status) == ("JPY", date(2026, 12, 1), PaymentState.COMPLETED)
    assert payment.completed_at == clerk.world.now
    assert get_payment(payment.id) == payment


def test_everything_wrong_with_a_payment_is_said_at_once(clerk: Clerk) -> None:
    """Amount, currency, texts and state have their issues; an unknown customer stands alone."""
    new = NewPayment(customer_id="acme", amount=Decimal("0.001"), currency="USD", method="x" * 41, status=PaymentState.CANCELLED)
    with pytest.raises(Invalid) as refusal:
        record_payment(clerk.world.deps, new)
    assert {issue.path for issue in refusal.value.issues} == {"amount", "currency", "method", "status"}
    with pytest.raises(Invalid, match="unknown_customer"):
        clerk.payment(customer_id="nobody")


@pytest.mark.parametrize("brings_invoice", [False, True])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_payment_killed_anywhere_is_recorded_once_by_its_repetition(clerk: Clerk, side: Side, brings_invoice: bool) -> None:
    """Whatever AWS call it dies at, one payment comes out, and one invoice where the customer is billed so."""
    customer = "acme"
    if brings_invoice:
        clerk.world.customer(customer, create_invoice_on_payment=True)
    clerk.payment(customer_id=customer)  # the process is warm
    call, died = 1, True
    while died:
        deps = clerk.world.deps
        first = 1000 * call
        try:
            with killed_at(call, side):
                record_payment(repeatable(deps, first), NewPayment(customer_id=customer, amount=Decimal(7)))
            died = False
        except Killed:
            record_payment(repeatable(deps, first), NewPayment(customer_id=customer, amount=Decimal(7)))
            call += 1
    payments, _ = load_money(customer)
    assert call > 1
    assert len(payments) == call + 1
    assert len(invoices()) == (call + 1 if brings_invoice else 0)
    assert len(list_blocks("invoices")) == len(invoices())
    check_books(customer, [invoice.id for invoice in invoices()])


def test_a_payment_may_create_the_invoice_that_it_pays(clerk: Clerk) -> None:
    """An issued invoice over exactly the amount, tax inside, paid in full, its document on the way; no internal text."""
    clerk.world.customer("acme", create_invoice_on_payment=True)

    payment = clerk.payment("99.99", description="Top up #fraud check passed")

    [invoice] = invoices()
    assert (invoice.status, invoice.number, invoice.source) == (InvoiceStatus.ISSUED, "INV-1001", InvoiceSource.PAYMENT)
    assert (invoice.total, invoice.amount_paid, invoice.payment_status) == (
        Decimal("99.99"),
        Decimal("99.99"),
        PaymentStatus.PAID,
    )
    assert (invoice.subtotal, invoice.tax_total) == (Decimal("83.33"), Decimal("16.66"))
    assert invoice.lines[0].description == "Top up"
    assert has_object(document_key(invoice.id, 0))
    assert [row.invoice_number for row in load_allocations("acme")] == ["INV-1001"]
    assert (payment.allocated, payment.unallocated) == (Decimal("99.99"), Decimal("0.00"))
    assert get_payment(payment.id) == payment
    check_books("acme", [invoice.id])


def test_a_pending_payment_creates_its_invoice_when_it_completes(clerk: Clerk) -> None:
    """Once: completing it again changes nothing."""
    clerk.world.customer("acme", create_invoice_on_payment=True)
    payment = clerk.payment(status=PaymentState.PENDING)
    assert invoices() == []

    done = complete(clerk, payment)

    assert complete(clerk, payment) == done == get_payment(payment.id)
    assert (done.version, done.status, len(invoices())) == (2, PaymentState.COMPLETED, 1)


def test_two_clerks_complete_one_payment_and_one_invoice_comes_out(clerk: Clerk) -> None:
    """The slower one finds it done."""
    clerk.world.customer("acme", create_invoice_on_payment=True)
    payment = clerk.payment(status=PaymentState.PENDING)

    with meanwhile("TransactWriteItems", 1, lambda: complete(clerk, payment)):
        done = complete(clerk, payment)

    assert done == get_payment(payment.id)
    assert len(invoices()) == len(list_blocks("invoices")) == 1


def test_where_date_order_is_strict_the_invoice_is_moved_up(clerk: Clerk) -> None:
    """It is dated like the last of its series, also when that one came in between."""
    clerk.world.settings(date_order=DateOrder.STRICT)
    clerk.world.customer("acme", create_invoice_on_payment=True)
    clerk.invoice(invoice_date=date(2026, 12, 5))
    clerk.payment()
    with meanwhile("TransactWriteItems", 1, lambda: clerk.invoice(invoice_date=date(2026, 12, 9))):
        clerk.payment()
    dates = sorted(one.invoice_date for one in invoices() if one.source is InvoiceSource.PAYMENT)
    assert dates == [date(2026, 12, 5), date(2026, 12, 9)]


def test_a_change_needs_the_version_that_was_read_if_one_is_given(clerk: Clerk) -> None:
    """Without one the change is made to what is there."""
    payment = clerk.payment(status=PaymentState.PENDING)
    assert complete(clerk, payment, expected=1).version == 2
    with pytest.raises(Conflict, match="stale_version"):
        change_payment(clerk.world.deps, payment.id, PaymentChanges(reference="R"), 1)
    with meanwhile("PutItem", 1, lambda: change_payment(clerk.world.deps, payment.id, PaymentChanges(method="card"), None)):
        changed = change_payment(clerk.world.deps, payment.id, PaymentChanges(reference="R"), None)
    assert (changed.method, changed.reference, changed.version) == ("card", "R", 4)


def test_an_allocated_payment_is_not_cancelled(clerk: Clerk) -> None:
    """Its allocations are taken back first."""
    payment = clerk.payment()
    clerk.allocate(payment, (clerk.invoice(), "1.00"))
    with pytest.raises(Conflict, match="payment_allocated"):
        change_payment(clerk.world.deps, payment.id, PaymentChanges(status=PaymentState.CANCELLED), None)


def test_a_refund_gives_back_what_is_not_allocated(clerk: Clerk) -> None:
    """It is a row of its own with a date, and never more than is there."""
    payment = clerk.payment("10.00")
    clerk.allocate(payment, (clerk.invoice(), "4.00"))

    refunded = refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal(5), reference="back"))

    assert (refunded.refunded, refunded.unallocated) == (Decimal(5), Decimal("1.00"))
    [refund] = load_money("acme")[1]
    assert (refund.amount, refund.date, refund.reference) == (Decimal(5), date(2026, 12, 1), "back")
    with pytest.raises(Conflict, match="over_refunded"):
        refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal("1.01")))


def test_a_refund_is_neither_before_its_payment_nor_of_an_old_version(clerk: Clerk) -> None:
    """By default it is today, or the payment's day if that is still to come."""
    payment = clerk.payment(date=date(2026, 12, 24))
    command = RefundPayment(payment_id=payment.id, amount=Decimal(1))
    with pytest.raises(Invalid) as refusal:
        refund_payment(clerk.world.deps, replace(command, date=date(2026, 12, 23), reference="x" * 141))
    assert {issue.path for issue in refusal.value.issues} == {"date", "reference"}
    with pytest.raises(Conflict, match="stale_version"):
        refund_payment(clerk.world.deps, replace(command, version=7))
    refund_payment(clerk.world.deps, command)
    assert load_money("acme")[1][0].date == date(2026, 12, 24)


@pytest.mark.parametrize("amount", ["10.00", "4.00"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_refund_killed_anywhere_is_made_once(clerk: Clerk, side: Side, amount: str) -> None:
    """The repetition finds its own row, whether or not enough for another is left."""
    call, died = 1, True
    while died:
        command = RefundPayment(payment_id=clerk.payment("10.00").id, amount=Decimal(amount))
        deps = clerk.world.deps
        try:
            with killed_at(call, side):
                refund_payment(repeatable(deps), command)
            died = False
        except Killed:
            assert refund_payment(repeatable(deps), command).refunded == Decimal(amount)
            call += 1
    assert call > 1
    check_books("acme", [])


def test_two_refunds_at_once_share_what_is_left(clerk: Clerk) -> None:
    """The slower one is made on what the faster one left."""
    payment = clerk.payment("10.00")
    command = RefundPayment(payment_id=payment.id, amount=Decimal(4))
    with meanwhile("TransactWriteItems", 1, lambda: refund_payment(clerk.world.deps, command)):
        refund_payment(clerk.world.deps, command)
    assert left_of(payment) == "2.00"


def test_payments_are_listed_newest_first_in_pages(clerk: Clerk) -> None:
    """Over all customers, across months, by state and dates; each page goes on where the last ended."""
    clerk.world.customer("bolt")
    days = [date(2026, 10, 31), date(2026, 11, 5), date(2026, 11, 5), date(2026, 12, 1)]
    made = [clerk.payment(customer_id=("acme", "bolt")[n % 2], date=day) for n, day in enumerate(days)]
    pending = clerk.payment(date=date(2026, 11, 20), status=PaymentState.PENDING)
    newest_first = [made[3], pending, made[2], made[1], made[0]]
    assert sorted(one.date for one in newest_first) == [one.date for one in reversed(newest_first)]

    seen, cursor = [], None
    while True:
        page, cursor = list_payments(clerk.world.deps, STAFF, PaymentSearch(), 2, cursor)
        seen += page
        if cursor is None:
            break

    assert {one.id for one in seen} == {one.id for one in newest_first}
    assert [one.date for one in seen] == [one.date for one in newest_first]
    assert listed(clerk, status=PaymentState.PENDING) == [pending.id]
    assert listed(clerk, first=date(2026, 11, 20)) == [made[3].id, pending.id]
    assert listed(clerk, last=date(2026, 10, 31)) == [made[0].id]
    assert listed(clerk, customer_id="acme", first=date(2026, 11, 1)) == [pending.id, made[2].id]


@pytest.mark.parametrize("whose", [{}, {"customer_id": "acme"}])
def test_payments_are_found_by_what_is_left_and_by_their_texts(clerk: Clerk, whose: dict[str, str]) -> None:
    """In the list of all and in one customer's; what is pending or cancelled has nothing left."""
    free = clerk.payment("10.00", method="card", reference="R-1")
    used = clerk.payment("10.00", method="card", reference="R-2")
    pending = clerk.payment("10.00", method="cash", reference="R-1", status=PaymentState.PENDING)
    clerk.allocate(used, (clerk.invoice("10.00"), "10.00"))
    assert set(listed(clerk, unallocated=True, **whose)) == {free.id}
    assert set(listed(clerk, unallocated=False, **whose)) == {used.id, pending.id}
    assert set(listed(clerk, method="card", **whose)) == {free.id, used.id}
    assert set(listed(clerk, reference="R-1", **whose)) == {free.id, pending.id}
    assert listed(clerk, method="card", reference="R-1", unallocated=True, **whose) == [free.id]
    assert listed(clerk, reference="R", **whose) == []


def test_the_index_spares_reading_what_is_not_looked_for(clerk: Clerk) -> None:
    """A page of one is filled past payments that do not match; a text that was changed is found as it is now."""
    wanted = clerk.payment(date=date(2026, 11, 1), reference="R-1")
    for day in range(2, 6):
        clerk.payment(date=date(2026, 11, day), reference="R-2")
    search = PaymentSearch(reference="R-3")
    change_payment(clerk.world.deps, wanted.id, PaymentChanges(reference="R-3"), None)
    found, cursor = list_payments(clerk.world.deps, STAFF, search, 1, None)
    assert ([one.id for one in found], cursor) == ([wanted.id], None)


def test_payments_written_without_their_texts_beside_them_are_found(clerk: Clerk) -> None:
    """What an earlier version wrote is decided by the payment itself."""
    payment = clerk.payment(method="card", reference="R-1")
    item = to_item(payment, 1)
    item.update([PaymentItem.method.remove(), PaymentItem.reference.remove()])
    assert listed(clerk, method="card", reference="R-1") == [payment.id]
    assert listed(clerk, method="cash") == listed(clerk, reference="R-2") == []


def listed(clerk: Clerk, **search: object) -> list[str]:
    """Ids of the first page."""
    found, _ = list_payments(clerk.world.deps, STAFF, PaymentSearch(**search), 50, None)  # type: ignore[arg-type]
    return [one.id for one in found]


def test_a_customers_payments_come_in_pages_too(clerk: Clerk) -> None:
    """Newest first; an unknown customer is not found, nor is another one for a customer's own token."""
    made = [clerk.payment(date=date(2026, 11, day)).id for day in (3, 2, 1)]
    search = PaymentSearch(customer_id="acme")
    first, cursor = list_payments(clerk.world.deps, STAFF, search, 2, None)
    rest, end = list_payments(clerk.world.deps, STAFF, search, 2, cursor)
    assert ([one.id for one in [*first, *rest]], end) == (made, None)
    own = Actor(subject="user", customer_id="acme")
    assert len(list_payments(clerk.world.deps, own, PaymentSearch(), 50, None)[0]) == 3
    with pytest.raises(NotFound):
        list_payments(clerk.world.deps, own, PaymentSearch(customer_id="bolt"), 50, None)
    with pytest.raises(NotFound):
        list_payments(clerk.world.deps, STAFF, PaymentSearch(customer_id="nobody"), 50, None)


def test_recording_a_payment_costs_two_calls(clerk: Clerk) -> None:
    """The customer is read, the payment written."""
    clerk.payment()
    with counted() as calls:
        clerk.payment()
    assert calls == {"GetItem": 1, "PutItem": 1}
