"""The books are checked: sound ones show nothing, and each thing that somebody broke by hand shows under its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.customer import Frequency
from chalicelib.domain.invoice import InvoiceStatus, Line, LineKind
from chalicelib.services import billing, billing_runs
from chalicelib.services.reconcile import reconcile_customer, reconcile_page, reconcile_series
from chalicelib.services.reconcile_amounts import check_amounts
from chalicelib.services.reconcile_findings import CODES, Finding
from chalicelib.store import codec, ledger, objects
from chalicelib.store.books import load_books
from chalicelib.store.invoices import get_invoice
from chalicelib.store.keys import parse_invoice_id
from chalicelib.store.tables import BlockItem, InvoiceItem, PaymentItem, SeriesItem
from chalicelib.store.work_tables import MemberItem, RollUpItem
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk
from tests.support.tampering import overwrite_invoice
from tests.support.usage import Call, csv_file, import_file
from tests.support.world import World

INVOICE = "acme.20261101.R"
NOVEMBER_5 = date(2026, 11, 5)


@pytest.fixture
def world(cloud: Cloud) -> World:
    """A customer whose November is billed and partly paid."""
    made = World()
    made.customer()
    import_file(csv_file([Call("1"), Call("2", charge="1.25", started_at="2026-11-07T10:00:00Z")]))
    run = billing_runs.run_schedule(made.deps, Frequency.MONTHLY, made.now)
    assert run is not None
    billing.bill_chunk(made.deps, run.id, 1)
    clerk = Clerk(made)
    clerk.allocate(clerk.payment("1.00"), (get_invoice(INVOICE), "0.50"))
    return made


def found() -> set[str]:
    """The codes of everything that is found."""
    return {finding.code for finding in (*reconcile_series(), *reconcile_customer("acme"))}


def item() -> InvoiceItem:
    """The invoice's item."""
    customer_id, suffix = parse_invoice_id(INVOICE)
    return InvoiceItem.get(f"C#{customer_id}", f"I#{suffix}")


def test_sound_books_show_nothing(world: World) -> None:
    """A month billed and partly paid is in order, by customer and by page."""
    assert found() == set()
    page = reconcile_page(world.deps, 10, None)
    assert (page.findings, page.checked, page.next_cursor) == ((), 0, None)  # made without a place in the list of customers


def change_item(**attributes: object) -> None:
    """Somebody edits the invoice's item."""
    edited = item()
    for name, value in attributes.items():
        setattr(edited, name, value)
    edited.save()


def change_body(**fields: object) -> None:
    """Somebody edits what the invoice says."""
    invoice = get_invoice(INVOICE)
    overwrite_invoice(replace(invoice, **fields))  # type: ignore[arg-type]  # any field


def free_a_day() -> None:
    """A billed day is given back."""
    ledger.release_days("acme", [NOVEMBER_5], "20261101#R", _owner())


def _owner() -> str:
    return ledger.load_months([("acme", "2026-11")])["acme", "2026-11"].owners["20261101#R"]


def add_usage() -> None:
    """Usage enters a billed day behind the ledger's back."""
    owner = _owner()
    free_a_day()
    import_file(csv_file([Call("9", charge="3")]), "late.csv")
    months = ledger.load_months([("acme", "2026-11")])
    ledger.claim_days("acme", [NOVEMBER_5], "20261101#R", owner, {"2026-11": months["acme", "2026-11"]})


def lose_number() -> None:
    """The counter moves and nobody has the number."""
    BlockItem("SEQ#invoices", "B#000000001002", lo=1002, hi=1002, source="acme.20261105.A.1").save()
    SeriesItem("SEQ#invoices", "0", n=1002, last_date="2026-12-01", series={}).save()


def drop_payment_left() -> None:
    """A payment forgets what it has left."""
    (payment,) = PaymentItem.query("C#acme", PaymentItem.sk.startswith("P#"))
    payment.left = 0
    payment.save()


def replace_document() -> None:
    """The frozen document is written anew."""
    frozen = replace(get_invoice(INVOICE), due_date=date(2030, 1, 1))
    objects.put_object(objects.document_key(INVOICE, 0), codec.dump(frozen))


BREAKAGES: list[tuple[Callable[[], object], str]] = [
    (free_a_day, "day_unclaimed"),
    (free_a_day, "day_forgotten"),
    (add_usage, "usage_differs"),
    (lose_number, "number_missing"),
    (drop_payment_left, "payment"),
    (replace_document, "document_differs"),
    (lambda: item().delete(), "number_missing"),
    (lambda: item().delete(), "day_orphaned"),
    (lambda: item().delete(), "allocation"),
    (lambda: objects.delete_object(objects.document_key(INVOICE, 0)), "document_missing"),
    (lambda: change_item(paid=60), "paid"),
    (lambda: change_item(due=1), "due"),
    (lambda: change_item(tot=1), "amounts_differ"),
    (lambda: change_item(num=None), "number_state"),
    (lambda: change_item(g1s="paid#20261201"), "list_state"),
    (lambda: change_item(rev=1), "revision_missing"),
    (lambda: change_body(number="INV-1002", sequence=1002), "number_unaccounted"),
    (lambda: change_body(subtotal=Decimal("9.99")), "totals"),
    (lambda: change_body(taxes=()), "tax_group"),
    (lambda: change_body(lines=tuple(replace(one, net=Decimal("7.00")) for one in get_invoice(INVOICE).lines)), "line_net"),
    (lambda: change_body(status=InvoiceStatus.VOID), "day_orphaned"),
]


@pytest.mark.parametrize("breakage, code", BREAKAGES, ids=[f"{n}-{code}" for n, (_, code) in enumerate(BREAKAGES)])
def test_what_somebody_broke_is_found(world: World, breakage: Callable[[], object], code: str) -> None:
    """A breakage shows under the code of the rule it breaks."""
    breakage()
    assert code in found()


def test_the_same_call_twice_is_found(world: World) -> None:
    """A part that lies there twice, under another number, is named by its calls."""
    for member in list(MemberItem.query("U#acme", MemberItem.sk.startswith("B#"))):
        member.number, member.sk = 1, f"{member.sk[:-1]}1"
        member.save()
    for roll_up in list(RollUpItem.query("U#acme", RollUpItem.sk.between("0", "9"))):
        roll_up.sk += "#1"
        roll_up.save()
    assert "call_twice" in found()


def test_long_invoices_are_looked_at_line_by_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is compared with the others: an invoice of 50,000 would take minutes."""
    first = get_invoice(INVOICE).lines[0]
    change_body(lines=(first, replace(first, kind=LineKind.MANUAL)))
    (invoice,) = load_books("acme").invoices
    monkeypatch.setattr(Line, "__eq__", _refuse)
    assert "tax_group" in {finding.code for finding in check_amounts(invoice)}


def _refuse(_one: object, _other: object) -> bool:
    raise AssertionError("lines are compared")


def test_a_finding_has_a_documented_code() -> None:
    """A code without its rule is refused."""
    assert all(CODES.values())
    with pytest.raises(ValueError, match="unknown code"):
        Finding("odd", "acme", "")
