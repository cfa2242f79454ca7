"""A frozen document as templates of operators see it: the display strings of the stock designs, and plain figures beside them.

`operator`, `customer` and `invoice` hold texts, whole numbers, truth values, lists and mappings only. Amounts are decimal texts,
days are ISO dates. Nothing internal passes (see `view`), and what is not there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from chalicelib.domain.invoice import Invoice
from chalicelib.render.cover_lines import has_annex
from chalicelib.render.drawable import drawable
from chalicelib.render.printable import keep_latin_order
from chalicelib.render.view import build_view

OPERATOR = ("name", "address", "tax_id", "email", "phone", "website", "registration", "payment_details", "footer")
CUSTOMER = ("name", "email", "address", "tax_id", "locale", "timezone")
DOCUMENT = (
    *("number", "kind", "status", "revision", "currency", "invoice_date", "due_date", "issued_at", "period"),
    *("prices_include_tax", "subtotal", "tax_total", "total", "amount_paid", "amount_credited", "amount_refunded", "amount_due"),
    *("payment_status", "notes", "reason", "buyer_reference", "original_invoice_number", "original_invoice_date", "taxes"),
)
LINE = (
    *("kind", "description", "start_date", "end_date", "quantity", "unit", "unit_price", "discount_percent", "net"),
    *("tax", "usage", "original_invoice_number"),
)
FROM_OUTSIDE = frozenset(
    (
        *("name", "line1", "line2", "city", "region", "description", "notes", "reason", "footer", "payment_details"),
        *("number", "original_invoice_number", "buyer_reference", "tax_id", "registration", "phone"),
    )
)
"""Texts that may be Latin, or figures in groups, on a page that runs from right to left."""


def build_template_data(invoice: Invoice, *, draft: bool = False) -> dict[str, Any]:
    """Everything that a template of an operator can name."""
    view = build_view(invoice, draft=draft)
    data = {
        "operator": _picked(invoice.operator, OPERATOR),
        "customer": _picked(invoice.customer, CUSTOMER),
        "invoice": {**_picked(invoice, DOCUMENT), "lines": _lines(invoice)},
    }
    clean: dict[str, Any] = drawable(data)
    return {**view, **(_ordered(clean) if view["dir"] == "rtl" else clean)}


def _lines(invoice: Invoice) -> list[dict[str, Any]]:
    """The lines with their figures; none where they are listed in an annex, which no template draws."""
    return [] if has_annex(invoice) else [_picked(line, LINE) for line in invoice.lines]


def _picked(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in names}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _plain_figure(value)


def _plain_figure(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _ordered(value: Any, name: str = "") -> Any:
    """For pages that run from right to left: words and numbers that were given keep their order; amounts and codes stay."""
    if isinstance(value, dict):
        return {key: _ordered(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    return keep_latin_order(value) if name in FROM_OUTSIDE and isinstance(value, str) else value
