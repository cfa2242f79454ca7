"""What a schedule came to: the business result without ids and instants, and everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from chalicelib import wiring
from chalicelib.domain.invoice import Invoice
from chalicelib.services.reconcile import reconcile_page
from chalicelib.store import batches, runs
from chalicelib.store.accounts import get_account
from chalicelib.store.books import load_books, load_usage
from chalicelib.store.customers import list_customers
from chalicelib.store.members import list_members

ALL = 200
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def business_result() -> dict[str, Any]:
    """Documents, billed days, usage, money and clocks of every customer, as a clerk would tell them."""
    customers, _ = list_customers("", ALL, None, 1)
    return {customer.id: _customer(customer.id) for customer in customers}


def violations() -> list[str]:
    """Broken rules of the books, and work that nobody will do."""
    found = reconcile_page(wiring.get_deps(), ALL, None).findings
    return [f"{one.code} {one.where}: {one.detail}" for one in found] + _unfinished() + _lost_calls()


def _customer(customer_id: str) -> dict[str, Any]:
    books, clock = load_books(customer_id), get_account(customer_id).clock
    names = {one.suffix: one.number or "draft" for one in books.invoices}
    return {
        "documents": sorted((_document(one.body), one.number or "", one.status, one.paid, one.due) for one in books.invoices),
        "days": {str(day): names.get(claim.suffix, claim.owner) for day, claim in sorted(books.claims.items())},
        "usage": sorted((row.billing_day, row.day, row.attempts, row.charge) for row in load_usage(customer_id)),
        "payments": sorted((one.status, one.amount, one.left, one.refunded) for one in books.payments),
        "allocations": sorted((names[one.invoice_suffix], one.amount, one.is_reversed) for one in books.allocations),
        "billed_through": clock.billed_through if clock else None,
    }


def _document(invoice: Invoice) -> tuple[Any, ...]:
    lines = tuple(
        (one.kind.value, one.description, str(one.start_date), one.quantity, one.unit_price, one.net) for one in invoice.lines
    )
    period = (str(invoice.period.start_date), str(invoice.period.end_date)) if invoice.period else ()
    return (str(invoice.invoice_date), period, invoice.revision, lines, invoice.subtotal, invoice.tax_total, invoice.total)


def _unfinished() -> list[str]:
    """Runs, chunks and imports that are still open; a document that waits for its PDF is fine."""
    found = []
    for _, pk, sk in runs.list_open(FOREVER, ALL):
        kind, _, name = pk.partition("#")
        if kind == "BAT" or (kind == "RUN" and sk == "0"):
            found.append(f"open: {pk}")
        elif kind == "RUN" and runs.get_chunk(name, int(sk.removeprefix("K#"))).outcome is None:
            found.append(f"open: {pk} {sk}")
    return found


def _lost_calls() -> list[str]:
    """What a finished import says it accepted lies with the customers."""
    accepted: Counter[str] = Counter()
    for customer in list_customers("", ALL, None, 1)[0]:
        for member in list_members(customer.id, "", "~"):
            accepted[member.batch_id] += member.accepted
    known = batches.list_batches(ALL, None)[0]
    return [f"batch {one.id}: {one.accepted} ≠ {accepted[one.id]}" for one in known if one.accepted != accepted[one.id]]


def difference(expected: Any, got: Any, path: str = "") -> str:
    """Where two results part first; empty when they do not."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        return next((found for key in expected if (found := difference(expected[key], got[key], f"{path}/{key}"))), "")
    return "" if expected == got else f"{path}: {_shown(expected)} became {_shown(got)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}…"  # a screen
