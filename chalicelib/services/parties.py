"""Loads who is billed by whom, with what is sold: the part of an invoice by hand that its input only names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.customer import Customer
from chalicelib.domain.drafting import Party
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.packages import Package
from chalicelib.services.tax_names import with_tax_name
from chalicelib.store.accounts import get_account
from chalicelib.store.packages import load_packages
from chalicelib.store.settings import get_settings


def load_party(customer_id: str, lines: Iterable[LineInput]) -> Party:
    """Customer, settings, and the catalogue where a line names a package; Invalid(unknown_customer) for a wrong id."""
    return Party(customer=_customer(customer_id), settings=get_settings(), packages=_packages(lines))


def load_nobody(lines: Iterable[LineInput], at: datetime) -> Party:
    """The party of an invoice for an unknown customer: enough to judge the rest of it, and never billed."""
    return Party(customer=build_nobody(at), settings=get_settings(), packages=_packages(lines))


def build_nobody(at: datetime, currency: str = "EUR") -> Customer:
    """Stands in for a customer that does not exist where the rest of the input is judged; it is never kept."""
    return Customer(id="nobody", name="Nobody", currency=currency, created_at=at, updated_at=at)


def _packages(lines: Iterable[LineInput]) -> Mapping[str, Package]:
    return load_packages() if any(line.package_id for line in lines) else {}


def _customer(customer_id: str) -> Customer:
    try:
        return with_tax_name(get_account(customer_id).customer)
    except NotFound as error:
        raise Invalid.of(Issue("customer_id", "unknown_customer", "There is no customer with this id.")) from error
