"""Destinations and numbers of the real world: countries, their mobile and fixed numbers, and what a minute to them costs about.

Numbers come from the phone-metadata library and are valid in form; none is taken from anybody.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import phonenumbers
from babel import Locale
from phonenumbers import PhoneNumberFormat, PhoneNumberType

FIXED, MOBILE = PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE
COUNTRIES = [
    "DE",
    "FR",
    "GB",
    "NL",
    "IT",
    "ES",
    "PL",
    "GR",
    "AT",
    "BE",
    "CH",
    "NO",
    "SE",
    "DK",
    "PT",
    "IE",
    "CZ",
    "RO",
    "HU",
    "TR",
    "UA",
    "US",
    "CA",
    "MX",
    "BR",
    "AR",
    "CO",
    "CL",
    "JP",
    "CN",
    "KR",
    "IN",
    "PK",
    "BD",
    "LK",
    "TH",
    "VN",
    "PH",
    "ID",
    "MY",
    "SG",
    "AU",
    "NZ",
    "KW",
    "AE",
    "SA",
    "QA",
    "EG",
    "MA",
    "NG",
    "KE",
    "GH",
    "ZA",
    "IL",
    "JO",
]
CHEAP = frozenset(["DE", "FR", "GB", "NL", "IT", "ES", "PL", "US", "CA", "SE", "DK", "CN", "SG", "AU", "IE"])
NUMBERS_EACH = 24


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination as a rate card names it. `price` is in millionths of a euro per minute."""

    name: str
    country: str
    price: int
    numbers: tuple[str, ...]


def build_destinations(seed: int) -> list[Destination]:
    """Fixed and mobile destinations of all countries; countries that do not tell them apart have one."""
    names = Locale("en").territories
    found = []
    for country in COUNTRIES:
        for kind, label in ((FIXED, "Fixed"), (MOBILE, "Mobile")):
            chance = random.Random(f"{seed}/{country}/{label}")
            numbers = _numbers(country, kind, chance)
            if numbers:
                found.append(Destination(f"{names[country]} {label}", country, _price(country, label, chance), numbers))
    return found


def _numbers(country: str, kind: int, chance: random.Random) -> tuple[str, ...]:
    """Valid numbers around the library's example, E.164 without the plus sign."""
    example = phonenumbers.example_number_for_type(country, kind)
    if example is None:
        return ()
    plain = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    tries = [f"{plain[:-4]}{chance.randrange(10_000):04}" for _ in range(NUMBERS_EACH)]
    return tuple(number[1:] for number in tries if phonenumbers.is_valid_number(phonenumbers.parse(number)))


def _price(country: str, label: str, chance: random.Random) -> int:
    low, high = (3_000, 18_000) if country in CHEAP else (25_000, 160_000)
    return chance.randrange(low, high, 100) * (3 if label == "Mobile" else 1)
