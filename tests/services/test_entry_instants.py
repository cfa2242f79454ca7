"""What gets known when: a request that is executed again enters the books now, whatever its first try was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.bank_statement import StatementFormat
from chalicelib.domain.credit_requests import CreditRequest
from chalicelib.domain.drafting import InvoiceChanges, NewInvoice
from chalicelib.domain.errors import Invalid
from chalicelib.domain.manual_lines import LineInput
from chalicelib.services import bank_statements
from chalicelib.services.accounts import get_statement
from chalicelib.services.ageing import AgeingQuestion, build_ageing
from chalicelib.services.bank_confirmation import ConfirmEntry, carry_out, confirm_entry
from chalicelib.services.bank_statements import NewStatement
from chalicelib.services.credit_notes import CreditInvoice, credit_invoice
from chalicelib.services.deps import Deps
from chalicelib.services.idempotency import as_of_first_try
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.invoice_payments import reverse_allocation
from chalicelib.services.invoice_states import void_invoice
from chalicelib.services.payments import NewPayment, record_payment
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.store.customers import get_customer
from tests.support.builders import tax
from tests.support.kills import Killed, killed_at
from tests.support.money_in import Clerk
from tests.support.statements import Row, camt_file

DAY = date(2026, 12, 1)
FIVE = Decimal("5.00")


def again(clerk: Clerk, since: datetime, key: str = "k") -> Deps:
    """Dependencies of a request that was first tried then and is executed again now."""
    return as_of_first_try(clerk.world.deps, "user:staff", key, since)


def an_invoice_by_hand() -> NewInvoice:
    """An invoice over 5.00 of the day."""
    line = LineInput(given={"description": "Work", "unit_price": FIVE, "tax": tax(0)})
    return NewInvoice(customer_id="acme", invoice_date=DAY, lines=(line,))


def asked(clerk: Clerk, known_at: datetime) -> tuple[object, object]:
    """What the books say of the day, as known at the instant."""
    ageing = build_ageing(clerk.world.deps, AgeingQuestion(as_of=DAY, known_at=known_at, customer_id="acme"))
    return ageing, get_statement(clerk.world.deps, "acme", first=DAY, last=DAY, known_at=known_at)


def test_ids_and_days_are_those_of_the_first_try_instants_those_of_the_entry(clerk: Clerk) -> None:
    """A day later the payment is of the day it was asked for, known from now; once it is there its own instant counts."""
    since = clerk.world.now
    clerk.world.pass_time(days=1)
    new = NewPayment(customer_id="acme", amount=FIVE)
    made = record_payment(again(clerk, since), new)
    assert (made.date, made.created_at, made.completed_at) == (DAY, clerk.world.now, clerk.world.now)
    clerk.world.pass_time(days=1)
    assert record_payment(again(clerk, since), new) == made


def test_nothing_that_is_done_later_changes_what_was_known(clerk: Clerk) -> None:
    """Every way into the books, executed again after somebody asked: the same question has the same answer."""
    since = clerk.world.now
    invoices = [clerk.invoice(invoice_date=DAY) for _ in range(4)]
    payment, other = clerk.payment("50.00"), clerk.payment("10.00")
    [row] = clerk.allocate(other, (invoices[3], "10.00")).rows
    clerk.world.pass_time(hours=1)
    instant = clerk.world.now
    before = asked(clerk, instant)
    clerk.world.pass_time(hours=1)

    record_payment(again(clerk, since, "1"), NewPayment(customer_id="acme", amount=FIVE))
    clerk.allocate(payment, (invoices[0], "5.00"), deps=again(clerk, since, "2"))
    refund_payment(again(clerk, since, "3"), RefundPayment(payment_id=payment.id, amount=FIVE))
    reverse_allocation(again(clerk, since, "4"), invoices[3].id, row.id)
    credit_invoice(
        again(clerk, since, "5"), CreditInvoice(invoice_id=invoices[0].id, request=CreditRequest(reason="x", amount=FIVE))
    )
    void_invoice(again(clerk, since, "6"), invoices[1].id)
    later = InvoiceChanges(invoice_date=date(2026, 12, 2))
    change_invoice(again(clerk, since, "7"), ChangeInvoice(invoice_id=invoices[2].id, changes=later, version=invoices[2].version))
    create_invoice(again(clerk, since, "8"), an_invoice_by_hand(), issue=True)
    assert asked(clerk, instant) == before
    assert asked(clerk, clerk.world.now) != before


def test_an_invoice_on_payment_is_known_with_its_payment(clerk: Clerk) -> None:
    """Executed again, both enter the books in one instant, now."""
    since = clerk.world.now
    clerk.world.customer("prepaid", create_invoice_on_payment=True)
    assert get_customer("prepaid").create_invoice_on_payment
    clerk.world.pass_time(hours=1)
    payment = record_payment(again(clerk, since), NewPayment(customer_id="prepaid", amount=FIVE))
    question = AgeingQuestion(as_of=DAY, customer_id="prepaid")
    for known_at in (since, clerk.world.now):
        total = build_ageing(clerk.world.deps, replace(question, known_at=known_at)).ageing.total
        assert (total.total, total.unallocated) == (Decimal(0), Decimal(0))
    assert payment.completed_at == clerk.world.now


def test_a_confirmation_that_was_cut_off_is_known_from_when_it_is_carried_out(clerk: Clerk) -> None:
    """The decision alone books nothing, so its instant is not that of the payment."""
    new = NewStatement(format=StatementFormat.CAMT_053, text=camt_file([Row(day="2026-12-01")]))
    statement = bank_statements.import_statement(clerk.world.deps, new)
    [listed], _ = bank_statements.list_entries(statement.id, 10, None)
    command = ConfirmEntry(statement_id=statement.id, entry_id=listed.entry.id, customer_id="acme")
    with pytest.raises(Killed), killed_at(1, "after"):
        confirm_entry(clerk.world.deps, command)
    clerk.world.pass_time(hours=1)
    instant = clerk.world.now
    before = asked(clerk, instant)
    clerk.world.pass_time(hours=1)

    carry_out(clerk.world.deps, statement.id, listed.entry.id)
    assert asked(clerk, instant) == before
    assert asked(clerk, clerk.world.now) != before


def test_the_future_is_not_known(clerk: Clerk) -> None:
    """An instant to come is refused by statement and ageing alike; now is the last one there is."""
    clerk.payment("5.00")
    asked(clerk, clerk.world.now)
    tomorrow = clerk.world.now + timedelta(seconds=1)
    for question in (AgeingQuestion(known_at=tomorrow), AgeingQuestion(as_of=DAY, known_at=tomorrow)):
        with pytest.raises(Invalid, match="is to come"):
            build_ageing(clerk.world.deps, question)
    with pytest.raises(Invalid, match="is to come"):
        get_statement(clerk.world.deps, "acme", first=None, last=None, known_at=tomorrow)


def test_a_statement_as_known_then_ends_on_the_day_it_was_then(clerk: Clerk) -> None:
    """Where the customer is: so the same question has the same last day and closing for ever."""
    clerk.world.customer("far", timezone="Pacific/Auckland")
    clerk.world.pass_time(hours=6)
    instant = clerk.world.now
    clerk.payment("5.00", "far", date=date(2026, 12, 3))
    clerk.world.pass_time(days=5)
    _, found = get_statement(clerk.world.deps, "far", first=None, last=None, known_at=instant)
    assert (found.end, found.closing) == (date(2026, 12, 2), Decimal(0))


def test_no_document_is_dated_more_than_a_year_ahead(clerk: Clerk) -> None:
    """Neither made so nor moved there, by hand or as a credit note."""
    far, invoice = date(2062, 1, 1), clerk.invoice("5.00")
    changes = ChangeInvoice(invoice_id=invoice.id, changes=InvoiceChanges(invoice_date=far), version=invoice.version)
    credit = CreditInvoice(invoice_id=invoice.id, request=CreditRequest(reason="x", invoice_date=far))
    with pytest.raises(Invalid, match="a year ahead"):
        create_invoice(clerk.world.deps, replace(an_invoice_by_hand(), invoice_date=far))
    with pytest.raises(Invalid, match="a year ahead"):
        change_invoice(clerk.world.deps, changes)
    with pytest.raises(Invalid, match="a year ahead"):
        credit_invoice(clerk.world.deps, credit)
