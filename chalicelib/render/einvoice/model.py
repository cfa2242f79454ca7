"""What an e-invoice says, in the terms of EN 16931 and in no syntax: its business terms (BT) and groups (BG) that we fill.

Values only, ready to be written: texts are fit for XML, None and empty text are left out. `cii` and `ubl` write it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.domain.customer import Address
from chalicelib.domain.tax import TaxCategory

GUIDELINE = "urn:cen.eu:en16931:2017"
"""BT-24: the norm without extensions; also the name of the Factur-X profile EN 16931."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller (BG-4) or buyer (BG-7). `vat_id` begins with a country; `tax_number` is a seller's number that does not (BT-32)."""

    name: str
    address: Address
    identifier: str = ""
    registration: str = ""
    vat_id: str = ""
    tax_number: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Both days inclusive; at least one of them is given."""

    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMeans:
    """How to pay (BG-16): a transfer to `iban`, or `text` where no account is known for certain."""

    code: str
    reference: str
    text: str = ""
    iban: str = ""
    account_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """Category and rate of a line; out of scope has no rate."""

    category: TaxCategory
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A line allowance (BG-27), or as `is_charge` (BG-28) the discount of a negative line. `amount` is positive."""

    is_charge: bool
    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line (BG-25): `quantity` × `price`, less the discount, is `net` to the cent. The price is net and never negative."""

    id: str
    name: str
    description: str
    quantity: Decimal
    unit_code: str
    price: Decimal
    net: Decimal
    tax: LineTax
    discount: Discount | None
    period: Period | None
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """A row of the VAT breakdown (BG-23); `reason` and `reason_code` (VATEX) where no tax is charged."""

    tax: LineTax
    base: Decimal
    amount: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An invoice (type 380) or credit note (381). `ship_to` (BT-80): the country of the customer, where it is supplied."""

    number: str
    is_credit_note: bool
    issued_on: date
    due_on: date | None
    terms: str
    currency: str
    note: str
    buyer_reference: str
    preceding: tuple[str, date | None] | None
    seller: Party
    buyer: Party
    ship_to: str
    period: Period | None
    payment: PaymentMeans | None
    taxes: tuple[TaxRow, ...]
    subtotal: Decimal
    tax_total: Decimal
    total: Decimal
    prepaid: Decimal
    due: Decimal
    items: Iterable[Item]

    @property
    def type_code(self) -> str:
        """BT-3 (UNCL 1001)."""
        return "381" if self.is_credit_note else "380"
