"""Builders with good defaults: a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.customer import Address, Customer
from chalicelib.domain.invoice import CustomerSnapshot, Invoice, InvoiceKind, InvoiceStatus, Line
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.operator import OperatorSettings, OperatorSnapshot
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.payment import Payment
from chalicelib.domain.periods import Period
from chalicelib.domain.tax import Tax, TaxCategory
from chalicelib.domain.totals import apply_totals
from chalicelib.domain.usage import RollUp
from tests.support.usage_rows import UsageRow, to_columns

NOW = datetime(2026, 11, 15, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


def november(day: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, day)


def tax(percent: str | int = 20, category: TaxCategory = TaxCategory.STANDARD, **fields: Any) -> Tax:
    """A tax of 20 % VAT; other categories get a reason."""
    reason = "" if category in {TaxCategory.STANDARD, TaxCategory.ZERO} else "Reason of the exemption"
    return Tax(**{"category": category, "percent": Decimal(percent), "name": "VAT", "reason": reason, **fields})


def an_address(**fields: Any) -> Address:
    """An address in London."""
    return replace(Address(line1="1 High Street", city="London", postcode="N1 9GU", country="GB"), **fields)


def a_customer(**fields: Any) -> Customer:
    """A customer in EUR at 20 % VAT, on UTC, without a schedule."""
    base = Customer(id="acme", name="Acme Ltd", address=an_address(), currency="EUR", tax=tax(), created_at=NOW, updated_at=NOW)
    return replace(base, **fields)


def settings(**fields: Any) -> OperatorSettings:
    """The default settings of an operator with a name and an address."""
    return replace(OperatorSettings(name="Telco GmbH", address=an_address(city="Berlin", country="DE")), **fields)


def an_operator_snapshot(**fields: Any) -> OperatorSnapshot:
    """What documents keep of that operator."""
    return replace(OperatorSnapshot(name="Telco GmbH", address=an_address(city="Berlin", country="DE")), **fields)


def a_customer_snapshot(**fields: Any) -> CustomerSnapshot:
    """What documents keep of that customer."""
    return replace(CustomerSnapshot(id="acme", name="Acme Ltd", address=an_address()), **fields)


def a_line(line_id: str = "1", price: str | int | Decimal = "10.00", quantity: str | int | Decimal = 1, **fields: Any) -> Line:
    """A manual line of 1 × 10.00 at 20 % VAT."""
    base = Line(id=line_id, description="Consulting", quantity=Decimal(quantity), unit_price=Decimal(price), tax=tax())
    return replace(base, **fields)


def an_invoice(**fields: Any) -> Invoice:
    """A draft of one line, 10.00 + 2.00 VAT; totals are calculated from the lines given, issued ones get a number."""
    base = Invoice(
        id="acme.20261115.A.1",
        customer_id="acme",
        customer=a_customer_snapshot(),
        operator=an_operator_snapshot(),
        currency="EUR",
        invoice_date=TODAY,
        due_date=date(2026, 11, 29),
        lines=(a_line(),),
        created_at=NOW,
    )
    if fields.get("status", InvoiceStatus.DRAFT) is not InvoiceStatus.DRAFT:
        base = replace(base, number="INV-1001", series="invoices", sequence=1001, issued_at=NOW)
    return apply_totals(replace(base, **fields))


def a_summary(**fields: Any) -> InvoiceSummary:
    """The row of an unpaid invoice over 12.00 EUR."""
    base = InvoiceSummary(
        id="acme.20261115.A.1",
        kind=InvoiceKind.INVOICE,
        number="INV-1001",
        status=InvoiceStatus.ISSUED,
        state="unpaid",
        revision=0,
        customer_id="acme",
        customer_name="Acme Ltd",
        timezone="UTC",
        currency="EUR",
        invoice_date=date(2026, 11, 15),
        due_date=date(2026, 11, 29),
        period=None,
        total=Decimal("12.00"),
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
        amount_refunded=Decimal(0),
        amount_due=Decimal("12.00"),
    )
    return replace(base, **fields)


def a_payment(**fields: Any) -> Payment:
    """A completed payment of 12.00 EUR, nothing allocated."""
    base = Payment(
        id="acme.20261115.1",
        customer_id="acme",
        amount=Decimal("12.00"),
        currency="EUR",
        date=TODAY,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(base, **fields)


def a_package(**fields: Any) -> Package:
    """A monthly package of 10.00, in advance, without setup price, at the customer's tax."""
    base = Package(id="line", name="Line rental", unit_price=Decimal("10.00"), created_at=NOW, updated_at=NOW)
    return replace(base, **fields)


def an_assignment(start: date = date(2026, 11, 1), end: date | None = None, **fields: Any) -> Assignment:
    """One `a_package` for the customer, from 1 November 2026 on."""
    base = Assignment(
        id="as1", customer_id="acme", package_id="line", start_date=start, end_date=end, created_at=NOW, updated_at=NOW
    )
    return replace(base, **fields)


def a_usage_row(
    day: date = date(2026, 11, 5), destination: str = "UK Mobile", charge: str | Decimal = "1.00", **counts: Any
) -> UsageRow:
    """One connected call of a minute, charged 1.00."""
    row = UsageRow(day, destination, attempts=1, connected=1, duration_seconds=55, billed_seconds=60, charge=Decimal(charge))
    return row._replace(**counts)


def a_rollup(*rows: UsageRow, billing_day: date | None = None, batch_id: str = "b1") -> RollUp:
    """The rows in one batch, on the day of the first row unless another billing day is given; one call without rows."""
    rows = rows or (a_usage_row(),)
    return RollUp(billing_day or rows[0].day, batch_id, to_columns(rows))
