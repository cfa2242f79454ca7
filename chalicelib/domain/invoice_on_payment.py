"""Create invoice on payment: the invoice over exactly what was paid.

The amount is gross, the tax is taken out of it. Numbering it and allocating the payment to it is one step of the service.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.blank_invoice import blank_invoice
from chalicelib.domain.customer import Customer
from chalicelib.domain.invoice import Invoice, InvoiceSource, Line, LineKind
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Payment
from chalicelib.domain.totals import apply_totals


def plan_invoice_on_payment(
    customer: Customer, settings: OperatorSettings, payment: Payment, *, invoice_id: str, today: date, now: datetime
) -> Invoice:
    """A draft, dated `today`, of one line whose total is the payment's amount at the customer's tax.

    Its text is the payment's public description or reference, so nothing internal is printed.
    """
    line = Line(
        id="1",
        kind=LineKind.MANUAL,
        description=payment.public_description or payment.reference or "Payment",
        unit_price=payment.amount,
        tax=customer.tax,
    )
    blank = blank_invoice(customer, settings, invoice_id=invoice_id, invoice_date=today, at=now)
    return apply_totals(replace(blank, prices_include_tax=True, lines=(line,), source=InvoiceSource.PAYMENT))
