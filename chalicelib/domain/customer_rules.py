"""What a customer may be, and what may change about it: every complaint at once.

Whether its locale can be printed is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.customer import Customer, EmailStatus
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.line_rules import validate_tax
from chalicelib.domain.mail_addresses import validate_copies
from chalicelib.domain.money import exponent
from chalicelib.domain.party_rules import validate_address, validate_email
from chalicelib.domain.periods import validate_schedule, validate_timezone

MAX_DUE_DAYS = 365


def validate_customer(customer: Customer) -> list[Issue]:
    """Every issue of a customer, with paths such as `tax.percent`."""
    issues = [*_currency_issues(customer.currency), *validate_timezone(customer.timezone)]
    issues += [*validate_email(customer.email), *validate_address(customer.address), *validate_tax(customer.tax, "tax")]
    issues += validate_copies(customer)
    if customer.schedule is not None:
        issues += validate_schedule(customer.schedule)
    if not 0 <= customer.invoice_due_days <= MAX_DUE_DAYS:
        issues.append(Issue("invoice_due_days", "invalid_value", f"Invoices are due after 0 to {MAX_DUE_DAYS} days."))
    return issues


def validate_currency_kept(before: Customer, after: Customer) -> list[Issue]:
    """The issue of a changed currency: a customer has one for life, since its books cannot be converted."""
    if before.currency == after.currency:
        return []
    return [Issue("currency", "invalid_value", f"The currency stays {before.currency}; make another customer.")]


def with_billing_start(customer: Customer, today: date) -> Customer:
    """The customer, billed from today (its local date) on if it has a schedule and no start yet."""
    if customer.schedule is None or customer.billing_start is not None:
        return customer
    return replace(customer, billing_start=today)


def with_address_trusted(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes of a customer; whoever gives its e-mail address, even the same again, vouches that mails arrive there."""
    return {**changes, "email_status": EmailStatus.OK} if "email" in changes else changes


def _currency_issues(currency: str) -> list[Issue]:
    try:
        exponent(currency)
    except Invalid as error:
        return list(error.issues)
    return []
