"""The tax of an e-invoice: categories, breakdown and exemption codes as EN 16931 has them, and which sums it takes for right.

Amounts are those of the document; none is calculated anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.money import HUNDRED
from chalicelib.domain.tax import Tax, TaxCategory, TaxGroup
from chalicelib.render.einvoice.model import LineTax, TaxRow
from chalicelib.render.printable import printable

VATEX = {
    TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    TaxCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    TaxCategory.EXPORT: "VATEX-EU-G",
    TaxCategory.OUT_OF_SCOPE: "VATEX-EU-O",
}
"""Reason codes (BT-121) that follow from the category alone; why E is exempt is told by its text."""
WITHOUT_REASON = frozenset({TaxCategory.STANDARD, TaxCategory.ZERO})
CENT = Decimal("0.01")
TOLERANCE = Decimal(1)
"""How far a group's tax may be from base × rate (BR-CO-17, BR-S-09)."""
NEXT_TO_NOTHING = Decimal("0.5")
"""A rate below this is taken for zero by BR-CO-17, and so must be the tax."""


def line_tax(tax: Tax | TaxGroup) -> LineTax:
    """Category and rate; a standard rate of zero is what the norm calls zero rated (BR-S-05 wants a rate above zero)."""
    if tax.category is TaxCategory.OUT_OF_SCOPE:
        return LineTax(category=tax.category, percent=None)
    if tax.category is TaxCategory.STANDARD and tax.percent == 0:
        return LineTax(category=TaxCategory.ZERO, percent=tax.percent)
    return LineTax(category=tax.category, percent=tax.percent)


def tax_rows(groups: Iterable[TaxGroup]) -> tuple[TaxRow, ...]:
    """The VAT breakdown, one row for each category and rate (BR-Z-01 and the like)."""
    rows: dict[tuple[TaxCategory, Decimal | None], TaxRow] = {}
    for group in groups:
        row = _row(group)
        key = (row.tax.category, row.tax.percent)
        known = rows.get(key)
        rows[key] = row if known is None else replace(known, base=known.base + row.base, amount=known.amount + row.amount)
    return tuple(rows.values())


def is_tax_tolerable(row: TaxRow) -> bool:
    """Whether BR-CO-17 takes the tax for base × rate: less than one unit of the currency apart."""
    percent = row.tax.percent or Decimal(0)
    if percent < NEXT_TO_NOTHING:
        return abs(row.amount) < NEXT_TO_NOTHING
    expected = (abs(row.base) * percent / HUNDRED).quantize(CENT, ROUND_HALF_UP)
    return abs(abs(row.amount) - expected) < TOLERANCE


def is_mixed_out_of_scope(invoice: Invoice) -> bool:
    """Whether lines out of scope stand beside others, which the norm forbids (BR-O-11)."""
    categories = {group.category for group in invoice.taxes}
    return TaxCategory.OUT_OF_SCOPE in categories and len(categories) > 1


def _row(group: TaxGroup) -> TaxRow:
    reason = "" if group.category in WITHOUT_REASON else str(printable(group.reason)).strip()
    tax, code = line_tax(group), VATEX.get(group.category, "")
    return TaxRow(tax=tax, base=group.net, amount=group.tax, reason=reason, reason_code=code)
