"""The party that is billed, and its schedule. Values only; the rules that read them live with the rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.tax import Tax


class Frequency(StrEnum):
    """How often a customer is billed, or a package is charged (`none`: a one-off item, packages only)."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class LineGrouping(StrEnum):
    """How usage is put on lines; the total is the same in all three."""

    DESTINATION = "destination"
    DAY = "day"
    NONE = "none"


class CustomerStatus(StrEnum):
    """Inactive customers are not billed by schedules and accept no new assignments."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class EmailStatus(StrEnum):
    """What became of mails to the customer's address; a new address is `ok` again."""

    OK = "ok"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressTrouble:
    """What became of mails to one of the addresses that get copies."""

    address: str
    status: EmailStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is an ISO 3166 alpha-2 code or empty."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """daily: anchor None; weekly: ISO weekday 1-7 (Monday = 1); monthly: day 1-31, clamped and remembered."""

    frequency: Frequency
    anchor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer; `currency` never changes, `billing_start` is the first local day that schedules bill.

    `e_invoices`: it asked for e-invoices, so what the norm needs is asked for before an invoice is issued by hand.
    Addresses of `email_cc` get a copy of each mail; those of `email_cc_troubles` no longer do.
    No reminders are sent up to and including the local day `reminders_paused_until`.
    """

    id: str
    name: str
    email: str = ""
    email_cc: tuple[str, ...] = ()
    address: Address = field(default_factory=Address)
    tax_id: str = ""
    currency: str
    locale: str = "en"
    timezone: str = "UTC"
    tax: Tax = field(default_factory=Tax)
    invoice_due_days: int = 14
    schedule: Schedule | None = None
    billing_start: date | None = None
    line_grouping: LineGrouping | None = None
    template_id: str | None = None
    create_invoice_on_payment: bool = False
    email_invoices: bool = False
    e_invoices: bool = False
    email_status: EmailStatus = EmailStatus.OK
    email_cc_troubles: tuple[AddressTrouble, ...] = ()
    reminders_paused_until: date | None = None
    external_id: str = ""
    status: CustomerStatus = CustomerStatus.ACTIVE
    version: int = 1
    created_at: datetime
    updated_at: datetime
