"""Editing drafts and revising issued invoices: what may change, what is kept, and who wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.customer import Frequency, LineGrouping
from chalicelib.domain.drafting import InvoiceChanges, NewInvoice
from chalicelib.domain.errors import BillingError, Conflict, Invalid, NotFound
from chalicelib.domain.invoice import Invoice, InvoiceStatus, LineKind, PdfStatus
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.operator import DateOrder, IssuedInvoices
from chalicelib.services.billing_by_hand import BillDays, bill_days
from chalicelib.services.invoice_changes import ChangeInvoice, change_invoice
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.invoice_reading import list_revisions, read_invoice
from chalicelib.services.invoice_states import delete_draft, issue_invoice, void_invoice
from chalicelib.store import clock, keys
from chalicelib.store.accounts import get_account
from chalicelib.store.invoices import find_invoice, get_invoice
from chalicelib.store.ledger import load_ledger
from chalicelib.store.numbering import list_blocks
from chalicelib.store.objects import document_key, has_object
from chalicelib.store.tables import InvoiceItem
from tests.support.aws_calls import meanwhile
from tests.support.builders import a_usage_row
from tests.support.tampering import overwrite_invoice
from tests.support.world import World

STAFF = Actor(subject="staff")
NOVEMBER = ((date(2026, 11, 1), date(2026, 11, 3)),)


def an_invoice(world: World, *, issue: bool = False, **fields: Any) -> Invoice:
    """An invoice of one line over 10.00 + 2.00 VAT."""
    line = LineInput(given={"description": "Work", "unit_price": Decimal("10.00")})
    new = replace(NewInvoice(customer_id="acme", lines=(line,)), **fields)
    return create_invoice(world.deps, new, issue=issue)


def change(world: World, invoice: Invoice, grouping: LineGrouping | None = None, **changes: Any) -> Invoice:
    """Change the invoice as it was read."""
    command = ChangeInvoice(
        invoice_id=invoice.id, version=invoice.version, changes=InvoiceChanges(**changes), line_grouping=grouping
    )
    return change_invoice(world.deps, command)


def priced(line_id: str, price: str) -> LineInput:
    """An existing line with another price."""
    return LineInput(id=line_id, given={"unit_price": Decimal(price)})


def with_usage(world: World) -> Invoice:
    """A draft over three days of November with usage of two destinations."""
    rows = [
        a_usage_row(date(2026, 11, day), destination, charge=Decimal("0.333"))
        for day in (1, 2, 3)
        for destination in ("UK Mobile", "France")
    ]
    world.usage("acme", *rows)
    return bill_days(world.deps, BillDays("acme", NOVEMBER, issue=False))


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Run the calls in threads that start together; how each ended: "done" or the code of its error."""
    ends = [""] * len(calls)
    start = Barrier(len(calls))

    def run(place: int) -> None:
        start.wait()
        try:
            calls[place]()
        except BillingError as error:
            ends[place] = error.code
        else:
            ends[place] = "done"

    threads = [Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_lines_given_replace_all_lines(world: World) -> None:
    """A line with a known id keeps what is not given; others go; new ones get fresh ids."""
    draft = an_invoice(world)
    extra = LineInput(given={"description": "More", "unit_price": Decimal(5)})
    two = change(world, draft, lines=(priced("1", "20.00"), extra))
    one = change(world, two, lines=(LineInput(id="2", given={"quantity": Decimal(3)}), replace(extra, id="9")))

    assert [(line.id, line.description, line.net) for line in two.lines] == [
        ("1", "Work", Decimal("20.00")),
        ("2", "More", Decimal("5.00")),
    ]
    assert [(line.id, line.net) for line in one.lines] == [("2", Decimal("15.00")), ("3", Decimal("5.00"))]
    assert get_invoice(draft.id) == one


def test_a_new_date_moves_the_due_date_along(world: World) -> None:
    """The terms stay fourteen days unless a due date is given too."""
    draft = an_invoice(world)

    moved = change(world, draft, invoice_date=date(2026, 12, 10))
    fixed = change(world, moved, invoice_date=date(2026, 12, 20), due_date=date(2026, 12, 20))

    assert moved.due_date == date(2026, 12, 24)
    assert fixed.due_date == date(2026, 12, 20)


def test_a_change_of_nothing_writes_nothing(world: World) -> None:
    """Saying again what is so makes neither a version nor a revision."""
    draft, issued = an_invoice(world), an_invoice(world, issue=True)

    assert change(world, draft, notes=draft.notes) == draft
    assert change(world, issued, notes=issued.notes, lines=(LineInput(id="1"),)) == issued


@pytest.mark.parametrize("grouping", [LineGrouping.DAY, LineGrouping.NONE])
def test_grouping_a_draft_anew_changes_no_total(world: World, grouping: LineGrouping) -> None:
    """By destination, by day or in one line: the same usage to the cent."""
    draft = with_usage(world)

    grouped = change(world, draft, grouping)

    assert len(draft.lines) == 2
    assert len(grouped.lines) == {LineGrouping.DAY: 3, LineGrouping.NONE: 1}[grouping]
    assert (grouped.total, grouped.taxes, grouped.line_grouping) == (draft.total, draft.taxes, grouping)


def test_usage_lines_keep_what_they_stand_for(world: World) -> None:
    """Whatever a clerk writes on a usage line, it stays the usage of its calls."""
    draft = with_usage(world)

    edited = change(world, draft, lines=tuple(LineInput(id=line.id, given={"description": "Calls"}) for line in draft.lines))

    assert [(line.kind, line.usage, line.net) for line in edited.lines] == [
        (LineKind.USAGE, line.usage, line.net) for line in draft.lines
    ]


def test_a_correction_is_a_revision_that_keeps_the_number(world: World) -> None:
    """The number stays, the revision counts up, a new document is announced, and each earlier one stays readable."""
    first = an_invoice(world, issue=True)
    second = change(world, first, lines=(priced("1", "20.00"),))
    third = change(world, second, notes="Corrected")

    assert (third.number, third.revision, third.total) == (first.number, 2, Decimal("24.00"))
    assert third.pdf_status is PdfStatus.RENDERING
    assert all(has_object(document_key(first.id, revision)) for revision in (0, 1, 2))
    assert [read_invoice(STAFF, first.id, revision).total for revision in (0, 1, 2)] == [
        Decimal("12.00"),
        Decimal("24.00"),
        Decimal("24.00"),
    ]


def test_revisions_are_listed_in_pages_from_the_present_back(world: World) -> None:
    """Pages of two give five revisions, each once."""
    invoice = an_invoice(world, issue=True)
    for number in range(4):
        invoice = change(world, invoice, notes=str(number))

    seen, cursor = [], None
    while True:
        found = list_revisions(STAFF, invoice.id, 2, cursor)
        seen += [one.revision for one in found.revisions]
        cursor = found.next_cursor
        if cursor is None:
            break

    assert seen == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("revision", [1, 9999])
def test_a_revision_that_never_was_is_not_found(world: World, revision: int) -> None:
    """Only revisions the invoice has had can be read."""
    with pytest.raises(NotFound):
        read_invoice(STAFF, an_invoice(world, issue=True).id, revision)


def test_locked_invoices_cannot_be_revised(world: World) -> None:
    """The setting decides for every issued invoice; drafts stay free."""
    issued, draft = an_invoice(world, issue=True), an_invoice(world)
    world.settings(issued_invoices=IssuedInvoices.LOCKED)

    with pytest.raises(Conflict) as refusal:
        change(world, issued, notes="No")

    assert refusal.value.code == "issued_locked"
    assert change(world, draft, notes="Yes").notes == "Yes"


def test_a_total_cannot_drop_below_what_is_paid(world: World) -> None:
    """5.00 of 12.00 are paid: 5.00 can stay, 4.99 cannot."""
    issued = an_invoice(world, issue=True)
    paid = overwrite_invoice(replace(issued, amount_paid=Decimal("5.00")))

    with pytest.raises(Conflict) as refusal:
        change(world, paid, lines=(priced("1", "4.16"),))

    assert refusal.value.code == "total_below_paid"
    assert change(world, paid, lines=(priced("1", "4.17"),)).amount_due == 0


@pytest.mark.parametrize("changes", [{"prices_include_tax": True}, {"grouping": LineGrouping.DAY}])
def test_what_is_frozen_at_issue_cannot_be_changed(world: World, changes: dict[str, Any]) -> None:
    """Price policy and grouping are part of what was issued."""
    issued = an_invoice(world, issue=True)

    with pytest.raises(Conflict) as refusal:
        change(world, issued, **changes)

    assert refusal.value.code == "wrong_state"


def test_an_issued_invoice_keeps_its_date_where_numbers_follow_dates(world: World) -> None:
    """Under strict order a correction cannot move the date."""
    issued = an_invoice(world, issue=True)
    world.settings(date_order=DateOrder.STRICT)

    with pytest.raises(Conflict) as refusal:
        change(world, issued, invoice_date=issued.invoice_date - timedelta(days=1))

    assert refusal.value.code == "date_order"


def test_a_correction_is_judged_like_a_draft(world: World) -> None:
    """Every issue of the lines is named, and nothing is kept."""
    issued = an_invoice(world, issue=True)

    with pytest.raises(Invalid) as refusal:
        change(world, issued, lines=(LineInput(package_id="nope"), LineInput()))

    assert [issue.path for issue in refusal.value.issues] == ["lines.0.package_id", "lines.1.unit_price"]
    assert get_invoice(issued.id) == issued


def test_issuing_freezes_customer_and_operator_as_they_are_then(world: World) -> None:
    """What changed since the draft was made is printed; what changes later is not."""
    draft = an_invoice(world)
    world.customer(name="Acme Holding")
    world.settings(name="New Name")
    issued = issue_invoice(world.deps, draft.id)
    world.customer(name="Acme Later")

    assert (issued.customer.name, issued.operator.name) == ("Acme Holding", "New Name")
    assert get_invoice(draft.id) == issued


def test_two_clerks_issue_one_draft_once(world: World) -> None:
    """One of them wins; the other learns of it; one number is taken."""
    draft, deps = an_invoice(world), world.deps

    ends = at_once(*[lambda: issue_invoice(deps, draft.id)] * 2)

    assert ends[0] == "done"
    assert ends[1] in {"stale_version", "wrong_state"}
    assert len(list_blocks("invoices")) == 1


def test_two_clerks_edit_one_draft_and_one_of_them_reads_again(world: World) -> None:
    """Changes of the same version never overwrite each other."""
    draft = an_invoice(world)

    ends = at_once(lambda: change(world, draft, notes="A"), lambda: change(world, draft, buyer_reference="B"))

    assert ends == ["done", "stale_version"]
    assert get_invoice(draft.id).version == 2


def test_a_payment_between_reading_and_voiding_keeps_the_invoice(world: World) -> None:
    """Amounts are part of what a change rests on, even if whoever moved them forgot to count the version up."""
    issued = an_invoice(world, issue=True)
    customer_id, suffix = keys.parse_invoice_id(issued.id)
    item = InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix))

    with (
        meanwhile("TransactWriteItems", 1, lambda: item.update(actions=[InvoiceItem.paid.set(100)])),
        pytest.raises(Conflict, match="stale_version"),
    ):
        void_invoice(world.deps, issued.id)

    assert get_invoice(issued.id).status is InvoiceStatus.ISSUED


