"""The document: lines, taxes, totals, states. Values only; `totals` says how they are calculated, `states` how they change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.customer import Address, LineGrouping
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.tax import Tax, TaxGroup, TaxRounding


class InvoiceKind(StrEnum):
    """An invoice, or the numbered document that takes one back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceStatus(StrEnum):
    """draft → issued → void."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


class PaymentStatus(StrEnum):
    """How far an issued invoice is paid (credits count as paid)."""

    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"


class InvoiceSource(StrEnum):
    """Which door made it."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    DAYS = "days"
    PAYMENT = "payment"


class PdfStatus(StrEnum):
    """Whether the PDF of the current revision exists."""

    NONE = "none"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"


class LineKind(StrEnum):
    """What a line is; generated lines come in this order."""

    PACKAGE = "package"
    SETUP = "setup"
    USAGE = "usage"
    LATE_USAGE = "late_usage"
    MINIMUM_SPEND = "minimum_spend"
    CREDIT = "credit"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUsage:
    """Calls and minutes behind a usage line; `calls` are the connected ones, `destination` is empty unless lines group by it."""

    calls: int
    attempts: int
    duration_seconds: int
    billed_seconds: int
    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `net` is in the invoice currency, after discount; `gross` matters only where prices include tax.

    `unit_price` and `quantity` are exact and of any scale. Dates are inclusive, as printed.
    """

    id: str
    kind: LineKind = LineKind.MANUAL
    package_id: str | None = None
    assignment_id: str | None = None
    description: str = ""
    start_date: date | None = None
    end_date: date | None = None
    quantity: Decimal = Decimal(1)
    unit: str = ""
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    tax: Tax = field(default_factory=Tax)
    usage: LineUsage | None = None
    original_invoice_id: str | None = None
    original_invoice_number: str | None = None

    def with_net(self, net: Decimal) -> Line:
        """The same line with another net."""
        return replace(self, net=net)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSnapshot:
    """What a document keeps of its customer, frozen at issue; `e_invoices`: it had asked for e-invoices."""

    id: str
    name: str
    email: str = ""
    address: Address = field(default_factory=Address)
    tax_id: str = ""
    locale: str = "en"
    timezone: str = "UTC"
    external_id: str = ""
    e_invoices: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPeriod:
    """The billed period at the edges: both dates inclusive."""

    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice or credit note as stored, printed and answered. All amounts in `currency`; credit notes have positive amounts.

    `days` are the claimed customer-days (they become free when it is voided or deleted). `change_id` names the request that
    issued or voided it, so that its repetition is told from somebody else's. `amount_refunded` is what credit notes gave back
    of what was paid, as the customer's credit; `credit_note_ids` are those credit notes, first to last.
    """

    id: str
    kind: InvoiceKind = InvoiceKind.INVOICE
    number: str | None = None
    series: str | None = None
    sequence: int | None = None
    status: InvoiceStatus = InvoiceStatus.DRAFT
    revision: int = 0
    customer_id: str
    customer: CustomerSnapshot
    operator: OperatorSnapshot
    currency: str
    invoice_date: date
    due_date: date
    period: PrintedPeriod | None = None
    line_grouping: LineGrouping | None = None
    tax_rounding: TaxRounding = TaxRounding.PER_GROUP
    prices_include_tax: bool = False
    lines: tuple[Line, ...] = ()
    taxes: tuple[TaxGroup, ...] = ()
    subtotal: Decimal = Decimal(0)
    tax_total: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    amount_paid: Decimal = Decimal(0)
    amount_credited: Decimal = Decimal(0)
    amount_refunded: Decimal = Decimal(0)
    notes: str = ""
    buyer_reference: str = ""
    reason: str = ""
    original_invoice_id: str | None = None
    original_invoice_number: str | None = None
    original_invoice_date: date | None = None
    credit_note_ids: tuple[str, ...] = ()
    template: str = "stock"
    source: InvoiceSource = InvoiceSource.MANUAL
    days: tuple[date, ...] = ()
    pdf_status: PdfStatus = PdfStatus.NONE
    pdf_error: str = ""
    version: int = 1
    change_id: str = ""
    created_at: datetime
    issued_at: datetime | None = None
    revised_at: datetime | None = None
    voided_at: datetime | None = None

    @property
    def amount_due(self) -> Decimal:
        """total − amount_paid − amount_credited + refunded."""
        return self.total - self.amount_paid - self.amount_credited + self.amount_refunded

    @property
    def payment_status(self) -> PaymentStatus:
        """Derived from amount due; a zero total is paid."""
        if self.amount_due <= 0:
            return PaymentStatus.PAID
        return PaymentStatus.UNPAID if self.amount_due == self.total else PaymentStatus.PARTIALLY_PAID

    def is_overdue(self, on: date) -> bool:
        """True when issued, not a credit note, something is due, and the due date is before the day."""
        owed = self.status is InvoiceStatus.ISSUED and self.kind is InvoiceKind.INVOICE and self.amount_due > 0
        return owed and self.due_date < on
