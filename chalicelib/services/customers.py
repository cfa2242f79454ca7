"""Customers: made, changed, listed, deleted while they have no documents. Every write keeps the billing clock in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from babel import Locale, UnknownLocaleError

from chalicelib.domain.changes import merged
from chalicelib.domain.customer import Customer
from chalicelib.domain.customer_rules import (
    validate_currency_kept,
    validate_customer,
    with_address_trusted,
    with_billing_start,
)
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.mail_addresses import with_copies_once
from chalicelib.domain.periods import local_date
from chalicelib.services.deps import Deps
from chalicelib.services.template_choice import validate_template
from chalicelib.services.versions import check_version
from chalicelib.store import customers as store
from chalicelib.store.accounts import Account, get_account
from chalicelib.store.clock import build_clock
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomer:
    """A customer to make; `id` None: a new one. `fields` are any other fields of a customer."""

    name: str
    currency: str
    id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def create_customer(deps: Deps, command: CreateCustomer) -> Customer:
    """Make a customer. Raises Invalid with every issue, Conflict `already_exists` for a taken id."""
    now = deps.clock()
    bare = Customer(id=command.id or deps.new_id(), name=command.name, currency=command.currency, created_at=now, updated_at=now)
    customer = _checked(deps, merged(bare, command.fields))
    clock = build_clock(customer, None, get_settings().settling_hours)
    store.put_customer(customer, clock, deps.settings.list_shards, deps.settings.due_shards)
    return customer


def check_new(deps: Deps, fields: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of a customer to be; makes nothing, and does not miss what is not there."""
    now = deps.clock()
    bare = Customer(id="new", name="New", currency="EUR", created_at=now, updated_at=now)
    _checked(deps, merged(bare, fields))


def check_changes(deps: Deps, customer_id: str, changes: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of the customer as it would be after a change; changes nothing. NotFound."""
    before = store.get_customer(customer_id)
    changed = merged(before, changes)
    _checked(deps, changed, *validate_currency_kept(before, changed))


def get_customer(customer_id: str) -> Customer:
    """The customer; NotFound."""
    return store.get_customer(customer_id)


def list_customers(deps: Deps, prefix: str, limit: int, cursor: str | None) -> tuple[list[Customer], str | None]:
    """A page of the customers whose name begins so, by name."""
    return store.list_customers(prefix, limit, cursor, deps.settings.list_shards)


def update_customer(deps: Deps, customer_id: str, changes: Mapping[str, Any], expected: int | None) -> Customer:
    """Change the fields given. Raises Invalid with every issue, NotFound, Conflict `stale_version`."""
    account = get_account(customer_id)
    before = account.customer
    check_version(before.version, expected)
    changed = merged(before, {**with_address_trusted(changes), "updated_at": deps.clock()})
    after = _checked(deps, changed, *validate_currency_kept(before, changed))
    mark = account.clock.mark if account.clock else ""
    clock = build_clock(after, _billed_through(account, after), get_settings().settling_hours, mark)
    changed_clock = clock if account.clock is None or clock.plan != account.clock.plan else None
    shards = (deps.settings.list_shards, deps.settings.due_shards)
    return store.save_customer(after, changed_clock, *shards, template_before=before.template_id)


def _billed_through(account: Account, after: Customer) -> date | None:
    """The last billed day to go on from; none where billing now starts earlier, so that runs look at the days between too."""
    before, start = account.customer.billing_start, after.billing_start
    is_earlier = before is not None and start is not None and start < before
    return None if account.clock is None or is_earlier else account.clock.billed_through


def delete_customer(customer_id: str, expected: int | None) -> None:
    """Delete a customer that has neither documents nor usage. Raises Conflict `has_documents`, `stale_version`, NotFound."""
    account = get_account(customer_id)
    check_version(account.customer.version, expected)
    if store.has_documents(customer_id):
        raise Conflict("has_documents")
    store.delete_customer(account.customer, tuple(each.id for each in account.assignments))


def _checked(deps: Deps, customer: Customer, *more: Issue) -> Customer:
    """The customer as it may be saved: judged as a whole, and billed from today on if its schedule was just switched on."""
    issues = [*validate_customer(customer), *more, *_locale_issues(customer.locale), *validate_template(customer.template_id)]
    if issues:
        raise Invalid.of(*issues)
    return with_billing_start(with_copies_once(customer), local_date(deps.clock(), customer.timezone))


def _locale_issues(locale: str) -> list[Issue]:
    try:
        Locale.parse(locale, sep="-" if "-" in locale else "_")
    except (UnknownLocaleError, ValueError):
        return [
            Issue("locale", "invalid_value", f"{locale!r} is not a locale that documents can be printed in, such as en or de-CH.")
        ]
    return []
