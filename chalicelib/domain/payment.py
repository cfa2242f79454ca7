"""Money in: payments and what they are allocated to. Values only; plans are in `allocation`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Self


class PaymentState(StrEnum):
    """Only completed payments count."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment; `description` text after `#` is internal. unallocated = amount − allocated − refunded while completed.

    `completed_at` and `cancelled_at` are the instants from which the books knew so; `date` is the business date. With a
    `credit_note_id` no money came in: it is what the credit note gave beyond what was due (see `customer_credit`).
    `freed_on` is the latest business date on which an allocation or a refund that had counted was taken back.
    """

    id: str
    customer_id: str
    amount: Decimal
    currency: str
    date: dt.date
    method: str = ""
    reference: str = ""
    description: str = ""
    status: PaymentState = PaymentState.COMPLETED
    allocated: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    version: int = 1
    created_at: dt.datetime
    updated_at: dt.datetime
    completed_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    credit_note_id: str | None = None
    freed_on: dt.date | None = None

    @property
    def free_from(self) -> dt.date:
        """The first business date on which what is unallocated now was unallocated, and on all days after."""
        return max(self.date, self.freed_on or self.date)

    @property
    def unallocated(self) -> Decimal:
        """What can still be allocated or refunded; zero unless completed."""
        if self.status is not PaymentState.COMPLETED:
            return Decimal(0)
        return self.amount - self.allocated - self.refunded

    @property
    def public_description(self) -> str:
        """The description without its internal part."""
        return self.description.partition("#")[0].rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What part of a payment went to on a business date. Taking it back sets `reversed_at`; the history is append-only."""

    id: str
    payment_id: str
    customer_id: str
    amount: Decimal
    currency: str
    date: dt.date
    created_at: dt.datetime
    reversed_at: dt.datetime | None = None
    reversed_date: dt.date | None = None

    def is_effective(self, on: dt.date) -> bool:
        """Whether the money was gone from the payment at the end of that business day."""
        return self.date <= on and (self.reversed_date is None or on < self.reversed_date)

    def taken_back(self, at: dt.datetime, today: dt.date) -> Self:
        """The same, taken back today, but not before its own date; `at` is when it is entered."""
        return replace(self, reversed_at=at, reversed_date=max(today, self.date))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation(Use):
    """(payment, invoice, amount) on a business date."""

    invoice_id: str
    invoice_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Use):
    """Money given back from what was not allocated: a negative movement of its payment."""

    reference: str = ""
