"""What an issued document says, as canonical JSON, and its SHA-256: the fingerprint that paper, XML and API carry alike.

Only what the issue froze and the reader sees: payments, renderings, looks and internal ids change nothing. Canonical is RFC 8785;
figures are texts, amounts with the digits of the currency. Format 1 is for ever (golden tests hold it); another one would be
a second name beside it, for paper that was handed out names this one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Context, Decimal
from typing import Any

from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import Invoice, Line, LineUsage
from chalicelib.domain.money import PRECISION, quantise
from chalicelib.domain.tax import Tax, TaxGroup

FORMAT = "invoice-figures/1"
ALGORITHM = "SHA-256"

_EXACT = Context(prec=PRECISION)
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(invoice: Invoice) -> str:
    """The SHA-256 of the document's figures in UTF-8, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for piece in write_figures(invoice):
        digest.update(piece.encode(errors="surrogatepass"))  # halves of letters cannot be stored, and must not stop a preview
    return digest.hexdigest()


def write_figures(invoice: Invoice) -> Iterator[str]:
    """The canonical JSON piece by piece: tens of thousands of lines are never held at once."""
    head, opening = _head(invoice), "{"
    for name in sorted([*head, "lines"]):
        yield f'{opening}"{name}":'
        yield from _write_lines(invoice) if name == "lines" else (_to_json(head[name]),)
        opening = ","
    yield "}"


def _write_lines(invoice: Invoice) -> Iterator[str]:
    opening = "["
    for line in invoice.lines:
        yield opening + _to_json(_line(line, invoice.currency))
        opening = ","
    yield "]" if invoice.lines else "[]"


def _head(invoice: Invoice) -> dict[str, Any]:
    customer, operator, currency = invoice.customer, invoice.operator, invoice.currency
    return {
        "format": FORMAT,
        "kind": invoice.kind.value,
        "number": invoice.number or "",
        "status": invoice.status.value,
        "revision": invoice.revision,
        "seller": {
            **_party(operator.name, operator.address, operator.tax_id),
            "registration": operator.registration,
            "payment_details": operator.payment_details,
        },
        "buyer": _party(customer.name, customer.address, customer.tax_id),
        "currency": currency,
        "invoice_date": _day(invoice.invoice_date),
        "due_date": _day(invoice.due_date),
        "period": [_day(invoice.period.start_date), _day(invoice.period.end_date)] if invoice.period else [],
        "prices_include_tax": invoice.prices_include_tax,
        "taxes": [_tax_group(group, currency) for group in invoice.taxes],
        **{name: _amount(getattr(invoice, name), currency) for name in ("subtotal", "tax_total", "total")},
        "notes": invoice.notes,
        "buyer_reference": invoice.buyer_reference,
        "reason": invoice.reason,
        "original_invoice_number": invoice.original_invoice_number or "",
        "original_invoice_date": _day(invoice.original_invoice_date),
    }


def _party(name: str, address: Address, tax_id: str) -> dict[str, Any]:
    lines = [address.line1, address.line2, address.postcode, address.city, address.region, address.country]
    return {"name": name, "address": lines, "tax_id": tax_id}


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind.value,
        "description": line.description,
        "start_date": _day(line.start_date),
        "end_date": _day(line.end_date),
        "quantity": _number(line.quantity),
        "unit": line.unit,
        "unit_price": _number(line.unit_price),
        "discount_percent": _number(line.discount_percent),
        "net": _amount(line.net, currency),
        "tax": _tax(line.tax),
        "usage": _usage(line.usage) if line.usage else {},
        "original_invoice_number": line.original_invoice_number or "",
    }


def _usage(usage: LineUsage) -> dict[str, int]:
    names = ("calls", "attempts", "duration_seconds", "billed_seconds")
    return {name: getattr(usage, name) for name in names}


def _tax(tax: Tax | TaxGroup) -> dict[str, str]:
    return {"category": tax.category.value, "percent": _number(tax.percent), "name": tax.name, "reason": tax.reason}


def _tax_group(group: TaxGroup, currency: str) -> dict[str, str]:
    return {**_tax(group), "net": _amount(group.net, currency), "tax": _amount(group.tax, currency)}


def _amount(amount: Decimal, currency: str) -> str:
    """With the digits of the currency: 1234.50."""
    return f"{quantise(amount, currency):f}"


def _number(number: Decimal) -> str:
    """Without zeros that say nothing, and never in powers of ten: 0.0125, 12."""
    return f"{_EXACT.plus(_EXACT.normalize(number)):f}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _to_json(value: Any) -> str:
    """As RFC 8785 writes it; names are ASCII and numbers whole, so that sorting and plain digits are enough."""
    return _CANONICAL.encode(value)
