"""Checks days: every billed day is on exactly one live document, and every live document holds exactly its days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chalicelib.services.reconcile_findings import Finding
from chalicelib.store import runs
from chalicelib.store.accounts import Account
from chalicelib.store.books import Books, Claim, StoredInvoice

NO_INVOICE = "none"


def check_days(books: Books, account: Account) -> Iterator[Finding]:
    """Findings about claims, from the documents, from the day ledger, and from the clock that tells runs where to look."""
    yield from _check_clock(books, account)
    live = {invoice.suffix: invoice for invoice in books.invoices if invoice.status != "void"}
    yield from _check_documents(books, live)
    yield from _check_claims(books, live)


def _check_clock(books: Books, account: Account) -> Iterator[Finding]:
    """Runs look behind the last billed day only, so an unbilled one before it is never billed; before the start none need be."""
    start, billed_through = account.customer.billing_start, account.clock.billed_through if account.clock else None
    if billed_through is None or start is None or not books.claims:
        return
    first = max(min(books.claims), start).toordinal()
    days = [date.fromordinal(number) for number in range(first, billed_through.toordinal() + 1)]
    forgotten = [day for day in days if day not in books.claims]
    if forgotten:
        yield Finding("day_forgotten", books.customer_id, f"{_listed(forgotten)}, billed through {billed_through}")


def _check_documents(books: Books, live: dict[str, StoredInvoice]) -> Iterator[Finding]:
    seen: dict[date, str] = {}
    for invoice in live.values():
        lost = [day for day in invoice.body.days if day not in books.claims or books.claims[day].suffix != invoice.suffix]
        if lost:
            yield Finding("day_unclaimed", invoice.id, _listed(lost))
        if both := [day for day in invoice.body.days if day in seen]:
            yield Finding("day_twice", invoice.id, f"{_listed(both)} also on {seen[both[0]]}")
        seen |= dict.fromkeys(invoice.body.days, invoice.id)


def _check_claims(books: Books, live: dict[str, StoredInvoice]) -> Iterator[Finding]:
    orphans: dict[str, list[date]] = {}
    for day, claim in books.claims.items():
        holder = live.get(claim.suffix)
        if claim.owner == NO_INVOICE or (holder is not None and day in holder.body.days) or _is_in_hand(claim):
            continue
        orphans.setdefault(f"{claim.suffix} ({claim.owner})", []).append(day)
    for holder_name, days in orphans.items():
        yield Finding("day_orphaned", books.customer_id, f"{_listed(days)} claimed by {holder_name}")


def _is_in_hand(claim: Claim) -> bool:
    """Whether a chunk that is not finished owns the claim: the sweep sees to it."""
    return claim.owner is not None and _is_open(claim.owner)


def _is_open(owner: str) -> bool:
    named = runs.parse_owner(owner)
    chunk = runs.find_chunk(*named) if named else None
    return chunk is not None and chunk.outcome is None


def _listed(days: list[date]) -> str:
    return f"{min(days)} … {max(days)} ({len(days)} days)" if len(days) > 1 else str(days[0])
