"""What a document keeps of its customer and its issuer.

Copies, so that a later change of either never changes a document. It adds nothing and hides nothing.
"""

from __future__ import annotations

from chalicelib.domain.customer import Customer
from chalicelib.domain.invoice import CustomerSnapshot
from chalicelib.domain.operator import OperatorSettings, OperatorSnapshot


def build_customer_snapshot(customer: Customer) -> CustomerSnapshot:
    """The customer as printed."""
    return CustomerSnapshot(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        address=customer.address,
        tax_id=customer.tax_id,
        locale=customer.locale,
        timezone=customer.timezone,
        external_id=customer.external_id,
        e_invoices=customer.e_invoices,
    )


def build_operator_snapshot(settings: OperatorSettings) -> OperatorSnapshot:
    """The issuer as printed."""
    return OperatorSnapshot(
        name=settings.name,
        address=settings.address,
        tax_id=settings.tax_id,
        email=settings.email,
        phone=settings.phone,
        website=settings.website,
        registration=settings.registration,
        logo=settings.logo,
        accent_colour=settings.accent_colour,
        paper=settings.paper,
        payment_details=settings.payment_details,
        footer=settings.footer,
    )
