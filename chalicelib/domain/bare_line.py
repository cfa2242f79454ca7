"""A line before its net is known: what generation writes on a line, cheap to make.

A line of the books has sixteen fields and is frozen, which makes it the dearest value of a plan. So lines are planned as bare
ones and become lines once, when totals know their nets. It holds no rule.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.invoice import Line, LineKind, LineUsage
from chalicelib.domain.tax import Tax


class BareLine(NamedTuple):
    """The fields of a `Line` that generation fills, under the names they have there."""

    id: str
    kind: LineKind
    description: str
    start_date: date
    end_date: date
    quantity: Decimal
    unit_price: Decimal
    tax: Tax
    discount_percent: Decimal = Decimal(0)
    package_id: str | None = None
    assignment_id: str | None = None
    usage: LineUsage | None = None
    original_invoice_id: str | None = None

    def with_net(self, net: Decimal) -> Line:
        """The line with its net in the invoice's currency."""
        return Line(
            id=self.id,
            kind=self.kind,
            package_id=self.package_id,
            assignment_id=self.assignment_id,
            description=self.description,
            start_date=self.start_date,
            end_date=self.end_date,
            quantity=self.quantity,
            unit_price=self.unit_price,
            discount_percent=self.discount_percent,
            net=net,
            tax=self.tax,
            usage=self.usage,
            original_invoice_id=self.original_invoice_id,
        )
