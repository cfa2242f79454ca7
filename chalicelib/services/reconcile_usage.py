"""Checks usage: every accepted call is billed once. Call records, roll-ups and usage lines must tell the same sums.

Lines that a clerk changed since they were generated are the clerk's; only what was generated is compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import exponent
from chalicelib.services.reconcile_amounts import USAGE, half_up
from chalicelib.services.reconcile_days import NO_INVOICE
from chalicelib.services.reconcile_documents import find_frozen
from chalicelib.services.reconcile_findings import Finding
from chalicelib.services.usage_duplicates import files_of_member, load_rows
from chalicelib.store.books import Books, StoredInvoice, StoredUsage
from chalicelib.store.members import Member, list_members

UNTOUCHED = 2
"""Versions of a generated document that nobody edited: 1 as made, 2 when it was a draft that was issued."""
ALL_TIME = "", "~"
CALL_ID, STARTED, ATTEMPTS, CHARGE = 1, 2, 4, 8
"""Columns of a stored call record that are looked at."""

Sums = tuple[int, Fraction]
"""How many calls, and their charge."""
NOTHING: Sums = 0, Fraction(0)


def check_usage(books: Books, usage: Sequence[StoredUsage], currency: str) -> Iterator[Finding]:
    """Findings about a customer's usage, given all of its roll-ups; `currency` is the customer's."""
    by_day: dict[date, Sums] = defaultdict(lambda: NOTHING)
    for row in usage:
        count, charge = by_day[row.billing_day]
        by_day[row.billing_day] = count + row.connected, charge + Fraction(row.charge)
        if row.day > row.billing_day:
            yield Finding("usage_ahead", books.customer_id, f"calls of {row.day} are billed on {row.billing_day}")
    for invoice in books.invoices:
        yield from _check_lines(invoice, by_day)
    yield from _check_skipped(books, by_day, currency)
    yield from _check_members(books.customer_id, usage)


def _check_lines(invoice: StoredInvoice, by_day: Mapping[date, Sums]) -> Iterator[Finding]:
    made = _as_generated(invoice)
    if invoice.status == "void" or made is None:
        return
    sign = -1 if made.kind.value == "credit_note" else 1
    lines = [line for line in made.lines if line.kind.value in USAGE]
    counts = (line.usage.calls if line.usage else 0 for line in lines)
    shown = sum(counts), sign * sum((Fraction(line.quantity) * Fraction(line.unit_price) for line in lines), Fraction(0))
    expected = _add_up(by_day.get(day, NOTHING) for day in made.days)
    if shown != expected:
        yield Finding("usage_differs", invoice.id, f"{_told(shown)} on lines, {_told(expected)} on its days")


def _add_up(several: Iterable[Sums]) -> Sums:
    counts, charges = zip(NOTHING, *several, strict=True)
    return sum(counts), sum(charges, Fraction(0))


def _told(sums: Sums) -> str:
    return f"{sums[0]} connected calls, {float(sums[1]):.6f}"


def _as_generated(invoice: StoredInvoice) -> Invoice | None:
    """The generated document as it was before anybody changed it; None for others, and for drafts that were edited.

    Payments count the version of the item up, so an issued document is judged as it was frozen.
    """
    is_draft = invoice.status == "draft"
    first = invoice.body if is_draft else find_frozen(invoice.id, 0)
    if first is None or not first.days or first.version > (1 if is_draft else UNTOUCHED):
        return None
    return first


def _check_skipped(books: Books, by_day: Mapping[date, Sums], currency: str) -> Iterator[Finding]:
    unit = 10 ** exponent(currency)
    skipped: dict[str, Fraction] = defaultdict(Fraction)
    for day, claim in books.claims.items():
        if claim.owner == NO_INVOICE:
            skipped[claim.suffix] += by_day.get(day, NOTHING)[1]
    for suffix, charge in skipped.items():
        if half_up(charge * unit):
            yield Finding("usage_skipped", books.customer_id, f"{float(charge):.6f} on days of {suffix}")


def _check_members(customer_id: str, usage: Sequence[StoredUsage]) -> Iterator[Finding]:
    """Each part of each batch: its records, less those that others had, are its roll-ups; no call is in two."""
    sums: dict[tuple[str, int], Sums] = defaultdict(lambda: NOTHING)
    for row in usage:
        count, charge = sums[row.batch_id, row.part]
        sums[row.batch_id, row.part] = count + row.attempts, charge + Fraction(row.charge)
    seen: Counter[tuple[str, str]] = Counter()
    for member in list_members(customer_id, *ALL_TIME):
        records = _records(member)
        seen.update((row[CALL_ID], row[STARTED]) for row in records)
        charged = sum((Fraction(Decimal(row[CHARGE])) for row in records), Fraction(0))
        told = sum(int(row[ATTEMPTS]) for row in records), charged
        stored = sums.pop((member.batch_id, member.number), NOTHING)
        if stored != told or member.accepted != len(records):
            detail = f"{member.accepted} accepted, {told} recorded, {stored} rolled up in part {member.number}"
            yield Finding("usage_count", member.batch_id, f"{detail} of {customer_id}")
    for batch_id, part in sums:
        yield Finding("usage_count", batch_id, f"roll-ups of {customer_id} without part {part}")
    for (call_id, started), count in seen.items():
        if count > 1:
            yield Finding("call_twice", customer_id, f"{call_id} of {started}, {count} times")


def _records(member: Member) -> list[list[str]]:
    gone = {position for _, positions in member.skipped for position in positions}
    return [row for position, row in enumerate(load_rows(files_of_member(member))) if position not in gone]
