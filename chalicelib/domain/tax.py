"""Tax rates and tax groups: the values every document prints.

Categories follow EN 16931 (UNCL 5305). How groups are rounded is a named policy kept on the invoice for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum


class TaxCategory(StrEnum):
    """EN 16931 tax category codes."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


class TaxRounding(StrEnum):
    """`per_group`: tax = round(Σ net × percent) (EN 16931 BR-CO-17). `per_line`: rounded on every line, then added."""

    PER_GROUP = "per_group"
    PER_LINE = "per_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The tax of one line: category, percent, the name printed ("VAT") and the reason when none is charged.

    An empty name is what nobody named: on a customer it stands for the word of its language, elsewhere for the customer's name.
    """

    category: TaxCategory = TaxCategory.STANDARD
    percent: Decimal = Decimal(0)
    name: str = ""
    reason: str = ""

    def named(self, name: str) -> Tax:
        """The same, with this name where it has none.

        >>> Tax().named("TVA").name, Tax(name="GST").named("TVA").name
        ('TVA', 'GST')
        """
        return self if self.name else replace(self, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """One row of the tax summary: all lines of one (category, percent). `net` and `tax` are in the invoice currency."""

    category: TaxCategory
    percent: Decimal
    name: str
    net: Decimal
    tax: Decimal
    reason: str = ""
