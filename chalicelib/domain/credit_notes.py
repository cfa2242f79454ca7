"""The credit note of an invoice: what it takes back, as a document of its own with positive amounts.

Lines keep the ids of the lines that they take back. Numbers nothing and moves no money (see `issuing`, `customer_credit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.credit_requests import CreditRequest, validate_request
from chalicelib.domain.credit_shares import GroupShare, LineShare, split_amount, split_lines, split_whole
from chalicelib.domain.credits import InvoiceRest, calculate_rest
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceSource, InvoiceStatus, Line, PdfStatus
from chalicelib.domain.money import HUNDRED, ONE, ZERO, quantise, total


def plan_credit_note(
    invoice: Invoice, notes: Sequence[Invoice], request: CreditRequest, *, note_id: str, today: date, at: datetime
) -> Invoice:
    """The draft of a credit note, given all earlier ones of the invoice; of today, but not before the invoice.

    Raises Invalid with every issue; Conflict(over_credited) for more than is left of a line, a tax group or the invoice.
    """
    if issues := validate_request(invoice, request, at):
        raise Invalid.of(*issues)
    shares = _split(calculate_rest(invoice, notes), request)
    if total(share.net + share.tax for share in shares) <= 0:
        raise Invalid.of(Issue("lines", "invalid_amount", "A credit note of these lines would come to nothing or less."))
    on = request.invoice_date or max(today, invoice.invoice_date)
    return _with_shares(_empty(invoice, note_id=note_id, on=on, reason=request.reason.strip(), at=at), shares)


def _split(rest: InvoiceRest, request: CreditRequest) -> tuple[GroupShare, ...]:
    if request.lines is not None:
        return split_lines(rest, request.lines)
    return split_whole(rest) if request.amount is None else split_amount(rest, request.amount)


def _empty(invoice: Invoice, *, note_id: str, on: date, reason: str, at: datetime) -> Invoice:
    """A credit note of the invoice that takes nothing back yet; how it prints and who gets it is as on the invoice."""
    return replace(
        invoice,
        id=note_id,
        kind=InvoiceKind.CREDIT_NOTE,
        number=None,
        series=None,
        sequence=None,
        status=InvoiceStatus.DRAFT,
        revision=0,
        invoice_date=on,
        due_date=on,
        amount_paid=ZERO,
        amount_credited=ZERO,
        amount_refunded=ZERO,
        credit_note_ids=(),
        notes="",
        reason=reason,
        original_invoice_id=invoice.id,
        original_invoice_number=invoice.number,
        original_invoice_date=invoice.invoice_date,
        source=InvoiceSource.MANUAL,
        days=(),
        pdf_status=PdfStatus.NONE,
        pdf_error="",
        version=1,
        change_id="",
        created_at=at,
        issued_at=None,
        revised_at=None,
    )


def _with_shares(note: Invoice, shares: Iterable[GroupShare]) -> Invoice:
    """The note with lines, taxes and totals; lines and groups of which nothing is taken back are left out."""
    kept = [share for share in shares if share.tax or any(line.net for line in share.lines)]
    taken = {line.line.id: line for share in kept for line in _printed(share)}
    lines = tuple(_line(note, taken[line.id]) for line in note.lines if line.id in taken)
    taxes = tuple(replace(share.group, net=quantise(share.net, note.currency), tax=share.tax) for share in kept)
    subtotal, tax = (quantise(total(getattr(one, name) for one in taxes), note.currency) for name in ("net", "tax"))
    return replace(note, lines=lines, taxes=taxes, subtotal=subtotal, tax_total=tax, total=subtotal + tax)


def _printed(share: GroupShare) -> Sequence[LineShare]:
    """A group of which only tax is left still needs a line."""
    return [line for line in share.lines if line.net] or share.lines[:1]


def _line(note: Invoice, share: LineShare) -> Line:
    """Units at the line's own price, or one of what is taken back; calls are printed only with all of their line."""
    line, net = share.line, quantise(share.net, note.currency)
    if share.quantity is None:
        price = _price(note, line, net)
        return replace(line, quantity=ONE, unit="", unit_price=price, discount_percent=ZERO, net=net, usage=None)
    return replace(line, quantity=share.quantity, net=net, usage=line.usage if share.quantity == line.quantity else None)


def _price(note: Invoice, line: Line, net: Decimal) -> Decimal:
    if not note.prices_include_tax:
        return net
    return quantise(net * (HUNDRED + line.tax.percent) / HUNDRED, note.currency)
