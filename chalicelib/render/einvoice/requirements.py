"""What EN 16931 needs and a document lacks: every gap at once, each with the path of the field that would close it.

Decides nothing about whether somebody wants an e-invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.einvoice.model import TaxRow
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
    """Everything that keeps the document from being an e-invoice; empty when it can be one.

    Each message tells a clerk what to do, and names the rule at its end.
    """
    return [*_party_gaps(invoice), *_tax_id_gaps(invoice), *_tax_gaps(invoice), *_amount_gaps(invoice)]


def _party_gaps(invoice: Invoice) -> Iterator[Issue]:
    seller, buyer = build_seller(invoice), build_buyer(invoice)
    if not seller.name:
        yield _missing("operator.name", "Give the operator a name in the settings (BR-06).")
    if not seller.address.country:
        yield _missing("operator.address.country", "Give the operator's address a country in the settings (BR-09).")
    if not buyer.name:
        yield _missing("customer.name", "Give the customer a name (BR-07).")
    if not buyer.address.country:
        yield _missing("customer.address.country", "Give the customer's address a country (BR-11).")


def _tax_id_gaps(invoice: Invoice) -> Iterator[Issue]:
    seller, buyer = build_seller(invoice), build_buyer(invoice)
    categories = {group.category for group in invoice.taxes}
    if categories & SELLER_VAT_ID and not seller.vat_id:
        yield _missing(
            "operator.tax_id",
            "Give the operator a tax id that begins with its country, like DE314159265, in the settings: "
            "intra-community supplies (K) and exports (G) need one (BR-IC-02, BR-G-02).",
        )
    elif categories - {TaxCategory.OUT_OF_SCOPE} and not (seller.vat_id or seller.tax_number):
        yield _missing("operator.tax_id", "Give the operator a tax id in the settings (BR-S-02 and its like).")
    elif not (seller.vat_id or seller.registration or seller.identifier):
        yield _missing("operator.registration", "Give the operator a registration or a tax id in the settings (BR-CO-26).")
    if categories & BOTH_IDENTIFIED and not buyer.vat_id:
        yield _missing(
            "customer.tax_id",
            "Give the customer a tax id that begins with its country, like DE314159265: "
            "reverse charge (AE) and intra-community supplies (K) need one (BR-AE-02, BR-IC-02).",
        )


def _tax_gaps(invoice: Invoice) -> Iterator[Issue]:
    if is_mixed_out_of_scope(invoice):
        yield Issue("lines", "invalid_value", "Put the lines that are out of scope (O) on a document of their own (BR-O-11).")
    if billed_period(invoice) is None and any(group.category is TaxCategory.INTRA_COMMUNITY for group in invoice.taxes):
        message = "Give a line the start_date and end_date of its supply: intra-community supplies (K) need days (BR-IC-11)."
        yield _missing("lines.0.start_date", message)
    for position, row in enumerate(tax_rows(invoice.taxes)):
        if row.tax.category is TaxCategory.EXEMPT and not row.reason:
            yield _missing(f"taxes.{position}.reason", "Give the tax of the exempt lines (E) a reason (BR-E-10).")
        if not is_tax_tolerable(row):
            yield _intolerable(position, row)


def _intolerable(position: int, row: TaxRow) -> Issue:
    message = (
        f"Spread the lines over several documents: a tax of {row.amount:f} on {row.base:f} is too far from its rate, "
        "as tax that is rounded per line (tax_rounding) may be (BR-CO-17)."
    )
    return Issue(f"taxes.{position}.tax", "invalid_amount", message)


def _amount_gaps(invoice: Invoice) -> Iterator[Issue]:
    if invoice.currency in UNKNOWN_CURRENCIES:
        yield Issue(
            "currency", "unknown_currency", f"Bill in another currency: the norm does not know {invoice.currency} (BR-CL-04)."
        )
    amounts = [invoice.total, *(line.net for line in invoice.lines), *(group.tax for group in invoice.taxes)]
    if any(_is_finer(amount) for amount in amounts):
        message = "Change the lines so that every amount, sum and tax has at most two decimals (BR-DEC-23 and its like)."
        yield Issue("currency", "invalid_amount", message)


def _is_finer(amount: Decimal) -> bool:
    return amount != round(amount, DECIMALS)


def _missing(path: str, message: str) -> Issue:
    return Issue(path, "required", message)
