"""What lists show of invoices and how they are searched. Values and tests of membership; the store finds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus, PaymentStatus, PrintedPeriod
from chalicelib.domain.money import ZERO


class ListedStatus(StrEnum):
    """What a list can be narrowed to: states, payment states of issued invoices, and overdue."""

    DRAFT = "draft"
    ISSUED = "issued"
    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    VOID = "void"


OWING = (PaymentStatus.UNPAID.value, PaymentStatus.PARTIALLY_PAID.value)
ISSUED_STATES = (*OWING, PaymentStatus.PAID.value)
ALL_STATES = (InvoiceStatus.DRAFT.value, *ISSUED_STATES, InvoiceStatus.VOID.value)

STATES: dict[ListedStatus, tuple[str, ...]] = {
    ListedStatus.ISSUED: ISSUED_STATES,
    ListedStatus.OVERDUE: OWING,
    **{status: (status.value,) for status in ListedStatus if status.value in ALL_STATES},
}
"""The states that a list sorts by (draft, void, or an issued invoice's payment state) behind each search word."""
PAYABLE = frozenset({ListedStatus.UNPAID, ListedStatus.PARTIALLY_PAID, ListedStatus.PAID, ListedStatus.OVERDUE})
"""Search words about paying, which credit notes have no part in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSummary:
    """One row of a list. `state` is draft, void, or an issued invoice's payment status; amounts are in `currency`."""

    id: str
    kind: InvoiceKind
    number: str | None
    status: InvoiceStatus
    state: str
    revision: int
    customer_id: str
    customer_name: str
    timezone: str
    currency: str
    invoice_date: date
    due_date: date
    period: PrintedPeriod | None
    total: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    amount_refunded: Decimal
    amount_due: Decimal

    @property
    def payment_status(self) -> PaymentStatus | None:
        """How far an issued invoice is paid; None for drafts, void documents and credit notes."""
        payable = self.status is InvoiceStatus.ISSUED and self.kind is InvoiceKind.INVOICE
        return PaymentStatus(self.state) if payable else None

    @property
    def owed(self) -> Decimal:
        """What the customer has to pay of it: nothing of drafts, void documents and credit notes (these lower an invoice)."""
        return max(self.amount_due, ZERO) if self.payment_status is not None else ZERO

    def is_overdue(self, as_of: datetime) -> bool:
        """True when something is owed and the due date is over in the customer's zone."""
        local_day = as_of.astimezone(ZoneInfo(self.timezone)).date()
        return self.owed > 0 and self.due_date < local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSearch:
    """What is looked for; None means any. `first` and `last` are inclusive invoice dates; `as_of` decides what is overdue."""

    as_of: datetime
    customer_id: str | None = None
    status: ListedStatus | None = None
    kind: InvoiceKind | None = None
    first: date | None = None
    last: date | None = None
    number: str | None = None
    drafts: bool = True

    @property
    def states(self) -> tuple[str, ...]:
        """The states that can match."""
        wanted = STATES[self.status] if self.status else ALL_STATES
        return wanted if self.drafts else tuple(state for state in wanted if state != InvoiceStatus.DRAFT)

    def matches(self, row: InvoiceSummary) -> bool:
        """Whether the row is looked for."""
        return (
            self.customer_id in {None, row.customer_id}
            and self.number in {None, row.number}
            and row.state in self.states
            and self._matches_date(row)
            and self._matches_kind(row)
            and (self.status is not ListedStatus.OVERDUE or row.is_overdue(self.as_of))
        )

    def _matches_date(self, row: InvoiceSummary) -> bool:
        return (self.first or row.invoice_date) <= row.invoice_date <= (self.last or row.invoice_date)

    def _matches_kind(self, row: InvoiceSummary) -> bool:
        if self.status in PAYABLE and row.kind is InvoiceKind.CREDIT_NOTE:
            return False
        return self.kind in {None, row.kind}
