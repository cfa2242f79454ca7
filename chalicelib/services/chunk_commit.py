"""Carrying out a pinned chunk: numbers, invoices, clocks, documents.

Every step may be repeated and adds nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.domain.customer_credit import is_credit_alone
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.numbering import counter_key, floor_date
from chalicelib.domain.operator import Series
from chalicelib.services.chunk_plan import Claimed
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.pinned import Pinned
from chalicelib.store import keys, ledger, objects, runs
from chalicelib.store.clock import advance_clocks
from chalicelib.store.credit_notes import put_credit_once
from chalicelib.store.invoices import put_invoice_once
from chalicelib.store.list_months import record_month
from chalicelib.store.numbering import Got, Want, number_invoice, take_block
from chalicelib.store.runs import Chunk


def commit_chunk(deps: Deps, chunk: Chunk, pinned: Pinned, *, is_replay: bool) -> tuple[Invoice, ...]:
    """Bring every pinned invoice into the books and announce its document; returns them as put (numbered when issued).

    `is_replay`: somebody else pinned it, maybe long ago; a draft that was deleted since gave its claim back and stays away.
    """
    invoices = _number(chunk, pinned) if pinned.issue else pinned.plan.invoices
    for month in {keys.month_of(invoice.invoice_date) for invoice in invoices}:
        record_month(month)
    for invoice in invoices:
        if invoice.status is InvoiceStatus.ISSUED or not is_replay or _is_claimed(chunk, invoice):
            put_invoice_once(invoice, deps.settings.list_shards)
        if invoice.status is InvoiceStatus.ISSUED:
            announce_document(invoice)
        if is_credit_alone(invoice):
            put_credit_once(invoice, deps.settings.list_shards)
    for claim in pinned.plan.skipped:
        ledger.mark_no_invoice(claim.customer_id, claim.days, claim.suffix)
    give_back(chunk, pinned.plan.unbilled)
    advance_clocks(pinned.plan.clocks, deps.settings.due_shards)
    return invoices


def give_back(chunk: Chunk, claims: Iterable[Claimed]) -> None:
    """Free days that this chunk claimed and will not bill."""
    for claim in claims:
        ledger.release_days(claim.customer_id, claim.days, claim.suffix, chunk.owner)


def list_numbered_ids(pinned: Pinned, counter: str) -> list[str]:
    """Ids of the pinned invoices that a counter numbers, in the order of their numbers."""
    ordered = _ordered(pinned)
    return [one.id for one in ordered if counter_key(_series(one, pinned), one.invoice_date) == counter]


def _ordered(pinned: Pinned) -> list[Invoice]:
    """The pinned invoices in the order of their numbers: by date and customer."""
    return sorted(pinned.plan.invoices, key=lambda invoice: (invoice.invoice_date, invoice.id))


def _is_claimed(chunk: Chunk, invoice: Invoice) -> bool:
    customer_id, suffix = keys.parse_invoice_id(invoice.id)
    month = keys.month_of(invoice.days[0])
    return ledger.load_months([(customer_id, month)])[customer_id, month].owners.get(suffix) == chunk.owner


def _number(chunk: Chunk, pinned: Pinned) -> tuple[Invoice, ...]:
    """Number the invoices in order of date and customer; the block is taken together with the chunk's mark."""
    ordered = _ordered(pinned)
    if not ordered:
        return ()
    got = _marked(chunk.numbers) or take_block(
        _wants(ordered, pinned),
        objects.chunk_key(chunk.run_id, chunk.number),
        mark=lambda transaction, numbers: runs.add_numbers(transaction, chunk, numbers),
        find_mark=lambda: runs.get_chunk(chunk.run_id, chunk.number).numbers,
    )
    taken = dict.fromkeys(got, 0)
    issued = []
    for invoice in ordered:
        counter = counter_key(_series(invoice, pinned), invoice.invoice_date)
        issued.append(_issue(invoice, got[counter], taken[counter], pinned))
        taken[counter] += 1
    return tuple(issued)


def _issue(invoice: Invoice, got: Got, position: int, pinned: Pinned) -> Invoice:
    on = floor_date(invoice.invoice_date, got.floor_date, pinned.order)
    issued = replace(
        invoice,
        invoice_date=on,
        due_date=on + (invoice.due_date - invoice.invoice_date),
        status=InvoiceStatus.ISSUED,
        issued_at=pinned.at,
        pdf_status=PdfStatus.RENDERING,
    )
    return number_invoice(issued, _series(invoice, pinned), got.first + position)


def _wants(ordered: Iterable[Invoice], pinned: Pinned) -> list[Want]:
    groups: dict[str, list[Invoice]] = {}
    for invoice in ordered:
        groups.setdefault(counter_key(_series(invoice, pinned), invoice.invoice_date), []).append(invoice)
    return [_want(counter, group, pinned) for counter, group in groups.items()]


def _want(counter: str, group: Sequence[Invoice], pinned: Pinned) -> Want:
    return Want(_series(group[0], pinned), counter, len(group), group[-1].invoice_date)


def _series(invoice: Invoice, pinned: Pinned) -> Series:
    return pinned.credit_note_series if invoice.kind is InvoiceKind.CREDIT_NOTE else pinned.invoice_series


def _marked(numbers: dict[str, dict[str, object]] | None) -> dict[str, Got] | None:
    return None if numbers is None else {counter: Got(**value) for counter, value in numbers.items()}  # type: ignore[arg-type]
