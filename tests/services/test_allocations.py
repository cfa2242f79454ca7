"""Allocating payments to invoices: by hand and by strategy, previewed, raced for, taken back, done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.drafting import InvoiceChanges
from chalicelib.domain.errors import Conflict, Invalid, Unavailable
from chalicelib.domain.invoice import Invoice, PaymentStatus
from chalicelib.domain.invoice_search import InvoiceSearch
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment, preview_allocation
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_payments import PayInvoice, pay_invoice
from chalicelib.services.invoice_states import void_invoice
from chalicelib.store.allocations import load_invoice_allocations
from chalicelib.store.contention import OvertakenError, replanned
from chalicelib.store.invoice_list import list_invoices
from chalicelib.store.invoices import get_invoice
from tests.support.aws_calls import counted, meanwhile
from tests.support.kills import Killed, Side, killed_at
from tests.support.money_in import Clerk, check_books, due_on, left_of, repeatable

STAFF = Actor(subject="staff")


def test_one_payment_pays_several_invoices_by_hand(clerk: Clerk) -> None:
    """Amounts move from the payment to the invoices, and the rows say so; the rest stays as credit."""
    first, second, payment = clerk.invoice("10.00"), clerk.invoice("20.00"), clerk.payment("25.00")

    done = clerk.allocate(payment, (first, "10.00"), (second, "5.00"), date=date(2026, 12, 2))

    assert (done.payment.allocated, left_of(payment)) == (Decimal("15.00"), "10.00")
    assert (get_invoice(first.id).payment_status, due_on(second)) == (PaymentStatus.PAID, "15.00")
    assert [(row.invoice_number, row.date) for row in done.rows] == [
        ("INV-1001", date(2026, 12, 2)),
        ("INV-1002", date(2026, 12, 2)),
    ]
    assert load_invoice_allocations(first.id) == [done.rows[0]]
    check_books("acme", [first.id, second.id])


def test_the_list_shows_the_invoice_where_its_payment_status_is(clerk: Clerk) -> None:
    """What was unpaid is found as paid, and no more as unpaid."""
    invoice, payment = clerk.invoice(), clerk.payment()
    clerk.allocate(payment, (invoice, "10.00"))
    rows, _ = list_invoices(InvoiceSearch(as_of=clerk.world.now), shards=1, limit=9)
    assert [(row.state, row.amount_due) for row in rows] == [("paid", Decimal("0.00"))]


def test_a_payment_counts_the_invoices_version_up(clerk: Clerk) -> None:
    """Whoever read the invoice before it was paid cannot change it unaware; its document and revision stay."""
    invoice, payment = clerk.invoice(), clerk.payment()
    clerk.allocate(payment, (invoice, "1.00"))
    paid = get_invoice(invoice.id)
    assert (paid.version, paid.revision, paid.lines) == (invoice.version + 1, 0, invoice.lines)
    with pytest.raises(Conflict, match="stale_version"):
        void_invoice(clerk.world.deps, invoice.id, invoice.version)


@pytest.mark.parametrize(
    "strategy, expected",
    [
        (AllocationStrategy.OLDEST_DUE_FIRST, ["5.00", "0.00", "25.00"]),
        (AllocationStrategy.OLDEST_FIRST, ["0.00", "5.00", "25.00"]),
        (AllocationStrategy.LARGEST_FIRST, ["10.00", "20.00", "0.00"]),
        (AllocationStrategy.EXACT_MATCH, ["10.00", "20.00", "0.00"]),
    ],
)
def test_a_strategy_chooses_among_what_is_owed(clerk: Clerk, strategy: AllocationStrategy, expected: list[str]) -> None:
    """Each in its order; what is void or another customer's is left alone."""
    clerk.world.customer("bolt")
    void_invoice(clerk.world.deps, clerk.invoice("25.00", invoice_date=date(2026, 10, 1)).id)
    clerk.invoice("25.00", "bolt", invoice_date=date(2026, 10, 1))
    made = [
        clerk.invoice("10.00", invoice_date=date(2026, 11, 1), due_date=date(2026, 11, 30)),
        clerk.invoice("20.00", invoice_date=date(2026, 11, 2), due_date=date(2026, 11, 10)),
        clerk.invoice("25.00", invoice_date=date(2026, 11, 3), due_date=date(2026, 12, 20)),
    ]

    clerk.allocate_by(clerk.payment("25.00"), strategy)

    assert [due_on(invoice) for invoice in made] == expected
    check_books("acme", [invoice.id for invoice in made])


