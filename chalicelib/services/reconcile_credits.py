"""Checks credit notes: an invoice shows what its credit notes took back, they took no more than it has, and nothing got lost.

Every credit note lowered what its invoice owes, or gave the customer credit, or both; together they come to its total.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

from chalicelib.domain.invoice import Invoice
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store.books import Books, StoredInvoice

NOTHING = Decimal(0)

Place: TypeAlias = tuple[str, ...] | tuple[str, str, Decimal]
"""A line, or the net or tax of a tax group."""


def check_credits(books: Books) -> Iterator[Finding]:
    """Findings about the credit notes of a customer, the invoices they are of, and the credit they gave."""
    notes = [one for one in books.invoices if one.kind == "credit_note" and one.status == "issued"]
    by_invoice: dict[str, list[StoredInvoice]] = defaultdict(list)
    for note in notes:
        by_invoice[note.body.original_invoice_id or ""].append(note)
    given = Counter[str]()
    for payment in books.payments:
        given[payment.credit_note] += payment.amount
    alone = by_invoice.pop("", [])
    yield from _check_alone(alone, given)
    yield from _check_origins(given, notes)
    invoices = {one.id: one for one in books.invoices if one.kind == "invoice"}
    for invoice in invoices.values():
        yield from _check_invoice(invoice, by_invoice.pop(invoice.id, []), given)
    for original, lost in by_invoice.items():
        yield Finding("credited", original, f"there is no such invoice for {lost[0].number}")


def _check_alone(notes: Iterable[StoredInvoice], given: Counter[str]) -> Iterator[Finding]:
    for note in notes:
        if given[note.id] != note.total:
            yield Finding("credit", note.id, f"{note.total} taken back of no invoice, {given[note.id]} given to the customer")


def _check_origins(given: Counter[str], notes: Iterable[StoredInvoice]) -> Iterator[Finding]:
    known = {note.id for note in notes}
    for credit_note in given:
        if credit_note and credit_note not in known:
            yield Finding("credit", credit_note, f"{given[credit_note]} given to the customer by no issued credit note")


def _check_invoice(invoice: StoredInvoice, notes: Sequence[StoredInvoice], given: Counter[str]) -> Iterator[Finding]:
    credited, excess = sum(note.total for note in notes), sum(given[note.id] for note in notes)
    if invoice.credited != credited or sorted(invoice.credit_notes) != sorted(note.id for note in notes):
        yield Finding("credited", invoice.id, f"{invoice.credited} credited, {len(notes)} credit notes of {credited}")
    if invoice.refunded != excess:
        yield Finding("credit", invoice.id, f"{invoice.refunded} given back, {excess} given to the customer")
    if any(note.currency != invoice.currency for note in notes) or (notes and invoice.status != "issued"):
        yield Finding("credited", invoice.id, f"{invoice.status} in {invoice.currency} with credit notes")
    yield from _check_caps(invoice, notes)


def _check_caps(invoice: StoredInvoice, notes: Sequence[StoredInvoice]) -> Iterator[Finding]:
    """Lines of a credit note have the ids of those that they take back."""
    parts: dict[Place, Decimal] = defaultdict(Decimal)
    for place, amount in (one for note in notes for one in _amounts(note.body)):
        parts[place] += amount
    wholes = dict(_amounts(invoice.body))
    for place, part in parts.items():
        whole = wholes.get(place, NOTHING)
        if not min(whole, NOTHING) <= part <= max(whole, NOTHING):
            yield Finding("over_credited", invoice.id, f"{part} of {whole}: {' '.join(map(str, place))}")


def _amounts(body: Invoice) -> Iterator[tuple[Place, Decimal]]:
    yield from ((("line", line.id), line.net) for line in body.lines)
    for group in body.taxes:
        yield ("net", group.category.value, group.percent), group.net
        yield ("tax", group.category.value, group.percent), group.tax
