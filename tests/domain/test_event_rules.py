"""Which events a change amounts to: each once, from the two states alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event_rules import events_of
from chalicelib.domain.events import EventType
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.payment import PaymentState
from tests.support.builders import NOW, a_customer, a_payment, an_invoice

DRAFT = an_invoice()
ISSUED = an_invoice(status=InvoiceStatus.ISSUED, pdf_status=PdfStatus.RENDERING, version=2)
PRINTED = replace(ISSUED, pdf_status=PdfStatus.READY)
REVISED = replace(PRINTED, revision=1, pdf_status=PdfStatus.RENDERING, version=3)
PARTLY = replace(ISSUED, amount_paid=Decimal("2.00"), version=3)
PAID = replace(ISSUED, amount_paid=Decimal("12.00"), version=4)
CREDITED = replace(ISSUED, amount_credited=Decimal("12.00"), version=4)
VOID = replace(PRINTED, status=InvoiceStatus.VOID, revision=1, pdf_status=PdfStatus.RENDERING, version=3)
FREE = an_invoice(status=InvoiceStatus.ISSUED, lines=())
NOTE = replace(ISSUED, kind=InvoiceKind.CREDIT_NOTE, original_invoice_number="INV-1", reason="Returned")
PENDING = a_payment(status=PaymentState.PENDING)
COMPLETED = a_payment(version=2)


@pytest.mark.parametrize(
    "before, after, events",
    [
        (None, DRAFT, []),
        (None, ISSUED, ["invoice.issued"]),
        (DRAFT, ISSUED, ["invoice.issued"]),
        (DRAFT, replace(DRAFT, notes="x"), []),
        (DRAFT, replace(DRAFT, revision=1), []),
        (None, FREE, ["invoice.issued", "invoice.paid"]),
        (None, PAID, ["invoice.issued", "invoice.paid"]),
        (None, NOTE, ["credit_note.issued"]),
        (None, PRINTED, ["invoice.issued", "pdf.ready"]),
        (ISSUED, PRINTED, ["pdf.ready"]),
        (PRINTED, PRINTED, []),
        (ISSUED, replace(ISSUED, pdf_status=PdfStatus.FAILED), []),
        (PRINTED, REVISED, ["invoice.revised"]),
        (REVISED, replace(REVISED, pdf_status=PdfStatus.READY), ["pdf.ready"]),
        (ISSUED, PARTLY, []),
        (PARTLY, PAID, ["invoice.paid"]),
        (PAID, PARTLY, []),
        (ISSUED, CREDITED, ["invoice.paid"]),
        (PAID, replace(PAID, notes="x"), []),
        (PRINTED, VOID, ["invoice.voided"]),
        (VOID, replace(VOID, pdf_status=PdfStatus.READY), ["pdf.ready"]),
        (DRAFT, None, []),
        (None, PENDING, []),
        (None, COMPLETED, ["payment.completed"]),
        (PENDING, COMPLETED, ["payment.completed"]),
        (COMPLETED, replace(COMPLETED, allocated=Decimal(1)), []),
        (PENDING, replace(PENDING, status=PaymentState.CANCELLED), []),
        (None, replace(COMPLETED, credit_note_id=NOTE.id), []),
        (None, a_customer(), []),
    ],
)
def test_a_change_is_told_as_what_became_true_by_it(before: Any, after: Any, events: list[str]) -> None:
    """Issued, revised, voided, paid (also by credit, also for nothing), printed; money that came in, not credit."""
    assert [event.type for event in events_of(before, after, NOW)] == events


def test_an_event_says_what_the_api_shows() -> None:
    """Amounts in the currency's digits, dates, states; empty texts are left out."""
    (event,) = events_of(PARTLY, PAID, NOW)
    assert (event.id, event.subject, event.sequence) == (f"invoice.paid:{PAID.id}:4", PAID.id, 4)
    assert (event.customer_id, event.occurred_at, event.type) == ("acme", NOW, EventType.INVOICE_PAID)
    assert event.data == {
        "kind": "invoice",
        "status": "issued",
        "payment_status": "paid",
        "revision": "0",
        "currency": "EUR",
        "total": "12.00",
        "amount_paid": "12.00",
        "amount_credited": "0.00",
        "amount_refunded": "0.00",
        "amount_due": "0.00",
        "invoice_date": "2026-11-15",
        "due_date": "2026-11-29",
        "number": "INV-1001",
        "customer_name": "Acme Ltd",
    }


def test_a_credit_note_names_what_it_takes_back() -> None:
    """Number of the invoice and reason; a credit note has no payment status."""
    (event,) = events_of(None, NOTE, NOW)
    assert (event.data["original_invoice_number"], event.data["reason"]) == ("INV-1", "Returned")
    assert "payment_status" not in event.data


def test_a_payment_is_told_without_its_description() -> None:
    """Part of the description is for staff only, so none of it leaves the house."""
    payment = replace(COMPLETED, date=date(2026, 11, 16), method="card", description="ok # complains a lot", allocated=Decimal(2))
    (event,) = events_of(None, payment, NOW)
    assert event.data == {
        "status": "completed",
        "currency": "EUR",
        "amount": "12.00",
        "allocated": "2.00",
        "unallocated": "10.00",
        "refunded": "0.00",
        "date": "2026-11-16",
        "method": "card",
    }


STATES = (DRAFT, ISSUED, PRINTED, REVISED, PARTLY, PAID, CREDITED, VOID)


@given(st.lists(st.sampled_from(STATES), max_size=8))
def test_ids_are_new_for_each_version_and_the_same_for_each_telling(states: list[Invoice]) -> None:
    """Whatever an invoice goes through: told twice the ids are the same, and no two events of a life share one."""
    life = [replace(state, version=version) for version, state in enumerate(states, 1)]
    told = [event for pair in zip([None, *life], life, strict=False) for event in events_of(*pair, NOW)]
    again = [event for pair in zip([None, *life], life, strict=False) for event in events_of(*pair, NOW)]
    assert told == again
    assert len({event.id for event in told}) == len(told)
