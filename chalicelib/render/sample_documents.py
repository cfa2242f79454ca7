"""Made-up documents that a template is tried on before it is kept, and that previews show: from the plain to the worst case.

They are issued by the operator as it is, to customers that do not exist, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import (
    CustomerSnapshot,
    Invoice,
    InvoiceKind,
    InvoiceStatus,
    Line,
    LineKind,
    LineUsage,
    PrintedPeriod,
)
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.tax import Tax, TaxCategory
from chalicelib.domain.totals import apply_totals


class Sample(StrEnum):
    """The documents there are to try a template on."""

    SIMPLE = "simple"
    WORST_CASE = "worst_case"
    CREDIT_NOTE = "credit_note"
    RIGHT_TO_LEFT = "right_to_left"
    NO_DECIMALS = "no_decimals"
    NOTHING_TO_PAY = "nothing_to_pay"
    DRAFT = "draft"


MONTH = PrintedPeriod(start_date=date(2026, 11, 1), end_date=date(2026, 11, 30))
ISSUED = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
MANY = 60
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
USUAL = Tax(percent=Decimal(19), name="VAT")


def build_sample(sample: Sample, operator: OperatorSnapshot) -> Invoice:
    """The sample as the operator would issue it."""
    return SAMPLES[sample](operator)


def _simple(operator: OperatorSnapshot, **fields: Any) -> Invoice:
    base = Invoice(
        id="sample.20261201.R",
        number="INV-1001",
        status=InvoiceStatus.ISSUED,
        customer_id="sample",
        customer=_customer(),
        operator=operator,
        currency="EUR",
        invoice_date=ISSUED.date(),
        due_date=date(2026, 12, 31),
        period=MONTH,
        lines=(_package(), _usage(2), _usage(3)),
        notes="Thank you for your business.",
        created_at=ISSUED,
        issued_at=ISSUED,
    )
    return apply_totals(replace(base, **fields))


def _worst_case(operator: OperatorSnapshot) -> Invoice:
    """Long names, big figures, many lines, every kind of tax, something paid."""
    buyer = _customer(
        name=f"{LONG_WORD} & Söhne Kommunikationsdienstleistungen GmbH & Co. KG",
        address=Address(
            line1=LONG_WORD, line2="Hinterhaus, 3. Stock links", city="Ямбол / مدينة", postcode="99999", country="DE"
        ),
    )
    why = "Exempt under Article 132 of Directive 2006/112/EC; " + "see annex. " * 8
    exempt = Tax(category=TaxCategory.EXEMPT, name="VAT", reason=why)
    reverse = Tax(category=TaxCategory.REVERSE_CHARGE, name="VAT", reason="VAT to be accounted for by the recipient, Article 196")
    lines = (
        _line("1", "1234567.12345678", 98765, description=f"{LONG_WORD} {LONG_WORD}", unit="standard business units"),
        _line(
            "2", "99.99", 3, description="x" * 150, tax=replace(USUAL, percent=Decimal("7.5")), discount_percent=Decimal("12.5")
        ),
        _line("3", "0.0008", 4300, description="Training", tax=exempt),
        _line("4", "4800", description="Interconnect", tax=reverse),
        *(_usage(number) for number in range(5, MANY + 1)),
    )
    worst = _simple(
        operator,
        number="2026-TELCO-000000000417/B",
        customer=buyer,
        lines=lines,
        notes="First line.\n" + "A long note that has to be wrapped. " * 12,
        buyer_reference="4500-" + "9" * 60,
    )
    return replace(worst, amount_paid=Decimal("1000.00"), amount_credited=Decimal("0.01"))


def _credit_note(operator: OperatorSnapshot) -> Invoice:
    return _simple(
        operator,
        kind=InvoiceKind.CREDIT_NOTE,
        number="CN-1001",
        reason="Two seats were never delivered.",
        notes="",
        lines=(_package(),),
        original_invoice_id="sample.20261101.R",
        original_invoice_number="INV-1000",
        original_invoice_date=date(2026, 11, 1),
    )


def _right_to_left(operator: OperatorSnapshot) -> Invoice:
    address = Address(line1="شارع فهد السالم ١٢", city="مدينة الكويت", postcode="13001", country="KW")
    buyer = _customer(name="شركة الخليج للاتصالات", locale="ar-KW", address=address, tax_id="KW-300123")
    return _simple(operator, customer=buyer, currency="KWD", notes="شكرًا لتعاملكم معنا.")


def _no_decimals(operator: OperatorSnapshot) -> Invoice:
    return _simple(operator, currency="JPY", lines=(_line("1", "128000", 2), _line("2", "3.5", 1201)), prices_include_tax=True)


def _nothing_to_pay(operator: OperatorSnapshot) -> Invoice:
    free = _line("1", "0", description="Free calls", tax=Tax(category=TaxCategory.OUT_OF_SCOPE, name="", reason="Not taxable"))
    return _simple(operator, lines=(free,), notes="", period=None)


def _draft(operator: OperatorSnapshot) -> Invoice:
    return _simple(operator, number=None, status=InvoiceStatus.DRAFT, issued_at=None)


SAMPLES: Mapping[Sample, Callable[[OperatorSnapshot], Invoice]] = {
    Sample.SIMPLE: _simple,
    Sample.WORST_CASE: _worst_case,
    Sample.CREDIT_NOTE: _credit_note,
    Sample.RIGHT_TO_LEFT: _right_to_left,
    Sample.NO_DECIMALS: _no_decimals,
    Sample.NOTHING_TO_PAY: _nothing_to_pay,
    Sample.DRAFT: _draft,
}


def _customer(**fields: Any) -> CustomerSnapshot:
    base = CustomerSnapshot(
        id="sample",
        name="Sample Customer Ltd",
        email="accounts@example.com",
        address=Address(line1="1 High Street", city="London", postcode="N1 9GU", country="GB"),
        tax_id="GB123456789",
        locale="en-GB",
    )
    return replace(base, **fields)


def _line(line_id: str, price: str, quantity: int = 1, **fields: Any) -> Line:
    base = Line(id=line_id, description="Work", unit_price=Decimal(price), quantity=Decimal(quantity), tax=USUAL)
    return replace(base, **fields)


def _package() -> Line:
    month: dict[str, Any] = {"start_date": MONTH.start_date, "end_date": MONTH.end_date}
    return _line("1", "24.90", 2, kind=LineKind.PACKAGE, description="Hosted PBX seat", unit="seats", **month)


def _usage(number: int) -> Line:
    """Calls to a destination; one of ten is late."""
    calls = 37 * number % 911 + 3
    usage = LineUsage(calls=calls, attempts=calls + 9, duration_seconds=calls * 171, billed_seconds=calls * 174, destination="UK")
    late: dict[str, Any] = (
        {"kind": LineKind.LATE_USAGE, "original_invoice_number": "INV-0989"} if number % 10 == 0 else {"kind": LineKind.USAGE}
    )
    month: dict[str, Any] = {"start_date": MONTH.start_date, "end_date": MONTH.end_date}
    return _line(str(number), str(Decimal(calls * 174) / 100), description=f"Destination {number}", usage=usage, **month, **late)
