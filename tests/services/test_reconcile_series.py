"""Books of several documents are checked against each other: a rule that two of them break shows, work under way does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from chalicelib.domain.customer import Frequency
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import DateOrder
from chalicelib.services import billing, billing_runs
from chalicelib.services.reconcile import reconcile_customer, reconcile_series
from chalicelib.services.reconcile_findings import CODES
from chalicelib.store import ledger, objects
from chalicelib.store.roll_up_rows import store_usage
from chalicelib.store.tables import BlockItem, InvoiceItem, SeriesItem
from chalicelib.store.work_tables import MemberItem, RollUpItem
from tests.support import aws_calls
from tests.support.builders import a_rollup
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk
from tests.support.tampering import overwrite_invoice
from tests.support.usage import Call, csv_file, import_file
from tests.support.usage_rows import UsageRow
from tests.support.world import World

NOVEMBER_5 = date(2026, 11, 5)
SERIES = "SEQ#invoices"
HERE = Path(__file__).parent


@dataclass(slots=True)
class Books:
    """A customer's: November billed by a run as number 1001, then two invoices by hand. Date order is strict."""

    world: World
    run_id: str
    second: Invoice
    third: Invoice


@pytest.fixture
def books(cloud: Cloud) -> Books:
    """Sound books."""
    world = World()
    world.settings(date_order=DateOrder.STRICT)
    world.customer()
    import_file(csv_file([Call("1")]))
    run = billing_runs.run_schedule(world.deps, Frequency.MONTHLY, world.now)
    assert run is not None
    billing.bill_chunk(world.deps, run.id, 1)
    return Books(world, run.id, Clerk(world).invoice(), Clerk(world).invoice())


def found() -> set[str]:
    """The codes of everything that is found."""
    return {finding.code for finding in (*reconcile_series(), *reconcile_customer("acme"))}


def number_twice(books: Books) -> None:
    """A chunk made two documents and gave them one number."""
    key = objects.chunk_key(books.run_id, 1)
    pinned = json.loads(objects.find_object(key) or b"")
    pinned["plan"]["invoices"].append({"id": books.second.id})
    objects.put_object(key, json.dumps(pinned).encode())
    overwrite_invoice(replace(books.second, number="INV-1001", sequence=1001))


def lose_block(_books: Books) -> None:
    """Numbers between others were never taken."""
    BlockItem(SERIES, "B#000000001002").delete()


def move_counter(_books: Books) -> None:
    """The counter goes on without anybody taking a number."""
    counter = SeriesItem.get(SERIES, "0")
    counter.n += 1
    counter.save()


def bill_day_again(books: Books) -> None:
    """An invoice by hand says that it bills a day of the run's."""
    overwrite_invoice(replace(books.second, days=(NOVEMBER_5,)))


def skip_day(_books: Books) -> None:
    """Days with usage are marked as not worth an invoice."""
    ledger.mark_no_invoice("acme", [NOVEMBER_5], "20261101#R")


def call_from_tomorrow(books: Books) -> None:
    """A day bills a call of the next one."""
    books.world.usage("acme", UsageRow(date(2026, 12, 6), "UK Mobile", attempts=1), billing_day=date(2026, 12, 5))


def free_call(_books: Books) -> None:
    """A call that costs nothing slips under a billed day."""
    row = a_rollup(UsageRow(NOVEMBER_5, "UK Mobile", attempts=1, connected=1), billing_day=NOVEMBER_5)
    RollUpItem("U#acme", f"{NOVEMBER_5}#b1", rows=store_usage("acme", row)).save()


def accept_one_more(_books: Books) -> None:
    """A batch counts a call that nobody has."""
    (member,) = MemberItem.query("U#acme", MemberItem.sk.startswith("B#"))
    member.accepted += 1
    member.save()


def lose_member(_books: Books) -> None:
    """Roll-ups are there, and nobody knows where from."""
    (member,) = MemberItem.query("U#acme", MemberItem.sk.startswith("B#"))
    member.delete()


BREAKAGES: list[tuple[Callable[[Books], object], str]] = [
    (number_twice, "number_twice"),
    (lose_block, "blocks_broken"),
    (move_counter, "blocks_broken"),
    (lambda books: overwrite_invoice(replace(books.second, invoice_date=date(2026, 11, 1))), "number_order"),
    (lambda books: overwrite_invoice(replace(books.third, invoice_date=date(2026, 11, 30))), "number_order"),
    (bill_day_again, "day_twice"),
    (skip_day, "usage_skipped"),
    (call_from_tomorrow, "usage_ahead"),
    (free_call, "usage_differs"),
    (accept_one_more, "usage_count"),
    (lose_member, "usage_count"),
]


@pytest.mark.parametrize("breakage, code", BREAKAGES, ids=[f"{n}-{code}" for n, (_, code) in enumerate(BREAKAGES)])
def test_what_somebody_broke_is_found(books: Books, breakage: Callable[[Books], object], code: str) -> None:
    """Sound before, a breakage shows under the code of the rule it breaks."""
    assert found() == set()
    breakage(books)
    assert code in found()


def test_each_rule_was_seen_broken() -> None:
    """No code without a test that names it: every proof under faults leans on these rules."""
    files = [*HERE.glob("test_reconcile*.py"), HERE / "test_checkup.py"]
    tests = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [code for code in CODES if f'"{code}"' not in tests] == []


class Mender(aws_calls.Watcher):
    """Puts an invoice right as soon as its customer's books were read once."""

    def __init__(self, invoice: InvoiceItem) -> None:
        """`invoice` is what it should be."""
        self.invoice: InvoiceItem | None = invoice

    def after(self, call: aws_calls.Call, parsed: dict[str, object]) -> None:
        """The first answer that has the invoice is the last before it is mended."""
        del call
        invoice, self.invoice = (self.invoice, None) if "I#" in str(parsed) else (None, self.invoice)
        if invoice is not None:
            invoice.save()


def test_work_under_way_is_no_finding(books: Books) -> None:
    """What a second look does not find any more does not count."""
    customer_id, _, suffix = books.second.id.partition(".")
    item = InvoiceItem.get(f"C#{customer_id}", f"I#{suffix.replace('.', '#')}")
    right, item.due = item.due, 1
    item.save()
    assert "due" in found()
    item.due = right
    with aws_calls.watched(Mender(item)):
        assert reconcile_customer("acme") == ()
