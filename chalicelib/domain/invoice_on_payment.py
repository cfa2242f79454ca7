"""Create invoice on payment: the invoice over exactly what was paid.

The amount is gross, the tax is taken out of it. Numbering it and allocating the payment to it is one step of the service.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chalicelib.domain.customer import Customer
from chalicelib.domain.designs import template_of
from chalicelib.domain.invoice import Invoice, InvoiceSource, Line, LineKind
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.payment import Payment
from chalicelib.domain.snapshots import build_customer_snapshot, build_operator_snapshot
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
    return apply_totals(
        Invoice(
            id=invoice_id,
            customer_id=customer.id,
            customer=build_customer_snapshot(customer),
            operator=build_operator_snapshot(settings),
            currency=payment.currency,
            invoice_date=today,
            due_date=today + timedelta(days=customer.invoice_due_days),
            tax_rounding=settings.tax_rounding,
            prices_include_tax=True,
            lines=(line,),
            notes=settings.invoice_notes,
            template=template_of(customer, settings),
            source=InvoiceSource.PAYMENT,
            created_at=now,
        )
    )
