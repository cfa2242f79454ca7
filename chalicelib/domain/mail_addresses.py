"""A customer's addresses for mails: one main address, and others that get a copy of their own; which of them are trusted.

Whether anybody reads there is not known here; reports of the mail service tell (`distrust`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from chalicelib.domain.customer import AddressTrouble, Customer, EmailStatus
from chalicelib.domain.errors import Issue
from chalicelib.domain.party_rules import validate_email

MAX_COPIES = 10
"""Addresses that get a copy; each is a message of its own."""
COPY = "-cc-"
"""Stands between the name of a mail and what tells the address of its copy."""


def copy_name(name: str, address: str) -> str:
    """Name of the copy of a mail that goes to an address: the same address, however it is written, gets it once.

    >>> copy_name("issued", "CFO@acme.example") == copy_name("issued", "cfo@acme.example")
    True
    """
    return f"{name}{COPY}{hashlib.sha256(_same(address).encode()).hexdigest()[:16]}"


def validate_copies(customer: Customer) -> list[Issue]:
    """The issues of the addresses that get copies: each is one, and there is a main address."""
    issues = [issue for place, address in enumerate(customer.email_cc) for issue in _validate(address, f"email_cc.{place}")]
    if customer.email_cc and not customer.email:
        issues.append(Issue("email", "required", "Copies go along with a mail to the customer's own address; give one."))
    return issues


def with_copies_once(customer: Customer) -> Customer:
    """The customer with each address once, as it was written first, and no word about addresses that it no longer has."""
    addresses = {_same(customer.email): customer.email}
    for address in customer.email_cc:
        addresses.setdefault(_same(address), address)
    copies = tuple(addresses.values())[1:]
    troubles = tuple(each for each in customer.email_cc_troubles if each.address in copies)
    return replace(customer, email_cc=copies, email_cc_troubles=troubles)


def is_address_of(customer: Customer, address: str) -> bool:
    """Whether it is one of the customer's addresses."""
    return address in {customer.email, *customer.email_cc}


def find_trust(customer: Customer, address: str) -> EmailStatus:
    """What became of mails to an address; `ok` for one that is not the customer's."""
    if address == customer.email:
        return customer.email_status
    return next((each.status for each in customer.email_cc_troubles if each.address == address), EmailStatus.OK)


def distrust(customer: Customer, address: str, status: EmailStatus) -> Customer | None:
    """The customer with what became of mails to the address; None when it is not its address, or something was known before."""
    if not is_address_of(customer, address) or find_trust(customer, address) is not EmailStatus.OK:
        return None
    if address == customer.email:
        return replace(customer, email_status=status)
    trouble = AddressTrouble(address=address, status=status)
    return replace(customer, email_cc_troubles=(*customer.email_cc_troubles, trouble))


def _validate(address: str, path: str) -> list[Issue]:
    return validate_email(address, path) if address else [Issue(path, "required", "The address must not be empty.")]


def _same(address: str) -> str:
    return address.casefold()
