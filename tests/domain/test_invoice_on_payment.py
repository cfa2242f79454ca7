"""Create invoice on payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.invoice import Invoice, InvoiceSource, InvoiceStatus
from chalicelib.domain.invoice_on_payment import plan_invoice_on_payment
from chalicelib.domain.money import from_minor
from chalicelib.domain.payment import Payment
from tests.support.builders import NOW, TODAY, a_customer, a_payment, settings, tax


def invoice_over(payment: Payment, percent: str = "20", **customer: object) -> Invoice:
    """The invoice that the payment makes for a customer at that rate."""
    payer = a_customer(tax=tax(percent), currency=payment.currency, **customer)
    return plan_invoice_on_payment(payer, settings(), payment, invoice_id="acme.20261115.A.9", today=TODAY, now=NOW)


@given(st.integers(1, 10**9), st.sampled_from(["0", "5", "8.25", "19", "20", "100"]), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_the_total_is_what_was_paid(minor: int, percent: str, currency: str) -> None:
    """Whatever the rate and the currency, the invoice is over the payment's amount to the cent."""
    payment = a_payment(amount=from_minor(minor, currency), currency=currency)
    invoice = invoice_over(payment, percent)
    assert invoice.total == invoice.amount_due == payment.amount
    assert invoice.subtotal + invoice.tax_total == payment.amount


def test_tax_is_taken_out_of_the_amount() -> None:
    """12.00 paid at 20 % is 10.00 and 2.00 of tax, on a draft of today that the customer's terms make due."""
    invoice = invoice_over(a_payment(), invoice_due_days=7)
    assert (str(invoice.subtotal), str(invoice.tax_total)) == ("10.00", "2.00")
    assert (invoice.invoice_date, invoice.due_date) == (TODAY, date(2026, 11, 22))
    assert (invoice.status, invoice.source, invoice.prices_include_tax) == (InvoiceStatus.DRAFT, InvoiceSource.PAYMENT, True)
    assert (invoice.line_grouping, invoice.template) == (LineGrouping.DESTINATION, "modern")
    assert (invoice.id, invoice.customer.name, invoice.operator.name) == ("acme.20261115.A.9", "Acme Ltd", "Telco GmbH")


@pytest.mark.parametrize(
    "description, reference, expected",
    [("Top-up # by phone", "REF", "Top-up"), ("# internal", "REF", "REF"), ("", "", "Payment")],
)
def test_nothing_internal_is_printed(description: str, reference: str, expected: str) -> None:
    """The line says what the customer may read: the public description, else the reference, else that it is a payment."""
    invoice = invoice_over(a_payment(amount=Decimal("1.00"), description=description, reference=reference))
    assert [line.description for line in invoice.lines] == [expected]
