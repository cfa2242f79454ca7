"""How payments are searched. Tests of membership; where they are found is the store's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.payment import Payment, PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSearch:
    """What is looked for; None means any. `first` and `last` are inclusive business dates, `method` and `reference` exact texts.

    `unallocated`: whether something is left to allocate or refund; only completed payments have that.
    """

    customer_id: str | None = None
    status: PaymentState | None = None
    unallocated: bool | None = None
    method: str | None = None
    reference: str | None = None
    first: date | None = None
    last: date | None = None

    def matches(self, payment: Payment) -> bool:
        """Whether the payment is looked for."""
        return (
            self.customer_id in {None, payment.customer_id}
            and self.status in {None, payment.status}
            and self.unallocated in {None, payment.unallocated > 0}
            and self.method in {None, payment.method}
            and self.reference in {None, payment.reference}
            and (self.first or payment.date) <= payment.date <= (self.last or payment.date)
        )