def test_a_strategy_that_finds_nothing_does_nothing(clerk: Clerk) -> None:
    """No transaction, no rows, the money stays."""
    payment = clerk.payment("7.00")
    clerk.invoice("8.00")
    with counted() as calls:
        done = clerk.allocate_by(payment, AllocationStrategy.EXACT_MATCH)
    assert (done.rows, left_of(payment), calls["TransactWriteItems"]) == ((), "7.00", 0)


def test_every_issue_of_a_request_is_said_at_once(clerk: Clerk) -> None:
    """Unknown, foreign and doubled invoices, and amounts that are none."""
    clerk.world.customer("bolt")
    own, foreign, payment = clerk.invoice(), clerk.invoice(customer_id="bolt"), clerk.payment()
    amounts = [(own.id, "1.00"), (own.id, "0.001"), (foreign.id, "1.00"), ("acme.20260101.R", "1.00"), ("nonsense", "-1.00")]
    command = AllocatePayment(payment_id=payment.id, amounts=[(key, Decimal(amount)) for key, amount in amounts])
    with pytest.raises(Invalid) as refusal:
        allocate_payment(clerk.world.deps, command)
    assert {issue.path: issue.code for issue in refusal.value.issues} == {
        "allocations.1.invoice_id": "invalid_value",
        "allocations.1.amount": "invalid_amount",
        "allocations.2.invoice_id": "customer_mismatch",
        "allocations.3.invoice_id": "unknown_invoice",
        "allocations.4.invoice_id": "unknown_invoice",
        "allocations.4.amount": "invalid_amount",
    }


@pytest.mark.parametrize(
    "amount, status, code",
    [
        ("10.01", PaymentState.COMPLETED, "over_allocated"),
        ("20.01", PaymentState.COMPLETED, "over_allocated"),
        ("1.00", PaymentState.PENDING, "wrong_state"),
    ],
)
def test_no_more_than_is_there_and_due(clerk: Clerk, amount: str, status: PaymentState, code: str) -> None:
    """Neither payment nor invoice is exceeded, and only completed money counts."""
    invoice, payment = clerk.invoice("10.00"), clerk.payment("20.00", status=status)
    with pytest.raises(Conflict, match=code):
        clerk.allocate(payment, (invoice, amount))
    assert due_on(invoice) == "10.00"


def test_forty_invoices_go_in_one_call(clerk: Clerk) -> None:
    """All of them or none, in one transaction."""
    invoices = [clerk.invoice("1.00") for _ in range(41)]
    payment = clerk.payment("41.00")
    clerk.allocate(payment, *((invoice, "1.00") for invoice in invoices[:40]))
    assert left_of(payment) == "1.00"
    check_books("acme", [invoice.id for invoice in invoices])


def test_an_allocation_to_one_invoice_costs_four_reads_and_one_transaction(clerk: Clerk) -> None:
    """Payment, invoice, settings and customer are read; everything is written at once."""
    clerk.allocate(clerk.payment(), (clerk.invoice(), "1.00"))
    invoice, payment = clerk.invoice(), clerk.payment()
    with counted() as calls:
        clerk.allocate(payment, (invoice, "10.00"))
    assert calls == {"GetItem": 3, "BatchGetItem": 1, "TransactWriteItems": 1}


