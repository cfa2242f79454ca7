"""Invoices by hand: drafts, packages on lines, issuing at once, and doing each thing once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.drafting import InvoiceChanges, NewInvoice
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import InvoiceStatus, PdfStatus
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.operator import DateOrder
from chalicelib.domain.tax import Tax, TaxCategory
from chalicelib.services.deps import Deps
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.invoice_states import issue_invoice
from chalicelib.store.invoices import find_invoice, get_invoice
from chalicelib.store.numbering import list_blocks
from chalicelib.store.objects import document_key, has_object
from tests.support.aws_calls import counted
from tests.support.builders import a_package, tax
from tests.support.world import World


def a_line_input(price: str = "10.00", **given: object) -> LineInput:
    """A line of 1 × 10.00."""
    return LineInput(given={"description": "Work", "unit_price": Decimal(price), **given})


def new_invoice(*lines: LineInput, **fields: Any) -> NewInvoice:
    """An invoice to acme, of one line unless lines are given."""
    return replace(NewInvoice(customer_id="acme", lines=lines or (a_line_input(),)), **fields)


def repeated(deps: Deps) -> Deps:
    """Dependencies that give the same ids again each time they are asked for by a repetition of one request."""
    ids = count(900)
    return replace(deps, new_id=lambda: f"{next(ids):08d}")


def test_a_draft_takes_its_defaults_from_customer_and_operator(world: World) -> None:
    """Date, terms, tax and notes come from customer and settings; there is no number yet."""
    world.settings(invoice_notes="Thank you.")

    draft = create_invoice(world.deps, new_invoice())

    assert (draft.status, draft.number, draft.notes) == (InvoiceStatus.DRAFT, None, "Thank you.")
    assert (draft.invoice_date, draft.due_date) == (date(2026, 12, 1), date(2026, 12, 15))
    assert draft.lines[0].tax == tax()
    assert draft.total == Decimal("12.00")
    assert find_invoice(draft.id) == draft


def test_the_date_is_the_customers(world: World) -> None:
    """Late in the evening of UTC it is already tomorrow in Auckland."""
    world.customer("kiwi", timezone="Pacific/Auckland")
    world.now = datetime(2026, 12, 1, 22, tzinfo=UTC)

    assert create_invoice(world.deps, new_invoice(customer_id="kiwi")).invoice_date == date(2026, 12, 2)


def test_the_worked_example_of_two_rates(world: World) -> None:
    """10 × 10.00 at 20 % and 5 × 1.00 at 6 % make 105.00 + 20.30 = 125.30."""
    lines = (a_line_input(quantity=Decimal(10)), a_line_input("1.00", quantity=Decimal(5), tax=tax(6)))

    draft = create_invoice(world.deps, new_invoice(*lines))

    assert (draft.subtotal, draft.tax_total, draft.total) == (Decimal("105.00"), Decimal("20.30"), Decimal("125.30"))


def test_a_package_fills_in_its_line_and_all_of_it_can_be_overruled(world: World) -> None:
    """Description, quantity, price and tax come from the package unless they are given."""
    own = Tax(category=TaxCategory.ZERO)
    world.package(
        a_package(id="fibre", name="Fibre", description="Fibre 1G", unit_price=Decimal(30), quantity=Decimal(2), tax=own)
    )
    chosen = LineInput(package_id="fibre")
    overruled = LineInput(package_id="fibre", given={"description": "Special", "quantity": Decimal(1), "tax": tax(6)})

    first, second = create_invoice(world.deps, new_invoice(chosen, overruled)).lines

    assert (first.package_id, first.description, first.quantity, first.tax) == ("fibre", "Fibre 1G", Decimal(2), own.named("VAT"))
    assert first.net == Decimal("60.00")
    assert (second.description, second.net, second.tax) == ("Special", Decimal("30.00"), tax(6))


def test_every_issue_is_named_at_once(world: World) -> None:
    """An unknown package, a missing price, a missing reason and a due date before the date are told together."""
    lines = (
        LineInput(package_id="nope"),
        LineInput(given={"description": "?"}),
        a_line_input(tax=Tax(category=TaxCategory.EXEMPT)),
    )

    with pytest.raises(Invalid) as refusal:
        create_invoice(world.deps, new_invoice(*lines, due_date=date(2026, 11, 1)))

    assert {issue.path: issue.code for issue in refusal.value.issues} == {
        "lines.0.package_id": "unknown_package",
        "lines.1.unit_price": "required",
        "lines.2.tax.reason": "reason_required",
        "due_date": "invalid_date",
    }


def test_an_unknown_customer_is_an_issue_of_the_body(world: World) -> None:
    """The id stands in the body, so it is invalid input and not a missing resource."""
    with pytest.raises(Invalid) as refusal:
        create_invoice(world.deps, new_invoice(customer_id="nobody"))

    assert refusal.value.code == "unknown_customer"


def test_discount_lines_are_fine_while_the_total_is_not_negative(world: World) -> None:
    """A negative line lowers the total down to zero, not below."""
    assert create_invoice(world.deps, new_invoice(a_line_input(), a_line_input("-10.00"))).total == 0
    with pytest.raises(Invalid) as refusal:
        create_invoice(world.deps, new_invoice(a_line_input(), a_line_input("-10.01")))

    assert refusal.value.code == "negative_total"


def test_a_zero_total_can_be_issued_and_is_paid(world: World) -> None:
    """An invoice over nothing has a number like any other."""
    issued = create_invoice(world.deps, new_invoice(a_line_input("0")), issue=True)

    assert (issued.number, issued.payment_status) == ("INV-1001", "paid")


def test_an_invoice_without_lines_stays_a_draft(world: World) -> None:
    """Lines may be added later; issuing without any is refused."""
    draft = create_invoice(world.deps, NewInvoice(customer_id="acme"))

    with pytest.raises(Invalid) as refusal:
        issue_invoice(world.deps, draft.id)

    assert refusal.value.issues[0].path == "lines"


def test_issuing_at_once_numbers_and_announces(world: World) -> None:
    """The number, the record of what it was taken for, and the frozen document are there."""
    issued = create_invoice(world.deps, new_invoice(), issue=True)

    assert (issued.number, issued.status, issued.pdf_status) == ("INV-1001", InvoiceStatus.ISSUED, PdfStatus.RENDERING)
    assert [block.source for block in list_blocks("invoices")] == [issued.id]
    assert has_object(document_key(issued.id, 0))
    assert get_invoice(issued.id) == issued


def test_a_repeated_request_makes_no_second_draft(world: World) -> None:
    """The same ids give the same draft, and what was changed since is not overwritten."""
    first = create_invoice(repeated(world.deps), new_invoice())
    edited = change_invoice(world.deps, ChangeInvoice(invoice_id=first.id, version=1, changes=InvoiceChanges(notes="Edited")))

    assert create_invoice(repeated(world.deps), new_invoice()) == edited


def test_a_repeated_request_takes_no_second_number(world: World) -> None:
    """Issuing at once, twice with the same ids, is one invoice with one number."""
    first = create_invoice(repeated(world.deps), new_invoice(), issue=True)
    second = create_invoice(repeated(world.deps), new_invoice(), issue=True)

    assert second == first
    assert len(list_blocks("invoices")) == 1


def test_strict_date_order_names_the_earliest_possible_date(world: World) -> None:
    """Where numbers follow dates, an earlier date is refused; the same and later ones are not."""
    world.settings(date_order=DateOrder.STRICT)
    create_invoice(world.deps, new_invoice(invoice_date=date(2026, 12, 1)), issue=True)
    early = create_invoice(world.deps, new_invoice(invoice_date=date(2026, 11, 30)))

    with pytest.raises(Conflict) as refusal:
        issue_invoice(world.deps, early.id)

    assert (refusal.value.code, refusal.value.details["earliest"]) == ("date_order", "2026-12-01")
    assert create_invoice(world.deps, new_invoice(invoice_date=date(2026, 12, 1)), issue=True).number == "INV-1002"


def test_what_creating_and_issuing_cost(world: World) -> None:
    """A warm process makes a draft with three calls, and an issued invoice with five."""
    create_invoice(world.deps, new_invoice(), issue=True)
    with counted() as draft:
        create_invoice(world.deps, new_invoice())
    with counted() as issued:
        create_invoice(world.deps, new_invoice(), issue=True)

    assert draft == {"Query": 1, "GetItem": 1, "PutItem": 1}
    assert issued == {"Query": 1, "GetItem": 2, "TransactWriteItems": 1, "PutObject": 1}
