"""Loads who is billed by whom, with what is sold: the part of an invoice by hand that its input only names."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.customer import Customer
from chalicelib.domain.drafting import Party
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.manual_lines import LineInput
from chalicelib.store.accounts import get_account
from chalicelib.store.packages import load_packages
from chalicelib.store.settings import get_settings


def load_party(customer_id: str, lines: Iterable[LineInput]) -> Party:
    """Customer, settings, and the catalogue where a line names a package; Invalid(unknown_customer) for a wrong id."""
    packages = load_packages() if any(line.package_id for line in lines) else {}
    return Party(customer=_customer(customer_id), settings=get_settings(), packages=packages)


def _customer(customer_id: str) -> Customer:
    try:
        return get_account(customer_id).customer
    except NotFound as error:
        raise Invalid.of(Issue("customer_id", "unknown_customer", "There is no customer with this id.")) from error
