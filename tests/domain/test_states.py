"""State × action: every combination, and revisions."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.operator import IssuedInvoices
from chalicelib.domain.states import Action, allowed_actions, check_action, plan_revision
from tests.support.builders import a_line, an_invoice, settings

INVOICE, CREDIT_NOTE = InvoiceKind.INVOICE, InvoiceKind.CREDIT_NOTE
DRAFT, ISSUED, VOID = InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.VOID
PAID = Decimal("12.00")
PART = Decimal("5.00")
NOTHING = Decimal(0)

# What an issued invoice of 12.00 allows, by (paid, credited); the code of what stands in the way, "" when allowed.
ISSUED_INVOICE = {
    (NOTHING, NOTHING): {Action.VOID: "", Action.ALLOCATE: "", Action.CREDIT: ""},
    (PART, NOTHING): {Action.VOID: "has_payments", Action.ALLOCATE: "", Action.CREDIT: ""},
    (NOTHING, PART): {Action.VOID: "has_payments", Action.ALLOCATE: "", Action.CREDIT: ""},
    (PAID, NOTHING): {Action.VOID: "has_payments", Action.ALLOCATE: "over_allocated", Action.CREDIT: ""},
    (NOTHING, PAID): {Action.VOID: "has_payments", Action.ALLOCATE: "over_allocated", Action.CREDIT: "over_credited"},
}
OTHERS = {
    (INVOICE, DRAFT): {Action.EDIT, Action.ISSUE, Action.DELETE},
    (INVOICE, VOID): {Action.RENDER},
    (CREDIT_NOTE, DRAFT): {Action.EDIT, Action.ISSUE, Action.DELETE},
    (CREDIT_NOTE, ISSUED): {Action.RENDER},
    (CREDIT_NOTE, VOID): {Action.RENDER},
}


def expected_code(invoice: Invoice, action: Action, locked: IssuedInvoices) -> str:
    """The table of the billing rules, written a second time."""
    if (invoice.kind, invoice.status) != (INVOICE, ISSUED):
        return "" if action in OTHERS[invoice.kind, invoice.status] else "wrong_state"
    if action is Action.REVISE:
        return "issued_locked" if locked is IssuedInvoices.LOCKED else ""
    if action is Action.RENDER:
        return ""
    return ISSUED_INVOICE[invoice.amount_paid, invoice.amount_credited].get(action, "wrong_state")


@pytest.mark.parametrize("kind, status, money, locked", [*product(InvoiceKind, InvoiceStatus, ISSUED_INVOICE, IssuedInvoices)])
def test_every_state_and_action(
    kind: InvoiceKind, status: InvoiceStatus, money: tuple[Decimal, Decimal], locked: IssuedInvoices
) -> None:
    """Each action on each state is allowed or refused with exactly the code of the table, and the list agrees."""
    invoice = an_invoice(kind=kind, status=status, amount_paid=money[0], amount_credited=money[1])
    chosen = settings(issued_invoices=locked)
    for action in Action:
        code = expected_code(invoice, action, locked)
        assert (action.value in allowed_actions(invoice, chosen)) is (code == "")
        if code:
            with pytest.raises(Conflict) as caught:
                check_action(invoice, action, chosen)
            assert caught.value.code == code
            assert caught.value.details["allowed_actions"] == list(allowed_actions(invoice, chosen))
        else:
            check_action(invoice, action, chosen)


def test_a_refusal_says_what_is_the_case() -> None:
    """The message names kind, state and action; a locked invoice points to credit notes."""
    with pytest.raises(Conflict, match="A credit note that is issued does not allow: void"):
        check_action(an_invoice(kind=CREDIT_NOTE, status=ISSUED), Action.VOID, settings())
    with pytest.raises(Conflict, match="credit note instead"):
        check_action(an_invoice(status=ISSUED), Action.REVISE, settings(issued_invoices=IssuedInvoices.LOCKED))


def test_a_zero_invoice_owes_nothing() -> None:
    """An issued invoice of 0.00 can be voided or revised, but neither paid nor credited."""
    invoice = an_invoice(status=ISSUED, lines=(a_line(price=0),))
    assert allowed_actions(invoice, settings()) == ("revise", "void", "render")


def test_a_revision_keeps_the_number_and_counts_up() -> None:
    """Dates, lines and texts change; number, customer, payments and policy stay; the PDF is to be made again."""
    old = an_invoice(status=ISSUED, amount_paid=PART, pdf_status=PdfStatus.READY, revision=2)
    new = an_invoice(
        lines=(a_line(price=20),),
        notes="corrected",
        buyer_reference="PO 7",
        invoice_date=date(2026, 11, 16),
        due_date=date(2026, 12, 1),
        line_grouping=LineGrouping.DAY,
        currency="USD",
        prices_include_tax=True,
    )
    revised = plan_revision(old, new)
    changed = {field.name for field in fields(old) if getattr(old, field.name) != getattr(revised, field.name)}
    amounts = {"lines", "taxes", "subtotal", "tax_total", "total"}
    assert changed == {
        *amounts,
        "revision",
        "notes",
        "buyer_reference",
        "invoice_date",
        "due_date",
        "line_grouping",
        "pdf_status",
    }
    assert (revised.number, revised.revision, revised.total, revised.amount_due) == (
        "INV-1001",
        3,
        Decimal("24.00"),
        Decimal("19.00"),
    )
    assert revised.pdf_status is PdfStatus.NONE


@pytest.mark.parametrize("price, fits", [("5.84", True), ("5.83", True), ("5.82", False)])
def test_a_revision_cannot_drop_below_what_is_settled(price: str, fits: bool) -> None:
    """5.00 paid and 2.00 credited of 12.00: 7.00 still fits, a cent less does not."""
    old = an_invoice(status=ISSUED, amount_paid=PART, amount_credited=Decimal("2.00"))
    new = replace(old, lines=(a_line(price=price),))
    if fits:
        assert plan_revision(old, new).amount_due >= 0
        return
    with pytest.raises(Conflict) as caught:
        plan_revision(old, new)
    assert caught.value.code == "total_below_paid"
    assert caught.value.message == "7.00 is paid and credited; the new total would be 6.98."


def test_a_revision_cannot_be_negative() -> None:
    """A total below zero is a credit note, paid or not."""
    old = an_invoice(status=ISSUED)
    with pytest.raises(Invalid) as caught:
        plan_revision(old, replace(old, lines=(a_line(price=-1),)))
    assert caught.value.code == "negative_total"
