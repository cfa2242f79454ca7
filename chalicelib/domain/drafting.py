"""Invoices by hand: what a clerk's input makes of a new draft, and how a draft or an issued invoice is changed.

Customer, settings and packages are given, and so are the instant and the id. Whether the state allows the change is asked
first, in `states`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.blank_invoice import blank_invoice
from chalicelib.domain.customer import Customer
from chalicelib.domain.date_rules import validate_ahead
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.line_rules import validate_lines, validate_total
from chalicelib.domain.manual_lines import LineInput, build_lines
from chalicelib.domain.operator import DateOrder, OperatorSettings
from chalicelib.domain.packages import Package
from chalicelib.domain.periods import local_date
from chalicelib.domain.states import plan_revision
from chalicelib.domain.tax import Tax
from chalicelib.domain.totals import apply_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """An invoice by hand. None: today in the customer's zone, the customer's terms, the operator's notes and price policy."""

    customer_id: str
    invoice_date: date | None = None
    due_date: date | None = None
    lines: tuple[LineInput, ...] = ()
    notes: str | None = None
    buyer_reference: str = ""
    prices_include_tax: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceChanges:
    """What is to change; None leaves as it is. A list of lines replaces all lines. Grouping has its own plan (`regrouping`)."""

    invoice_date: date | None = None
    due_date: date | None = None
    lines: tuple[LineInput, ...] | None = None
    notes: str | None = None
    buyer_reference: str | None = None
    prices_include_tax: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who is billed by whom, with what is sold."""

    customer: Customer
    settings: OperatorSettings
    packages: Mapping[str, Package]


def plan_draft(new: NewInvoice, party: Party, *, invoice_id: str, at: datetime) -> Invoice:
    """The draft, with totals; Invalid with every issue of lines, dates and total at once."""
    customer, settings = party.customer, party.settings
    invoice_date = new.invoice_date or local_date(at, customer.timezone)
    blank = blank_invoice(customer, settings, invoice_id=invoice_id, invoice_date=invoice_date, at=at)
    asked = replace(
        blank,
        due_date=new.due_date or blank.due_date,
        prices_include_tax=blank.prices_include_tax if new.prices_include_tax is None else new.prices_include_tax,
        notes=blank.notes if new.notes is None else new.notes,
        buyer_reference=new.buyer_reference,
    )
    planned, issues = _with_lines(asked, new.lines, party.packages, customer.tax)
    return _checked((planned, issues + validate_ahead(invoice_date, at, "invoice_date")))


def plan_edit(draft: Invoice, changes: InvoiceChanges, packages: Mapping[str, Package], tax: Tax) -> Invoice:
    """The draft as changed, with totals; Invalid with every issue. A new invoice date moves the due date along."""
    return _checked(_changed(draft, changes, packages, tax))


def plan_correction(
    issued: Invoice, changes: InvoiceChanges, packages: Mapping[str, Package], tax: Tax, settings: OperatorSettings
) -> Invoice:
    """The next revision of an issued invoice, or the invoice itself when nothing changes.

    Raises Invalid as `plan_edit` does; Conflict wrong_state for what is frozen at issue, date_order where dates must follow the
    numbers, total_below_paid.
    """
    if changes.prices_include_tax not in {None, issued.prices_include_tax}:
        raise Conflict("wrong_state", "Whether prices include tax is frozen with the issue.")
    changed, issues = _changed(issued, changes, packages, tax)
    if issues:
        raise Invalid.of(*issues)
    if changed.invoice_date != issued.invoice_date and settings.date_order is DateOrder.STRICT:
        message = f"The series keeps date order, so an issued invoice keeps its date, {issued.invoice_date}."
        raise Conflict("date_order", message, earliest=issued.invoice_date.isoformat())
    return issued if changed == issued else plan_revision(issued, changed)


def _changed(invoice: Invoice, changes: InvoiceChanges, packages: Mapping[str, Package], tax: Tax) -> tuple[Invoice, list[Issue]]:
    """The invoice with the changes, totals not yet calculated, and every issue."""
    moved = (changes.invoice_date or invoice.invoice_date) - invoice.invoice_date
    texts = {"notes": changes.notes, "buyer_reference": changes.buyer_reference, "prices_include_tax": changes.prices_include_tax}
    changed = replace(
        invoice,
        invoice_date=invoice.invoice_date + moved,
        due_date=changes.due_date or invoice.due_date + moved,
        **{name: value for name, value in texts.items() if value is not None},  # type: ignore[arg-type]  # values fit their names
    )
    if changes.lines is None:
        return changed, _date_issues(changed)
    return _with_lines(changed, changes.lines, packages, tax)


def _with_lines(
    invoice: Invoice, inputs: tuple[LineInput, ...], packages: Mapping[str, Package], tax: Tax
) -> tuple[Invoice, list[Issue]]:
    lines, issues = build_lines(inputs, packages=packages, tax=tax, old=invoice.lines)
    issues += validate_lines(lines, invoice.currency)
    return replace(invoice, lines=lines), issues + _date_issues(invoice)


def _checked(planned: tuple[Invoice, list[Issue]]) -> Invoice:
    invoice, issues = planned
    if not issues:
        invoice = apply_totals(invoice)
        issues = validate_total(invoice.total)
    if issues:
        raise Invalid.of(*issues)
    return invoice


def _date_issues(invoice: Invoice) -> list[Issue]:
    if invoice.due_date < invoice.invoice_date:
        return [Issue("due_date", "invalid_date", "The due date lies before the invoice date.")]
    return []
