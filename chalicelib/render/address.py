"""A party's postal address as printed, in the order of its country.

Prints nothing that is internal (ids, e-mail choices).
"""

from __future__ import annotations

from babel import Locale

from chalicelib.domain.customer import Address

CITY_FIRST = frozenset({"US", "CA", "AU", "IN"})
"""Countries that write city, region and postcode on one line, in this order."""

COMMA = {"ar": "، "}
"""Between town and country, in languages that have another comma than English."""


def address_lines(address: Address, locale: Locale) -> list[str]:
    """The lines of a postal address without the name; the last ends with the country in the document's language."""
    lines = [line for line in (address.line1, address.line2, *_town(address)) if line.strip()]
    country = str(locale.territories.get(address.country, address.country))
    if not country:
        return lines
    return [*lines[:-1], COMMA.get(locale.language, ", ").join((lines[-1], country))] if lines else [country]


def _town(address: Address) -> list[str]:
    if address.country in CITY_FIRST:
        return [", ".join(filter(None, (address.city, f"{address.region} {address.postcode}".strip())))]
    if address.country in {"GB", "IE"}:
        return [address.city, address.region, address.postcode]
    return [f"{address.postcode} {address.city}".strip(), address.region]
