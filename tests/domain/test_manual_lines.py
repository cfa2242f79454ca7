"""Lines as a clerk gives them, and drafts made and changed of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.drafting import InvoiceChanges, NewInvoice, Party, plan_correction, plan_draft, plan_edit
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus, Line, LineKind, LineUsage
from chalicelib.domain.issuing import plan_issue, plan_void, series_of
from chalicelib.domain.manual_lines import LineInput, build_lines
from tests.support.builders import NOW, a_customer, a_line, a_package, an_invoice, settings, tax

USAGE = LineUsage(calls=1, attempts=2, duration_seconds=30, billed_seconds=60)
prices = st.decimals(min_value=Decimal(0), max_value=Decimal(10_000), places=4)


def build(*inputs: LineInput, old: tuple[Line, ...] = ()) -> tuple[Line, ...]:
    """The lines, of which none has an issue."""
    lines, issues = build_lines(
        inputs, packages={"fibre": a_package(id="fibre", name="Fibre", description="")}, tax=tax(7), old=old
    )
    assert issues == []
    return lines


def party(**fields: Any) -> Party:
    """The customer acme, billed by the default operator."""
    return Party(**{"customer": a_customer(), "settings": settings(), "packages": {}, **fields})


def test_a_new_line_is_one_piece_at_the_customers_tax() -> None:
    """Quantity 1, no discount, no dates, manual."""
    (line,) = build(LineInput(given={"unit_price": Decimal(3)}))

    assert line == Line(id="1", unit_price=Decimal(3), tax=tax(7))


def test_a_package_without_description_gives_its_name() -> None:
    """A line is never without a text because the package has none."""
    assert build(LineInput(package_id="fibre"))[0].description == "Fibre"


def test_the_package_a_line_has_already_fills_in_nothing_again() -> None:
    """A price that a clerk changed stays when the line is sent back with its package."""
    edited = a_line(package_id="fibre", price="1.23")

    assert build(LineInput(id="1", package_id="fibre"), old=(edited,)) == (edited,)


def test_null_empties_dates_and_leaves_the_rest() -> None:
    """Only dates can be without a value."""
    dated = a_line(start_date=date(2026, 11, 1), end_date=date(2026, 11, 30), unit="h")

    (line,) = build(LineInput(id="1", given={"start_date": None, "unit": None, "tax": None}), old=(dated,))

    assert line == replace(dated, start_date=None)


def test_a_line_keeps_what_it_stands_for() -> None:
    """Kind, usage, package, assignment and the invoice it refers to belong to the line, not to the clerk."""
    old = a_line(
        "7", kind=LineKind.LATE_USAGE, usage=USAGE, original_invoice_id="acme.1.R", assignment_id="a", package_id="fibre"
    )

    (line,) = build(LineInput(id="7", given={"description": "New"}), old=(old,))

    assert line == replace(old, description="New")


def test_ids_of_lines_that_went_name_no_other_line() -> None:
    """New lines count on from the highest id the document has, whatever ids they bring."""
    lines = build(LineInput(id="1"), LineInput(id="9", given={"unit_price": Decimal(1)}), old=(a_line("1"), a_line("5")))

    assert [line.id for line in lines] == ["1", "6"]


@given(st.lists(prices, min_size=1, max_size=6), st.booleans())
def test_sending_lines_back_changes_nothing(amounts: list[Decimal], inclusive: bool) -> None:
    """A draft edited with all its lines as they are is the same draft, to the cent."""
    lines = tuple(a_line(str(number), amount, kind=LineKind.USAGE) for number, amount in enumerate(amounts, 1))
    draft = an_invoice(lines=lines, prices_include_tax=inclusive)
    changes = InvoiceChanges(lines=tuple(LineInput(id=line.id) for line in draft.lines))

    assert plan_edit(draft, changes, {}, tax()) == draft


@given(prices, st.integers(1, 60))
def test_a_draft_adds_up(price: Decimal, days: int) -> None:
    """Total is net plus tax, and the due date follows the customer's terms."""
    new = NewInvoice(customer_id="acme", lines=(LineInput(given={"unit_price": price}),), invoice_date=date(2026, 11, 1))

    draft = plan_draft(new, party(customer=a_customer(invoice_due_days=days)), invoice_id="acme.20261101.A.1", at=NOW)

    assert draft.total == draft.subtotal + draft.tax_total == sum(line.net for line in draft.lines) + draft.taxes[0].tax
    assert (draft.due_date - draft.invoice_date).days == days


def test_a_draft_may_say_for_itself_whether_prices_include_tax() -> None:
    """The operator's policy is the default; the invoice's own word counts."""
    new = NewInvoice(customer_id="acme", lines=(LineInput(given={"unit_price": Decimal(12)}),))
    inclusive = party(settings=settings(prices_include_tax=True))

    by_policy = plan_draft(new, inclusive, invoice_id="acme.20261101.A.1", at=NOW)
    by_word = plan_draft(replace(new, prices_include_tax=False), inclusive, invoice_id="acme.20261101.A.1", at=NOW)

    assert (by_policy.total, by_word.total) == (Decimal("12.00"), Decimal("14.40"))


def test_a_correction_that_turns_the_total_negative_is_refused() -> None:
    """A negative total is a credit note, never a revision."""
    issued = an_invoice(status=InvoiceStatus.ISSUED)
    changes = InvoiceChanges(lines=(LineInput(id="1", given={"unit_price": Decimal(-1)}),))

    with pytest.raises(Invalid, match="negative_total"):
        plan_correction(issued, changes, {}, tax(), settings())


def test_a_correction_without_a_change_is_the_invoice() -> None:
    """Nothing new, no revision; another price policy is refused."""
    issued = an_invoice(status=InvoiceStatus.ISSUED)

    assert plan_correction(issued, InvoiceChanges(prices_include_tax=False), {}, tax(), settings()) == issued
    with pytest.raises(Conflict, match="wrong_state"):
        plan_correction(issued, InvoiceChanges(prices_include_tax=True), {}, tax(), settings())


def test_a_negative_draft_is_not_issued() -> None:
    """However it came to be: what is issued has a total of zero or more, and lines."""
    draft = replace(an_invoice(), lines=(), total=Decimal(-1))

    with pytest.raises(Invalid) as refusal:
        plan_issue(draft, a_customer(), settings(), at=NOW, change_id="x")

    assert [issue.code for issue in refusal.value.issues] == ["negative_total", "required"]


def test_credit_notes_have_a_series_of_their_own() -> None:
    """The kind of a document decides who counts it."""
    assert series_of(an_invoice(), settings()).name == "invoices"
    assert series_of(an_invoice(kind=InvoiceKind.CREDIT_NOTE), settings()).name == "credit-notes"


def test_void_is_a_revision_that_keeps_number_and_amounts() -> None:
    """What was issued can still be accounted for."""
    issued = an_invoice(status=InvoiceStatus.ISSUED)
    at = datetime(2026, 12, 1, tzinfo=UTC)

    void = plan_void(issued, at=at, change_id="x")

    assert (void.status, void.revision, void.voided_at) == (InvoiceStatus.VOID, 1, at)
    assert (void.number, void.total, void.lines) == (issued.number, issued.total, issued.lines)