def test_a_preview_shows_the_plan_and_does_nothing(clerk: Clerk) -> None:
    """Carried out with its token, exactly that happens."""
    invoice, payment = clerk.invoice("4.00"), clerk.payment("10.00")
    command = AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.OLDEST_FIRST)

    plan = preview_allocation(clerk.world.deps, command)

    assert [(row.invoice_id, row.amount) for row in plan.rows] == [(invoice.id, Decimal("4.00"))]
    assert (plan.remaining, left_of(payment), due_on(invoice)) == (Decimal("6.00"), "10.00", "4.00")
    clerk.allocate(payment, (invoice, "4"), plan_token=plan.token)
    assert due_on(invoice) == "0.00"


@pytest.mark.parametrize("change", ["payment", "invoice", "amount"])
def test_a_plan_that_went_stale_is_refused(clerk: Clerk, change: str) -> None:
    """Whatever moved since the preview: the payment, an invoice, or the amounts asked for."""
    invoice, other, payment = clerk.invoice("4.00"), clerk.invoice("1.00"), clerk.payment("10.00")
    lines = [(invoice.id, Decimal("4.00"))]
    token = preview_allocation(clerk.world.deps, AllocatePayment(payment_id=payment.id, amounts=lines)).token
    if change == "payment":
        clerk.allocate(payment, (other, "1.00"))
    if change == "invoice":
        revise(clerk, invoice)
    amount = "3.00" if change == "amount" else "4.00"
    with pytest.raises(Conflict, match="stale_plan"):
        clerk.allocate(payment, (invoice, amount), plan_token=token)
    assert due_on(invoice) == "4.00"


def revise(clerk: Clerk, invoice: Invoice) -> Invoice:
    """The invoice gets another note."""
    changes = InvoiceChanges(notes="Please pay.")
    return change_invoice(clerk.world.deps, ChangeInvoice(invoice_id=invoice.id, version=None, changes=changes))


def test_an_old_version_of_payment_or_invoice_is_refused(clerk: Clerk) -> None:
    """The version given is that of the object in the path."""
    invoice, payment = clerk.invoice(), clerk.payment()
    with pytest.raises(Conflict, match="stale_version"):
        clerk.allocate(payment, (invoice, "1.00"), version=7)
    command = PayInvoice(invoice_id=invoice.id, payment_id=payment.id, amount=Decimal(1), version=7)
    with pytest.raises(Conflict, match="stale_version"):
        pay_invoice(clerk.world.deps, command)


def test_the_faster_clerk_gets_the_money(clerk: Clerk) -> None:
    """The slower one's amounts are checked against what is left, and refused when it is not enough."""
    invoice, other, payment = clerk.invoice("10.00"), clerk.invoice("10.00"), clerk.payment("15.00")
    with (
        meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(payment, (other, "10.00"))),
        pytest.raises(Conflict, match="over_allocated"),
    ):
        clerk.allocate(payment, (invoice, "10.00"))
    assert (due_on(invoice), due_on(other), left_of(payment)) == ("10.00", "0.00", "5.00")


@pytest.mark.parametrize("number", [1, 2])
def test_what_still_fits_is_done_on_the_new_state(clerk: Clerk, number: int) -> None:
    """By hand the same amounts; by strategy the plan is made again."""
    invoice, other, payment = clerk.invoice("10.00"), clerk.invoice("10.00"), clerk.payment("15.00")
    with meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(payment, (other, "4.00"))):
        if number == 1:
            clerk.allocate(payment, (invoice, "10.00"))
        else:
            clerk.allocate_by(payment, AllocationStrategy.OLDEST_FIRST)
    assert due_on(invoice) == "0.00"
    check_books("acme", [invoice.id, other.id])


def test_two_payments_do_not_pay_one_invoice_twice(clerk: Clerk) -> None:
    """The slower one finds nothing due."""
    invoice, fast, slow = clerk.invoice("10.00"), clerk.payment("10.00"), clerk.payment("10.00")
    with (
        meanwhile("TransactWriteItems", 1, lambda: clerk.allocate(fast, (invoice, "10.00"))),
        pytest.raises(Conflict, match="over_allocated"),
    ):
        clerk.allocate(slow, (invoice, "10.00"))
    assert (due_on(invoice), left_of(slow)) == ("0.00", "10.00")
    check_books("acme", [invoice.id])


