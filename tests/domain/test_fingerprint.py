"""The fingerprint: the same for ever, untouched by what happens to a document later, another one for every word that changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chalicelib.domain.customer import Address
from chalicelib.domain.fingerprint import FORMAT, fingerprint, write_figures
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus, PrintedPeriod
from chalicelib.store import codec
from tests.support import specimens
from tests.support.builders import NOW
from tests.support.random_invoices import a_random_invoice

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = sorted(path.stem for path in (GOLDEN / "figures").glob("*.json"))


def figures_of(invoice: Invoice) -> str:
    """The canonical JSON in one piece."""
    return "".join(write_figures(invoice))


def test_every_golden_document_has_its_figures() -> None:
    """None is left out below."""
    assert sorted(path.stem for path in (GOLDEN / "einvoice").glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_format_is_for_ever(name: str) -> None:
    """Paper that was handed out carries the hash of these very bytes."""
    invoice = codec.load(Invoice, (GOLDEN / "einvoice" / f"{name}.json").read_bytes())
    expected = (GOLDEN / "figures" / f"{name}.json").read_bytes()
    assert figures_of(invoice).encode() == expected
    assert fingerprint(invoice) == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize("seed", range(20))
def test_it_is_canonical_json(seed: int) -> None:
    """Names in order, no white space, texts as they are: any tool that writes RFC 8785 writes the same."""
    text = figures_of(a_random_invoice(Random(seed)))  # noqa: S311  # repeatable, not secret
    told = json.loads(text)
    assert told["format"] == FORMAT
    assert json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == text


def test_a_document_without_lines_has_one_too() -> None:
    """An empty list of lines is a list."""
    assert json.loads(figures_of(replace(specimens.an_issued(), lines=())))["lines"] == []


def test_what_happens_later_changes_nothing() -> None:
    """Payments, credits, renderings, versions, looks and ids of ours are not what the document says."""
    invoice = specimens.an_issued()
    later = replace(
        invoice,
        id="other.20261203.R",
        amount_paid=Decimal("10.00"),
        amount_credited=Decimal("5.00"),
        amount_refunded=Decimal("1.00"),
        credit_note_ids=("n",),
        pdf_status=PdfStatus.READY,
        version=9,
        change_id="c",
        template="classic",
        issued_at=NOW,
        operator=replace(invoice.operator, logo="", accent_colour="#000000", footer="Other"),
        customer=replace(invoice.customer, id="x", locale="de", external_id="y"),
    )
    assert fingerprint(later) == fingerprint(invoice)


def test_how_a_number_was_entered_changes_nothing() -> None:
    """Amounts have the digits of the currency, other numbers no zeros that say nothing; minus nothing is nothing."""
    line = specimens.mixed_lines()[0]
    plain = specimens.an_issued(lines=(replace(line, quantity=Decimal(10), discount_percent=Decimal(0)),))
    odd = replace(line, quantity=Decimal("1E+1"), unit_price=Decimal("24.9000"), discount_percent=Decimal("-0.00"))
    assert fingerprint(specimens.an_issued(lines=(odd,))) == fingerprint(plain)


CHANGES: dict[str, dict[str, Any]] = {
    "kind": {"kind": InvoiceKind.CREDIT_NOTE},
    "number": {"number": "INV-2026-000418"},
    "no number": {"number": None},
    "status": {"status": InvoiceStatus.VOID},
    "revision": {"revision": 1},
    "currency": {"currency": "USD"},
    "date": {"invoice_date": date(2026, 12, 4)},
    "due": {"due_date": date(2027, 1, 3)},
    "no period": {"period": None},
    "period": {"period": PrintedPeriod(start_date=date(2026, 11, 2), end_date=date(2026, 11, 30))},
    "prices": {"prices_include_tax": True},
    "taxes": {"taxes": ()},
    "lines": {"lines": ()},
    "subtotal": {"subtotal": Decimal("1.00")},
    "tax": {"tax_total": Decimal("1.00")},
    "total": {"total": Decimal("1.00")},
    "notes": {"notes": ""},
    "reference": {"buyer_reference": "PO 88-1274"},
    "reason": {"reason": "None"},
    "original": {"original_invoice_number": "INV-1"},
    "original date": {"original_invoice_date": date(2026, 12, 4)},
    "buyer": {"customer": specimens.a_buyer(name="Somebody else")},
    "buyer's tax id": {"customer": specimens.a_buyer(tax_id="")},
    "buyer's address": {"customer": specimens.a_buyer(address=Address(line1="Elsewhere"))},
    "account": {"operator": specimens.an_operator(payment_details="IBAN of a thief")},
    "registration": {"operator": specimens.an_operator(registration="HRB 1")},
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_word_counts(name: str) -> None:
    """Another document, another fingerprint."""
    invoice = specimens.an_issued()
    assert fingerprint(replace(invoice, **CHANGES[name])) != fingerprint(invoice)


@pytest.mark.parametrize(
    "field, value",
    [
        ("description", "Hosted PBX seats"),
        ("start_date", None),
        ("end_date", date(2026, 11, 29)),
        ("quantity", Decimal(13)),
        ("unit", ""),
        ("unit_price", Decimal("24.91")),
        ("discount_percent", Decimal("0.01")),
        ("net", Decimal("298.81")),
        ("usage", specimens.a_usage_line(1).usage),
        ("original_invoice_number", "INV-1"),
    ],
)
def test_every_cell_of_a_line_counts(field: str, value: Any) -> None:
    """Also where the totals stay the same."""
    first, *others = specimens.mixed_lines()
    changed = replace(specimens.an_issued(), lines=(replace(first, **{field: value}), *others))
    assert fingerprint(changed) != fingerprint(specimens.an_issued())
