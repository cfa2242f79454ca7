"""What addresses and contacts of a party (operator or customer) may be. Texts are limited at the edge; this is about meaning."""

from __future__ import annotations

import re

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.customer import Address
from chalicelib.domain.errors import Issue

MAX_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\.]+(\.[^@\s<>,;:\"()\[\]\\.]+)+")


def validate_email(email: str, path: str = "email") -> list[Issue]:
    """The issues of an optional e-mail address; whether it is anybody's is not known here.

    >>> validate_email(""), validate_email("ap@example.com"), validate_email("ap@example")[0].code
    ([], [], 'invalid_value')
    """
    if not email or (len(email) <= MAX_EMAIL and _EMAIL.fullmatch(email)):
        return []
    return [Issue(path, "invalid_value", "This is not an e-mail address.")]


def validate_address(address: Address) -> list[Issue]:
    """The issues of an address: its country is empty or an ISO 3166 alpha-2 code.

    >>> validate_address(Address(country="GB")), validate_address(Address(country="UK"))[0].path
    ([], 'address.country')
    """
    if not address.country or address.country in COUNTRIES:
        return []
    return [Issue("address.country", "invalid_value", f"{address.country!r} is not an ISO 3166 country code such as GB.")]
