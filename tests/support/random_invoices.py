"""Random documents that can be e-invoices: every category, currencies, roundings, discounts, negative lines, credit notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from chalicelib.domain.credit_notes import plan_credit_note
from chalicelib.domain.credit_requests import CreditRequest
from chalicelib.domain.invoice import Invoice, InvoiceStatus, Line, LineKind, LineUsage, PrintedPeriod
from chalicelib.domain.tax import Tax, TaxCategory, TaxRounding
from tests.support import specimens
from tests.support.builders import NOW, a_line, tax

RATES = ("0", "5", "7", "19", "20", "21.375", "27")
PLAIN = [category for category in TaxCategory if category not in {TaxCategory.STANDARD, TaxCategory.OUT_OF_SCOPE}]
FIRST = date(2026, 11, 1)
DETAILS = (specimens.IBAN_DETAILS, "Pay by card\nat the portal", "")


def a_random_invoice(random: Random) -> Invoice:
    """An issued invoice, or one time in five a credit note of it."""
    taxes = _taxes(random)
    currency = random.choice(("EUR", "EUR", "USD", "JPY", "PLN"))
    rounding = TaxRounding.PER_GROUP if currency == "JPY" else random.choice(tuple(TaxRounding))  # yen per line drift too far
    invoice = specimens.an_issued(
        lines=tuple(_line(random, str(position), random.choice(taxes)) for position in range(1, random.randint(2, 14))),
        currency=currency,
        tax_rounding=rounding,
        prices_include_tax=random.random() < 0.3,
        period=random.choice((None, PrintedPeriod(start_date=FIRST, end_date=FIRST + timedelta(days=29)))),
        operator=specimens.an_operator(logo="", payment_details=random.choice(DETAILS)),
        notes=random.choice(("", 'Thank you <for> your "business" & more.\nSecond line.')),
        buyer_reference=random.choice(("", "PO-7")),
    )
    invoice = replace(invoice, amount_paid=invoice.total if random.random() < 0.1 and invoice.total > 0 else Decimal(0))
    if invoice.total < 0:
        return a_random_invoice(random)
    return _credited(random, invoice) if random.random() < 0.2 and invoice.total > 1 else invoice


def _credited(random: Random, invoice: Invoice) -> Invoice:
    part = Decimal(random.randint(1, int(invoice.total)))
    request = CreditRequest(reason="Wrong price", amount=random.choice((None, part)))
    note = plan_credit_note(replace(invoice, amount_paid=Decimal(0)), (), request, note_id="n", today=FIRST, at=NOW)
    return replace(note, status=InvoiceStatus.ISSUED, number="CN-1001")


def _taxes(random: Random) -> list[Tax]:
    """Out of scope stands alone; else up to four kinds."""
    if random.random() < 0.1:
        return [tax(0, TaxCategory.OUT_OF_SCOPE)]
    standard = [tax(random.choice(RATES)) for _ in range(random.randint(1, 3))]
    return [*standard, *(tax(0, category) for category in random.sample(PLAIN, random.randint(0, 2)))]


def _line(random: Random, line_id: str, line_tax: Tax) -> Line:
    start = FIRST + timedelta(days=random.randint(0, 20))
    dated = line_tax.category is TaxCategory.INTRA_COMMUNITY or random.random() < 0.5
    dates = {"start_date": start, "end_date": start + timedelta(days=random.randint(0, 9))} if dated else {}
    price = Decimal(random.randint(-20_000, 200_000)).scaleb(-random.choice((0, 2, 2, 4, 6)))
    if random.random() < 0.4:
        usage = LineUsage(calls=3, attempts=4, duration_seconds=170, billed_seconds=180, destination="UK Mobile")
        return a_line(line_id, abs(price), kind=LineKind.USAGE, description="UK Mobile", usage=usage, tax=line_tax, **dates)
    return a_line(
        line_id,
        price,
        Decimal(random.randint(0, 5_000)).scaleb(-random.choice((0, 0, 1, 3))),
        description=random.choice(("Hosted PBX", "Two\nlines", "", "Ⅷ & <b>" * 30)),
        unit=random.choice(("", "minutes", "seats", "Month")),
        discount_percent=Decimal(random.choice(("0", "0", "10", "33.3333", "100"))),
        tax=line_tax,
        **dates,
    )
