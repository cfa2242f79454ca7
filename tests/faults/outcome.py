"""What a schedule came to: the business result without ids and instants, and everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.invoice import Invoice
from chalicelib.services.reconcile import check_books, reconcile_series
from chalicelib.store import batches, runs
from chalicelib.store.accounts import Account, get_account
from chalicelib.store.books import Books, StoredUsage, load_books, load_usage
from chalicelib.store.customers import list_customers
from tests.support.mailroom import Mailroom

ALL = 200
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def judge() -> tuple[dict[str, Any], list[str]]:
    """The business result of every customer, as a clerk would tell it; and broken rules, and work that nobody will do."""
    wrong = [*reconcile_series()]
    result: dict[str, Any] = {"numbers": []}
    accepted = Counter[str]()
    for customer in list_customers("", ALL, None, 1)[0]:
        books, usage = load_books(customer.id), load_usage(customer.id)
        account = get_account(customer.id)
        wrong += check_books(account, books, usage)
        result[customer.id] = _customer(account, books, usage)
        result["numbers"] += [one.number for one in books.invoices if one.number]
        for row in usage:
            accepted[row.batch_id] += row.attempts
    result["numbers"].sort()
    found = [f"{one.code} {one.where}: {one.detail}" for one in wrong]
    return result, found + _unfinished() + _lost_calls(accepted) + _sent_twice()


def _customer(account: Account, books: Books, usage: list[StoredUsage]) -> dict[str, Any]:
    """Documents by their place among the customer's: whose turn it is to take a number, no rule says."""
    clock = account.clock
    documents = sorted((_document(one.body), one.status, one.paid, one.credited, one.due, one.suffix) for one in books.invoices)
    names = {suffix: f"document {place}" for place, (*_, suffix) in enumerate(documents, 1)}
    return {
        "documents": [document[:-1] for document in documents],
        "days": {str(day): names.get(claim.suffix, claim.owner) for day, claim in sorted(books.claims.items())},
        "usage": sorted((row.billing_day, row.day, row.attempts, row.charge) for row in usage),
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
    """Runs, chunks, imports, mails and PDFs somebody asked for that are still open; a document that waits for its PDF is fine."""
    found = []
    for _, pk, sk in runs.list_open(FOREVER, ALL):
        kind, _, name = pk.partition("#")
        if kind in {"ALJ", "BAT", "BNK", "EXPORTS", "MAIL", "PDF"} or (kind == "RUN" and sk == "0"):
            found.append(f"open: {pk}")
        elif kind == "RUN" and runs.get_chunk(name, int(sk.removeprefix("K#"))).outcome is None:
            found.append(f"open: {pk} {sk}")
    return found


def _lost_calls(accepted: Counter[str]) -> list[str]:
    """What a finished import says it accepted lies with the customers; each call of the flows is one attempt."""
    known = batches.list_batches(ALL, None)[0]
    return [f"batch {one.id}: {one.accepted} ≠ {accepted[one.id]}" for one in known if one.accepted != accepted[one.id]]


def _sent_twice() -> list[str]:
    """Mails that arrived more than once; one that nobody knows the fate of may have arrived or not."""
    return [f"mail {name} was sent {count} times" for name, count in Mailroom().counted().items() if count > 1]


def difference(expected: Any, got: Any, path: str = "") -> str:
    """Where two results part first; empty when they do not."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        return next((found for key in expected if (found := difference(expected[key], got[key], f"{path}/{key}"))), "")
    return "" if expected == got else f"{path}: {_shown(expected)} became {_shown(got)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}…"  # a screen
