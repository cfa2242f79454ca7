"""The company that issues the invoices and its choices: one per deployment, called *settings* at the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.customer import Address, LineGrouping
from chalicelib.domain.reminders import ReminderStep
from chalicelib.domain.tax import TaxRounding


class IssuedInvoices(StrEnum):
    """Whether an issued invoice may be revised, or is locked so that only credit notes correct it."""

    REVISE = "revise"
    LOCKED = "locked"


class GeneratedInvoices(StrEnum):
    """Whether runs issue what they make, or leave drafts for review."""

    ISSUE = "issue"
    DRAFT = "draft"


class DateOrder(StrEnum):
    """`strict` keeps number order = date order within a series."""

    FREE = "free"
    STRICT = "strict"


class Restart(StrEnum):
    """Whether a series counts on for ever or begins again each calendar year of the invoice date."""

    NEVER = "never"
    YEARLY = "yearly"


class Paper(StrEnum):
    """Page size of documents."""

    A4 = "A4"
    LETTER = "Letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A number series; `format` knows {number}, {number:06}, {year}, {month}."""

    name: str
    format: str
    start: int
    restart: Restart = Restart.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings:
    """Everything an operator chooses. `logo` is a data: URI (PNG, JPEG, SVG); `payment_details` is printed as given.

    `template_id` draws the documents of customers without a choice of their own: a design, or a template of the operator.
    `email_from` is the sender of mails; `portal_url`, with {invoice_id} in it, is where their readers find a document.
    """

    name: str = "My Company"
    address: Address = field(default_factory=Address)
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    registration: str = ""
    logo: str = ""
    accent_colour: str = "#2563eb"
    paper: Paper = Paper.A4
    template_id: str = "modern"
    payment_details: str = ""
    footer: str = ""
    invoice_notes: str = ""
    line_grouping: LineGrouping = LineGrouping.DESTINATION
    tax_rounding: TaxRounding = TaxRounding.PER_GROUP
    prices_include_tax: bool = False
    issued_invoices: IssuedInvoices = IssuedInvoices.REVISE
    generated_invoices: GeneratedInvoices = GeneratedInvoices.ISSUE
    issue_zero_invoices: bool = False
    settling_hours: int = 2
    date_order: DateOrder = DateOrder.FREE
    invoice_series: Series = Series(name="invoices", format="INV-{number}", start=1001)
    credit_note_series: Series = Series(name="credit-notes", format="CN-{number}", start=1001)
    email_from: str = ""
    portal_url: str = ""
    reminders: tuple[ReminderStep, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSnapshot:
    """What a document keeps of its issuer, frozen at issue."""

    name: str
    address: Address
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    registration: str = ""
    logo: str = ""
    accent_colour: str = "#2563eb"
    paper: Paper = Paper.A4
    payment_details: str = ""
    footer: str = ""
