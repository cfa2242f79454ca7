"""What EN 16931 needs and a document lacks: every gap at once, each with the path of the field that would close it.

Decides nothing about whether somebody wants an e-invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.einvoice.parties import build_buyer, build_seller
from chalicelib.render.einvoice.periods import billed_period
from chalicelib.render.einvoice.taxes import is_mixed_out_of_scope, is_tax_tolerable, tax_rows

UNKNOWN_CURRENCIES = frozenset({"XAD"})
"""ISO 4217 codes that the norm's list lacks."""
DECIMALS = 2
"""Of every amount (BR-DEC-*); three are rounded nowhere, since the books have three."""
BOTH_IDENTIFIED = frozenset({TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY})
SELLER_VAT_ID = frozenset({TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT})


def find_gaps(invoice: Invoice) -> list[Issue]:
    """Everything that keeps the document from being an e-invoice; empty when it can be one."""
    return [*_party_gaps(invoice), *_tax_id_gaps(invoice), *_tax_gaps(invoice), *_amount_gaps(invoice)]


def _party_gaps(invoice: Invoice) -> Iterator[Issue]:
    for path, party in (("operator", build_seller(invoice)), ("customer", build_buyer(invoice))):
        if not party.name:
            yield _missing(f"{path}.name", "BR-06, BR-07: both parties have a name.")
        if not party.address.country:
            yield _missing(f"{path}.address.country", "BR-09, BR-11: both addresses have a country.")


def _tax_id_gaps(invoice: Invoice) -> Iterator[Issue]:
    seller, buyer = build_seller(invoice), build_buyer(invoice)
    categories = {group.category for group in invoice.taxes}
    if categories & SELLER_VAT_ID and not seller.vat_id:
        yield _missing("operator.tax_id", "BR-IC-02, BR-G-02: categories K and G need the seller's VAT id, with its country.")
    elif categories - {TaxCategory.OUT_OF_SCOPE} and not (seller.vat_id or seller.tax_number):
        yield _missing("operator.tax_id", "BR-S-02 and its like: taxed documents name the seller's VAT id or tax number.")
    elif not (seller.vat_id or seller.registration or seller.identifier):
        yield _missing("operator.registration", "BR-CO-26: the seller has a registration, a tax id or a VAT id.")
    if categories & BOTH_IDENTIFIED and not buyer.vat_id:
        yield _missing("customer.tax_id", "BR-AE-02, BR-IC-02: categories AE and K need the buyer's VAT id, with its country.")


def _tax_gaps(invoice: Invoice) -> Iterator[Issue]:
    if is_mixed_out_of_scope(invoice):
        yield Issue("lines", "invalid_value", "BR-O-11: lines out of scope (O) stand on a document of their own.")
    if billed_period(invoice) is None and any(group.category is TaxCategory.INTRA_COMMUNITY for group in invoice.taxes):
        yield _missing("lines.0.start_date", "BR-IC-11: category K needs the days of the supply.")
    for position, row in enumerate(tax_rows(invoice.taxes)):
        if row.tax.category is TaxCategory.EXEMPT and not row.reason:
            yield _missing(f"taxes.{position}.reason", "BR-E-10: exempt needs its reason.")
        if not is_tax_tolerable(row):
            message = f"BR-CO-17: a tax of {row.amount:f} on {row.base:f} is too far from its rate (it was rounded per line)."
            yield Issue(f"taxes.{position}.tax", "invalid_amount", message)


def _amount_gaps(invoice: Invoice) -> Iterator[Issue]:
    if invoice.currency in UNKNOWN_CURRENCIES:
        yield Issue("currency", "unknown_currency", f"BR-CL-04: the norm does not know {invoice.currency}.")
    amounts = [invoice.total, *(line.net for line in invoice.lines), *(group.tax for group in invoice.taxes)]
    if any(_is_finer(amount) for amount in amounts):
        yield Issue("currency", "invalid_amount", "BR-DEC-23 and its like: amounts have at most two decimals.")


def _is_finer(amount: Decimal) -> bool:
    return amount != round(amount, DECIMALS)


def _missing(path: str, message: str) -> Issue:
    return Issue(path, "required", message)
