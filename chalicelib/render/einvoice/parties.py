"""Seller and buyer of an e-invoice: which of our identifiers is which of the norm's.

One field holds any tax id here; EN 16931 tells VAT identifiers, which begin with a country, from other numbers. No country is
guessed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import CustomerSnapshot, Invoice
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.einvoice.model import Party
from chalicelib.render.printable import printable

VAT_PREFIXES = (COUNTRIES - {"SS", "SX", "XK"}) | {"EL", "XI"}
"""Countries that BR-CO-09 knows, with Greece's own and Northern Ireland's prefix."""
KOSOVO = "1A"
"""How the code list of the norm writes XK."""

_VAT_ID = re.compile(r"([A-Z]{2})(?=[A-Z0-9+*.\-]*\d)[A-Z0-9+*.\-]{2,}")


def vat_id(tax_id: str) -> str:
    """The tax id without spaces if it is a VAT identifier by its looks, else nothing.

    >>> vat_id("de 314 159 265"), vat_id("29/815/08150")
    ('DE314159265', '')
    """
    compact = "".join(tax_id.split()).upper()
    found = _VAT_ID.fullmatch(compact)
    return compact if found and found[1] in VAT_PREFIXES else ""


def is_out_of_scope(invoice: Invoice) -> bool:
    """Whether VAT does not concern the document at all, so that VAT identifiers must not stand on it (BR-O-02)."""
    return any(group.category is TaxCategory.OUT_OF_SCOPE for group in invoice.taxes)


def build_seller(invoice: Invoice) -> Party:
    """The operator; its tax id stands as VAT identifier, else as tax number, and as identifier where there is nothing better."""
    operator: OperatorSnapshot = invoice.operator
    vat = "" if is_out_of_scope(invoice) else vat_id(operator.tax_id)
    registration, number = _clean(operator.registration), _clean(operator.tax_id)
    return Party(
        name=_clean(operator.name),
        address=_address(operator.address),
        identifier="" if vat or registration else number,
        registration=registration,
        vat_id=vat,
        tax_number="" if vat or is_out_of_scope(invoice) else number,
        phone=_clean(operator.phone),
        email=_clean(operator.email),
    )


def build_buyer(invoice: Invoice) -> Party:
    """The customer; a tax id that is no VAT identifier stands as its identifier."""
    customer: CustomerSnapshot = invoice.customer
    vat = "" if is_out_of_scope(invoice) else vat_id(customer.tax_id)
    return Party(
        name=_clean(customer.name),
        address=_address(customer.address),
        identifier="" if vat else _clean(customer.tax_id),
        vat_id=vat,
        email=_clean(customer.email),
    )


def _address(address: Address) -> Address:
    cleaned = Address(
        line1=_clean(address.line1),
        line2=_clean(address.line2),
        city=_clean(address.city),
        region=_clean(address.region),
        postcode=_clean(address.postcode),
        country=address.country,
    )
    return replace(cleaned, country=KOSOVO) if address.country == "XK" else cleaned


def _clean(text: str) -> str:
    return " ".join(str(printable(text)).split())
