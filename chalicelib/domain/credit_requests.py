"""What a clerk asks to be credited: an invoice's whole rest, a gross amount, or some of its lines by net or by quantity.

Judges the request by itself, with every issue at once; whether that much is left to be credited is decided in `credit_shares`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.date_rules import validate_ahead
from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.line_rules import validate_text
from chalicelib.domain.money import exponent, quantise
from chalicelib.domain.payment_rules import validate_amount

MAX_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCredit:
    """Part of a line to be taken back: a `net` amount, or else a `quantity` at the line's own price. Signs are the line's."""

    line_id: str
    net: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """A credit note to be made: of a gross `amount`, of `lines`, or (neither) of all that is left. Without date, of today."""

    reason: str
    invoice_date: date | None = None
    amount: Decimal | None = None
    lines: tuple[LineCredit, ...] | None = None


def validate_request(invoice: Invoice, request: CreditRequest, at: datetime) -> list[Issue]:
    """Every issue of the request, with paths such as `lines.0.net`; empty when all is well."""
    issues = validate_text(request.reason, MAX_REASON, "reason")
    if not request.reason.strip():
        issues.append(Issue("reason", "required", "Say why the invoice is credited; the credit note prints it."))
    if request.invoice_date is not None and request.invoice_date < invoice.invoice_date:
        message = f"The invoice is of {invoice.invoice_date}; it cannot be credited earlier."
        issues.append(Issue("invoice_date", "invalid_date", message))
    issues.extend(validate_ahead(request.invoice_date, at, "invoice_date"))
    if request.amount is not None:
        issues.extend(validate_amount(request.amount, invoice.currency, "amount"))
    if request.lines is not None:
        issues.extend(_lines_issues(invoice, request.lines))
    return issues


def _lines_issues(invoice: Invoice, credits_asked: tuple[LineCredit, ...]) -> Iterator[Issue]:
    if not credits_asked:
        yield Issue("lines", "required", "Name at least one line, or leave the lines out to credit all that is left.")
    known = {line.id: line for line in invoice.lines}
    seen: set[str] = set()
    for position, one in enumerate(credits_asked):
        path = f"lines.{position}"
        line = known.get(one.line_id)
        if line is None:
            yield Issue(f"{path}.line_id", "unknown_line", "The invoice has no line with this id.")
        elif one.line_id in seen:
            yield Issue(f"{path}.line_id", "invalid_value", "Each line is named once.")
        else:
            yield from _amount_issues(line, one, invoice.currency, path)
        seen.add(one.line_id)


def _amount_issues(line: Line, one: LineCredit, currency: str, path: str) -> Iterator[Issue]:
    if one.net is not None:
        yield from _net_issues(line, one.net, currency, f"{path}.net")
    elif one.quantity is not None and one.quantity * line.quantity <= 0:
        yield Issue(f"{path}.quantity", "invalid_value", f"Give a part of the line's quantity, {line.quantity}.")


def _net_issues(line: Line, net: Decimal, currency: str, path: str) -> Iterator[Issue]:
    if net * line.net <= 0:
        yield Issue(path, "invalid_amount", f"Give a part of the line's net amount, {line.net}.")
    elif net != quantise(net, currency):
        yield Issue(path, "invalid_amount", f"{currency} has {exponent(currency)} decimal digits.")
