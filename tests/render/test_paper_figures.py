"""Paper and JSON: whatever the figures of a document are, the page shows exactly these, each where it belongs, and no others."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.fingerprint import write_figures
from chalicelib.domain.invoice import Invoice, InvoiceKind
from chalicelib.render.pdf import render_pdf
from tests.support.figures import plain
from tests.support.pdf_reading import read_pages
from tests.support.random_invoices import a_random_invoice

MONEY = r"-?(?:[€¥$]|PLN[\u00a0 ])\d[\d,]*(?:\.\d+)?"
NUMBER = r"-?[\d,]+(?:\.\d+)?"
ROW = re.compile(rf"^ *(\d+) +.*?({NUMBER})(?: [a-zA-Z]+)? +({MONEY}) +([\d.]+%)(?: [A-Z]+)? +({MONEY})$", re.MULTILINE)
"""Position, quantity, price, percent and amount; one design prints unit and category beside the figure instead of below."""
TAX_ROW = re.compile(rf"([\d.]+%) +({MONEY}) +({MONEY})(?!.*%)")
SEEDS = 20


def figure(text: str) -> Decimal:
    """The number that a figure shows."""
    return Decimal(plain(text))


def lines_of(said: dict[str, Any]) -> list[tuple[Decimal, ...]]:
    """Position, quantity, price, percent, net of every line."""
    return [
        (Decimal(position), Decimal(line["quantity"]), price_of(line), Decimal(line["tax"]["percent"]), Decimal(line["net"]))
        for position, line in enumerate(said["lines"], 1)
    ]


def price_of(line: dict[str, Any]) -> Decimal:
    """Of usage the page shows what it comes to, since nobody checks a sum of calls by its decimals."""
    return Decimal(line["net"] if line["usage"] else line["unit_price"])


def amounts_of(said: dict[str, Any], invoice: Invoice) -> Counter[Decimal]:
    """Every amount of the page, as often as it must be there."""
    amounts = [amount for line in said["lines"] for amount in (price_of(line), Decimal(line["net"]))]
    amounts += [Decimal(group[name]) for group in said["taxes"] for name in ("net", "tax")]
    amounts += [Decimal(said["subtotal"]), Decimal(said["tax_total"])]
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return Counter([*amounts, Decimal(said["total"])])
    amounts += [Decimal(said["total"]), -invoice.amount_paid] if invoice.amount_paid else []
    return Counter([*amounts, invoice.amount_due, *([invoice.amount_due] if invoice.amount_due > 0 else [])])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_page_shows_the_figures_of_the_json(seed: int) -> None:
    """Rows in order with all their cells, tax rows, totals; calls of usage lines; and not one amount more."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    invoice = replace(a_random_invoice(random), template=random.choice(tuple(Design)).value)
    said, pages = json.loads("".join(write_figures(invoice))), read_pages(render_pdf(invoice))
    text = "\n".join(pages)
    assert [tuple(figure(cell.rstrip("%")) for cell in row.groups()) for row in ROW.finditer(text)] == lines_of(said)
    assert Counter(map(figure, re.findall(MONEY, text))) == amounts_of(said, invoice)
    groups = [tuple(Decimal(group[name]) for name in ("percent", "net", "tax")) for group in said["taxes"]]
    assert [tuple(figure(cell.rstrip("%")) for cell in row.groups()) for row in TAX_ROW.finditer(text)] == groups
    due = (
        ("Total credit", Decimal(said["total"]))
        if invoice.kind is InvoiceKind.CREDIT_NOTE
        else ("Amount due", invoice.amount_due)
    )
    for label, amount in (("Subtotal", Decimal(said["subtotal"])), ("Tax", Decimal(said["tax_total"])), due):
        assert [figure(found) for found in re.findall(rf"(?:^| ){label} +({MONEY})$", text, re.MULTILINE)] == [amount], label
    calls = [line["usage"]["calls"] for line in said["lines"] if line["usage"]]
    assert [int(found) for found in re.findall(r"(\d+) calls · ", text)] == calls
    assert said["number"] in text
