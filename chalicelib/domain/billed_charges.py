"""Charges as documents have them: what an invoice in force asks for one, and what credit notes took back of it.

A credit for unused time starts from these and not from what the package would cost today: clerks change lines, quantities and
taxes. Amounts are with tax where the prices of the document that credits include it, whatever those of the charge did. What a run
itself credits is not a credit note's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.domain.invoice import Invoice, InvoiceKind, Line, LineKind
from chalicelib.domain.money import ZERO, quantise
from chalicelib.domain.tax import Tax
from chalicelib.domain.totals import calculate_line_net

CHARGED = frozenset({LineKind.PACKAGE, LineKind.MINIMUM_SPEND})
"""Lines whose unused part may be credited."""

ChargeKey = tuple[str, date]
"""A charge: its assignment, and the first day of the interval that it is for."""


@dataclass(frozen=True, slots=True)
class BilledCharge:
    """What an invoice asks for a charge, and its tax; None where no line of it is left."""

    amount: Decimal
    tax: Tax | None


def calculate_billed(invoices: Mapping[ChargeKey, Invoice], *, with_tax: bool) -> Mapping[ChargeKey, BilledCharge]:
    """What each charge costs on the invoice that billed its day: nothing where a clerk took its line off.

    A charge is left out where its assignment has only lines of other days: then somebody gave its line other dates.
    """
    found = ((key, _billed(key, invoice, with_tax=with_tax)) for key, invoice in invoices.items())
    return {key: billed for key, billed in found if billed is not None}


def calculate_credited(notes: Iterable[Invoice], wanted: Collection[ChargeKey], *, with_tax: bool) -> Mapping[ChargeKey, Decimal]:
    """What came back of each wanted charge."""
    credited: dict[ChargeKey, Decimal] = defaultdict(Decimal)
    for note in notes:
        for line in note.lines if note.original_invoice_id else ():
            key = _key(line)
            if key in wanted:
                credited[key] += _amount(line, note, with_tax=with_tax)
    return credited


def _billed(key: ChargeKey, invoice: Invoice, *, with_tax: bool) -> BilledCharge | None:
    charges = [line for line in invoice.lines if line.kind in CHARGED and line.assignment_id == key[0]]
    line = next((one for one in charges if _key(one) == key), None)
    if line is None:
        return None if charges else BilledCharge(ZERO, None)
    sign = -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    return BilledCharge(sign * _amount(line, invoice, with_tax=with_tax), line.tax)


def _amount(line: Line, document: Invoice, *, with_tax: bool) -> Decimal:
    if not with_tax:
        return line.net
    if document.prices_include_tax:
        return calculate_line_net(line, document.currency)
    return quantise(line.net * (1 + line.tax.percent / 100), document.currency)


def _key(line: Line) -> ChargeKey:
    """The charge that a line is for; of other lines one that nobody asks about."""
    if line.kind not in CHARGED or line.assignment_id is None or line.start_date is None:
        return "", date.min
    return line.assignment_id, line.start_date