def test_a_revision_that_comes_between_is_noticed(clerk: Clerk) -> None:
    """The money goes on the invoice as it is now, and the revision stays."""
    invoice, payment = clerk.invoice("10.00"), clerk.payment("10.00")
    with meanwhile("TransactWriteItems", 1, lambda: revise(clerk, invoice)):
        clerk.allocate(payment, (invoice, "10.00"))
    found = get_invoice(invoice.id)
    assert (found.revision, found.version, found.amount_due) == (1, 3, Decimal("0.00"))


def test_an_invoice_chosen_by_strategy_and_void_since_is_left_out(clerk: Clerk) -> None:
    """It is chosen again; the next one gets the money."""
    first, second, payment = clerk.invoice(), clerk.invoice(), clerk.payment()
    with meanwhile("BatchGetItem", 1, lambda: void_invoice(clerk.world.deps, first.id)):
        clerk.allocate_by(payment, AllocationStrategy.OLDEST_FIRST)
    assert due_on(second) == "0.00"


def test_eight_clerks_allocate_one_payment_and_none_exceeds_it(clerk: Clerk) -> None:
    """Each wants 4.00 of 20.00 for an invoice of their own: five get it."""
    invoices, payment = [clerk.invoice("4.00") for _ in range(8)], clerk.payment("20.00")

    def work(invoice: Invoice) -> bool:
        try:
            clerk.allocate(payment, (invoice, "4.00"))
        except (Conflict, Unavailable):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        served = list(pool.map(work, invoices))

    assert sum(served) == 5
    assert left_of(payment) == "0.00"
    check_books("acme", [invoice.id for invoice in invoices])


def test_whoever_is_overtaken_again_and_again_is_told_to_come_back() -> None:
    """The loop is bounded."""

    def step() -> None:
        raise OvertakenError

    with pytest.raises(Unavailable):
        replanned(step)


def by_hand(clerk: Clerk, payment: Payment, invoice: Invoice) -> Callable[[], object]:
    """One request to allocate by hand, repeatable."""
    deps = clerk.world.deps
    return lambda: clerk.allocate(payment, (invoice, "10.00"), deps=repeatable(deps, int(payment.id[-8:]) * 1000))


def by_strategy(clerk: Clerk, payment: Payment, _invoice: Invoice) -> Callable[[], object]:
    """One request to allocate by strategy, repeatable."""
    deps, command = clerk.world.deps, AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.EXACT_MATCH)
    return lambda: allocate_payment(repeatable(deps, int(payment.id[-8:]) * 1000), command)


@pytest.mark.parametrize("request_of", [by_hand, by_strategy])
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_allocation_killed_anywhere_is_made_once(
    clerk: Clerk, side: Side, request_of: Callable[[Clerk, Payment, Invoice], Callable[[], object]]
) -> None:
    """The repetition answers with the rows that are there, though money and another open invoice would be there for more."""
    call, died, invoices = 1, True, []
    while died:
        invoice, payment = clerk.invoice("10.00"), clerk.payment("10.00")
        invoices.append(invoice.id)
        request = request_of(clerk, payment, invoice)
        try:
            with killed_at(call, side):
                request()
            died = False
        except Killed:
            answer = request()
            assert request() == answer
            call += 1
        assert len(load_invoice_allocations(invoice.id)) == 1
    assert call > 1
    check_books("acme", invoices)


def test_the_repetition_of_a_strategy_does_not_allocate_what_came_later(clerk: Clerk) -> None:
    """A new invoice and money left over do not make a second allocation out of one request."""
    payment, first = clerk.payment("30.00"), clerk.invoice("10.00")
    deps, command = clerk.world.deps, AllocatePayment(payment_id=payment.id, strategy=AllocationStrategy.OLDEST_FIRST)
    done = allocate_payment(repeatable(deps), command)
    second = clerk.invoice("10.00")

    again = allocate_payment(repeatable(deps), command)

    assert again.rows == done.rows
    assert (due_on(first), due_on(second), left_of(payment)) == ("0.00", "10.00", "20.00")
