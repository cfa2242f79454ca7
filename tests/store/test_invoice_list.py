"""Lists of invoices: order, paging, searching, and what a page costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PaymentStatus, PrintedPeriod
from chalicelib.domain.invoice_search import InvoiceSearch, InvoiceSummary, ListedStatus
from chalicelib.store import invoice_list, list_months
from chalicelib.store.invoice_list import list_invoices
from chalicelib.store.invoices import put_invoice_once
from tests.support.aws_calls import counted, meanwhile
from tests.support.builders import NOW, TODAY, a_customer_snapshot, an_invoice
from tests.support.cloud import Cloud
from tests.support.tampering import overwrite_invoice

SHARDS = 3
pytestmark = pytest.mark.usefixtures("cloud")


def an_invoice_of(customer_id: str, number: int, on: date = TODAY, **fields: object) -> Invoice:
    """An invoice of a customer, unique by `number`."""
    return an_invoice(
        id=f"{customer_id}.{on:%Y%m%d}.A.{number:03d}",
        customer_id=customer_id,
        customer=a_customer_snapshot(id=customer_id),
        invoice_date=on,
        due_date=on + timedelta(days=14),
        **fields,
    )


def keep(*invoices: Invoice) -> None:
    """Store the invoices."""
    for invoice in invoices:
        assert put_invoice_once(invoice, SHARDS)


def read_all(search: InvoiceSearch, limit: int) -> list[str]:
    """The ids of every page, in order."""
    found: list[InvoiceSummary] = []
    cursor = None
    while True:
        rows, cursor = list_invoices(search, shards=SHARDS, limit=limit, cursor=cursor)
        assert len(rows) <= limit
        found += rows
        if cursor is None:
            return [row.id for row in found]


def oracle(invoices: list[Invoice], search: InvoiceSearch) -> list[str]:
    """What the list must be, said in another way: on the invoices themselves."""
    return [
        invoice.id
        for invoice in sorted(invoices, key=lambda one: (one.invoice_date, one.customer_id, one.id), reverse=True)
        if search.customer_id in {None, invoice.customer_id}
        and (search.kind or invoice.kind) is invoice.kind
        and (search.first or date.min) <= invoice.invoice_date <= (search.last or date.max)
        and has_status(invoice, search.status, search.as_of)
        and (search.drafts or invoice.status is not InvoiceStatus.DRAFT)
    ]


def has_status(invoice: Invoice, status: ListedStatus | None, as_of: datetime) -> bool:
    """Whether the invoice is what the search word means."""
    if status is None:
        return True
    if status in {ListedStatus.DRAFT, ListedStatus.ISSUED, ListedStatus.VOID}:
        return invoice.status == status.value
    payable = invoice.status is InvoiceStatus.ISSUED and invoice.kind is InvoiceKind.INVOICE
    if status is ListedStatus.OVERDUE:
        return payable and invoice.is_overdue(as_of.date())
    return payable and invoice.payment_status == PaymentStatus(status.value)


days = st.dates(date(2026, 9, 28), date(2026, 12, 3))
paid = st.sampled_from([Decimal(0), Decimal("5.00"), Decimal("12.00")])
made = st.tuples(
    st.sampled_from(["acme", "bolt", "acme-2"]), days, st.sampled_from(InvoiceStatus), st.sampled_from(InvoiceKind), paid
)
searches = st.builds(
    InvoiceSearch,
    as_of=st.just(NOW),
    customer_id=st.sampled_from([None, None, "acme", "nobody"]),
    status=st.none() | st.sampled_from(ListedStatus),
    kind=st.none() | st.sampled_from(InvoiceKind),
    first=st.none() | days,
    last=st.none() | days,
    drafts=st.booleans(),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(things=st.lists(made, max_size=14), search=searches, limit=st.integers(1, 5))
def test_pages_put_together_are_the_whole_list(
    cloud: Cloud, things: list[tuple[str, date, InvoiceStatus, InvoiceKind, Decimal]], search: InvoiceSearch, limit: int
) -> None:
    """Whatever the search, shards and page size, the pages give each matching invoice once, newest first."""
    cloud.clear()
    list_months.forget()
    invoices = [
        an_invoice_of(
            customer, number, on, status=status, kind=kind, amount_paid=amount if status is InvoiceStatus.ISSUED else Decimal(0)
        )
        for number, (customer, on, status, kind, amount) in enumerate(things)
    ]
    for invoice in invoices:
        put_invoice_once(invoice, SHARDS)

    assert read_all(search, limit) == oracle(invoices, search)


def test_an_invoice_paid_between_two_pages_is_neither_lost_nor_doubled() -> None:
    """The cursor names a place in time, not a state, so a change of state between pages moves nothing across it."""
    invoices = [an_invoice_of("acme", number, status=InvoiceStatus.ISSUED) for number in range(6)]
    keep(*invoices)
    search = InvoiceSearch(as_of=NOW)
    first, cursor = list_invoices(search, shards=SHARDS, limit=3)
    for invoice in invoices:
        overwrite_invoice(replace(invoice, amount_paid=Decimal("12.00")), SHARDS)

    second, end = list_invoices(search, shards=SHARDS, limit=3, cursor=cursor)

    assert [row.id for row in first + second] == [invoice.id for invoice in reversed(invoices)]
    assert end is None


def test_an_invoice_paid_while_a_page_is_read_is_shown_once() -> None:
    """It is found unpaid first and paid later, and is still one row."""
    invoice = an_invoice_of("acme", 1, status=InvoiceStatus.ISSUED)
    keep(invoice)

    with meanwhile("Query", 7, lambda: overwrite_invoice(replace(invoice, amount_paid=Decimal("12.00")), SHARDS)):
        rows, _ = list_invoices(InvoiceSearch(as_of=NOW), shards=SHARDS, limit=9)

    assert [row.id for row in rows] == [invoice.id]


def test_a_row_shows_what_the_invoice_has() -> None:
    """Amounts, dates, names and states of a row are those of the invoice."""
    invoice = an_invoice_of(
        "acme",
        1,
        status=InvoiceStatus.ISSUED,
        amount_paid=Decimal("5.00"),
        amount_credited=Decimal("1.00"),
        period=PrintedPeriod(start_date=date(2026, 10, 1), end_date=date(2026, 10, 31)),
    )
    keep(invoice)

    row = list_invoices(InvoiceSearch(as_of=NOW), shards=SHARDS, limit=1)[0][0]

    assert (row.id, row.number, row.customer_name, row.period) == (invoice.id, "INV-1001", "Acme Ltd", invoice.period)
    assert (row.total, row.amount_due, row.payment_status) == (Decimal("12.00"), Decimal("6.00"), PaymentStatus.PARTIALLY_PAID)


def test_overdue_counts_by_the_day_of_the_customers_zone() -> None:
    """At one instant the due date can be over for a customer in Auckland and not yet for one in Honolulu."""
    for number, zone in enumerate(["Pacific/Auckland", "Pacific/Honolulu"]):
        invoice = an_invoice_of("acme", number, TODAY - timedelta(days=14), status=InvoiceStatus.ISSUED)
        keep(replace(invoice, customer=replace(invoice.customer, timezone=zone)))
    at = NOW.replace(hour=13)

    rows, _ = list_invoices(InvoiceSearch(as_of=at, status=ListedStatus.OVERDUE), shards=SHARDS, limit=9)

    assert [row.timezone for row in rows] == ["Pacific/Auckland"]


@pytest.mark.parametrize("cursor", ["?", "e30", "WzFd", "WyIiXQ", "é"])
def test_a_cursor_that_no_list_gave_out_is_refused(cursor: str) -> None:
    """Invented cursors are an issue of the field, never an error of the store."""
    with pytest.raises(Invalid) as refusal:
        list_invoices(InvoiceSearch(as_of=NOW), shards=SHARDS, limit=1, cursor=cursor)

    assert refusal.value.issues[0].path == "cursor"


def test_empty_months_cost_nothing() -> None:
    """Twenty years between two invoices are not walked through: one query for each state and shard of the months in use."""
    keep(an_invoice_of("acme", 1, date(2026, 11, 1)), an_invoice_of("acme", 2, date(2006, 11, 1)))
    search = InvoiceSearch(as_of=NOW, status=ListedStatus.DRAFT)

    with counted() as calls:
        rows, cursor = list_invoices(search, shards=SHARDS, limit=9)

    assert len(rows) == 2
    assert cursor is None
    assert calls == {"Query": 2 * SHARDS, "GetItem": 2}  # the months, and once a process the shards


def test_a_search_that_matches_too_little_ends_its_page_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page costs a bounded number of queries; its cursor leads on to what was not looked at yet."""
    keep(*(an_invoice_of("acme", month, date(2026, month, 1)) for month in range(1, 7)))
    monkeypatch.setattr(invoice_list, "MAX_QUERIES", 6)
    search = InvoiceSearch(as_of=NOW, status=ListedStatus.DRAFT, first=date(2026, 1, 1))

    rows, cursor = list_invoices(search, shards=SHARDS, limit=9)

    assert len(rows) < 6
    assert cursor is not None
    assert len(read_all(search, 9)) == 6


def test_a_month_is_recorded_once_per_process() -> None:
    """Writing a second invoice of a month makes no further call for the list of months."""
    keep(an_invoice_of("acme", 1))
    with counted() as calls:
        keep(an_invoice_of("acme", 2))

    assert calls == {"PutItem": 1}
