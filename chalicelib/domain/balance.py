"""What a customer owes and has as things stand now. Dates only decide what is overdue; the account over time is in `history`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.domain.money import quantise, total
from chalicelib.domain.payment import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`overdue` is part of `due`; `unallocated` is credit, of payments and credit notes, never netted with either."""

    currency: str
    due: Decimal
    overdue: Decimal
    unallocated: Decimal

    @property
    def balance(self) -> Decimal:
        """due − unallocated: positive means the customer owes."""
        return self.due - self.unallocated


def calculate_balance(
    currency: str, documents: Iterable[InvoiceSummary], payments: Iterable[Payment], as_of: datetime
) -> Balance:
    """Add up issued invoices and completed payments of one customer; overdue counts by the day in the customer's zone.

    Credit notes count by what they lowered, and by the payments that they gave.
    """
    found = list(documents)
    return Balance(
        currency=currency,
        due=quantise(total(one.owed for one in found), currency),
        overdue=quantise(total(one.owed for one in found if one.is_overdue(as_of)), currency),
        unallocated=quantise(total(payment.unallocated for payment in payments), currency),
    )