def test_a_repeated_issue_or_void_answers_with_what_it_did(world: World) -> None:
    """The same request met again is success; another one is a conflict."""
    draft = an_invoice(world)
    deps = replace(world.deps, new_id=lambda: "00000500")
    issued = issue_invoice(deps, draft.id)
    assert issue_invoice(deps, draft.id, version=1) == issued
    with pytest.raises(Conflict, match="wrong_state"):
        issue_invoice(world.deps, draft.id)

    deps = replace(world.deps, new_id=lambda: "00000600")
    void = void_invoice(deps, draft.id)
    assert void_invoice(deps, draft.id, version=2) == void
    with pytest.raises(Conflict, match="wrong_state"):
        void_invoice(world.deps, draft.id)


@pytest.mark.parametrize("issue", [True, False])
def test_freed_days_can_be_billed_again(world: World, issue: bool) -> None:
    """Voiding an invoice, or deleting a draft, makes its days unbilled; the void keeps its number."""
    world.usage("acme", a_usage_row(date(2026, 11, 1)))
    first = bill_days(world.deps, BillDays("acme", NOVEMBER, issue=issue))
    if issue:
        assert void_invoice(world.deps, first.id).number == first.number
    else:
        delete_draft(world.deps, first.id)
        assert find_invoice(first.id) is None
    assert load_ledger("acme", date(2026, 11, 1)).claims == {}

    second = bill_days(world.deps, BillDays("acme", NOVEMBER, issue=issue))

    assert second.id != first.id
    assert second.total == first.total


def test_freed_days_are_looked_at_by_the_next_run(world: World) -> None:
    """The billing clock goes back to the day before them."""
    world.usage("acme", a_usage_row(date(2026, 11, 1)))
    invoice = bill_days(world.deps, BillDays("acme", NOVEMBER, issue=True))
    before = get_account("acme").clock
    assert before is not None
    billed = replace(before, billed_through=date(2026, 11, 30), due_at=world.now + timedelta(days=31))
    clock.advance_clocks([clock.Advance(billed, before.billed_through)], 1)

    void_invoice(world.deps, invoice.id)

    after = get_account("acme").clock
    assert after is not None
    assert (after.billed_through, after.frequency) == (date(2026, 10, 31), Frequency.MONTHLY)
    assert after.due_at is not None
    assert after.due_at <= world.now


def test_a_void_invoice_has_a_paper_of_its_own(world: World) -> None:
    """The document marked void is a new revision; the one that the customer got stays readable."""
    issued = an_invoice(world, issue=True)

    void = void_invoice(world.deps, issued.id)

    assert (void.revision, void.pdf_status) == (1, PdfStatus.RENDERING)
    assert has_object(document_key(issued.id, 1))
    assert read_invoice(STAFF, issued.id, 0) == issued


def test_a_paid_invoice_cannot_be_voided(world: World) -> None:
    """Payments have to be taken back first."""
    issued = an_invoice(world, issue=True)
    overwrite_invoice(replace(issued, amount_paid=Decimal("1.00")))

    with pytest.raises(Conflict) as refusal:
        void_invoice(world.deps, issued.id)

    assert refusal.value.code == "has_payments"


def test_two_clerks_void_one_invoice_once(world: World) -> None:
    """The days are freed once, and the second clerk learns that it happened."""
    world.usage("acme", a_usage_row(date(2026, 11, 1)))
    invoice, deps = bill_days(world.deps, BillDays("acme", NOVEMBER, issue=True)), world.deps

    ends = at_once(*[lambda: void_invoice(deps, invoice.id)] * 2)

    assert ends[0] == "done"
    assert ends[1] in {"stale_version", "wrong_state"}


def test_an_issued_invoice_cannot_be_deleted(world: World) -> None:
    """Only drafts go; numbers stay accounted for."""
    with pytest.raises(Conflict, match="wrong_state"):
        delete_draft(world.deps, an_invoice(world, issue=True).id)
