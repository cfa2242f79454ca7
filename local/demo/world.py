"""Who takes part in the demo: the operator, its packages, its customers. Everything is invented, and the same on every machine.

Values only, in the form that the API takes; nothing here calls it.
"""

from __future__ import annotations

import base64
import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

SEED = 20_261_101
CUSTOMERS = Path(__file__).with_name("customers.csv")

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 232 56" width="232" height="56">
<defs><linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="#22d3ee"/><stop offset="1" stop-color="#0f4c81"/>
</linearGradient></defs><rect x="2" y="2" width="52" height="52" rx="14" fill="url(#sky)"/>
<path d="M15 38 L28 13 L41 38 L28 31 Z" fill="#ffffff"/><path d="M28 13 L41 38 L28 31 Z" fill="#cffafe"/>
<text x="66" y="29" font-family="Inter" font-size="23" font-weight="700" fill="#0f2f4f">Northlight</text>
<text x="67" y="46" font-family="Inter" font-size="12" letter-spacing="3.1" fill="#0f4c81">TELECOM</text></svg>"""

OPERATOR: dict[str, Any] = {
    "name": "Northlight Telecom GmbH",
    "address": {"line1": "Speicherstraße 57", "city": "Frankfurt am Main", "postcode": "60327", "country": "DE"},
    "tax_id": "DE311842765",
    "email": "billing@northlight.example",
    "phone": "+49 69 9001 0",
    "website": "https://northlight.example",
    "registration": "Amtsgericht Frankfurt am Main, HRB 104217",
    "logo": "data:image/svg+xml;base64," + base64.b64encode(LOGO.encode()).decode(),
    "accent_colour": "#0f4c81",
    "payment_details": "Northlight Telecom GmbH\nIBAN DE89 3704 0044 0532 0130 00\nBIC COBADEFFXXX\nCommerzbank Frankfurt",
    "footer": "Northlight Telecom GmbH · Managing directors: Ida Brandt, Jonas Okafor",
    "invoice_notes": "Please quote the invoice number with your payment. Call records are available in the customer portal.",
    "line_grouping": "destination",
    "invoice_series": {"name": "invoices", "format": "NL-{year}-{number:06}", "start": 1, "restart": "yearly"},
}

PACKAGES: tuple[dict[str, Any], ...] = (
    {"name": "SIP trunk, 30 channels", "unit_price": "89.00", "setup_price": "120.00", "frequency": "monthly", "match_days": [1]},
    {"name": "Direct-dial block, 100 numbers", "unit_price": "35.00", "frequency": "monthly", "match_days": [1]},
    {"name": "Geographic number", "unit_price": "1.50", "quantity": "5", "frequency": "monthly", "match_days": [1]},
    {"name": "Support 24/7", "unit_price": "150.00", "frequency": "monthly", "match_days": [1], "charge": "arrears"},
    {"name": "Minimum commitment", "unit_price": "400.00", "frequency": "monthly", "match_days": [1], "minimum_spend": True},
    {"name": "Fraud watch", "unit_price": "12.50", "frequency": "weekly", "match_days": [1]},
    {"name": "Channel day pass", "unit_price": "4.00", "quantity": "2", "frequency": "daily"},
    {"name": "Number porting", "unit_price": "25.00", "quantity": "3", "frequency": "none"},
)
BY_FREQUENCY = {"daily": (6, 7), "weekly": (5, 6, 7), "monthly": (0, 1, 2, 3, 4)}
"""Which packages suit customers of a frequency, by position in PACKAGES."""

PER_EURO = {
    "AED": "4.2", "AUD": "1.65", "BRL": "6.1", "CAD": "1.5", "CHF": "0.95", "EUR": "1", "GBP": "0.85", "INR": "92", "JPY": "162",
    "KWD": "0.335", "NOK": "11.6", "NZD": "1.8", "PLN": "4.3", "SGD": "1.45", "USD": "1.1", "ZAR": "20",
}  # fmt: skip
"""Rough prices of a euro, for price lists that look right."""
WHOLE_UNITS = frozenset({"JPY"})

TAXES: dict[str, dict[str, str]] = {
    "domestic": {"category": "S", "percent": "19"},
    "reverse": {
        "category": "AE",
        "percent": "0",
        "reason": "Reverse charge, Article 196 of Directive 2006/112/EC",
    },
    "outside": {
        "category": "O",
        "percent": "0",
        "reason": "Place of supply outside the EU, not subject to EU VAT",
    },
    "exempt": {"category": "E", "percent": "0", "reason": "Steuerbefreit nach § 4 UStG"},
}


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer as the generator of calls needs it, and its request body."""

    id: str
    country: str
    currency: str
    timezone: str
    frequency: str
    weight: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Month:
    """The billed month: from its first day to the first day of the next."""

    first: date
    next_first: date

    @property
    def label(self) -> str:
        """As `2026-10`."""
        return f"{self.first:%Y-%m}"


def last_full_month(today: date) -> Month:
    """The month before the one of `today`; that it is over in every zone is the caller's care.

    >>> last_full_month(date(2026, 1, 15)).label
    '2025-12'
    """
    next_first = today.replace(day=1)
    return Month((next_first - timedelta(days=1)).replace(day=1), next_first)


def read_customers(month: Month) -> list[DemoCustomer]:
    """The customers of the file, billed since the first of the month."""
    with CUSTOMERS.open(encoding="utf-8", newline="") as file:
        return [_customer(row, month) for row in csv.DictReader(file)]


def choose_packages(customer: DemoCustomer) -> list[tuple[int, dict[str, Any]]]:
    """Positions in PACKAGES with the prices of the customer's own currency; the same choice every time."""
    chance = random.Random(f"{SEED}/{customer.id}")
    positions = BY_FREQUENCY[customer.frequency]
    chosen = sorted(chance.sample(positions, k=min(len(positions), chance.randint(1, 3))))
    return [(position, _prices(PACKAGES[position], customer.currency)) for position in chosen]


def _customer(row: dict[str, str], month: Month) -> DemoCustomer:
    body = {
        "id": row["id"],
        "name": row["name"],
        "email": f"accounts@{row['id']}.example",
        "address": {key: row[key] for key in ("line1", "city", "region", "postcode", "country")},
        "tax_id": row["tax_id"],
        "currency": row["currency"],
        "locale": row["locale"],
        "timezone": row["timezone"],
        "tax": TAXES[row["tax"]],
        "invoice_due_days": 30 if row["frequency"] == "monthly" else 14,
        "schedule": {"frequency": row["frequency"], "anchor": _anchor(row["frequency"], month)},
        "billing_start": month.first.isoformat(),
    }
    return DemoCustomer(row["id"], row["country"], row["currency"], row["timezone"], row["frequency"], int(row["weight"]), body)


def _anchor(frequency: str, month: Month) -> int | None:
    """Weeks end with the month, so that one set of runs bills all of it."""
    return {"daily": None, "weekly": month.next_first.isoweekday(), "monthly": 1}[frequency]


def _prices(package: dict[str, Any], currency: str) -> dict[str, Any]:
    names = [name for name in ("unit_price", "setup_price") if name in package]
    prices = {name: _convert(package[name], currency) for name in names}
    return prices | {"quantity": package.get("quantity", "1")}


def _convert(price: str, currency: str) -> str:
    step = Decimal(1) if currency in WHOLE_UNITS else Decimal("0.05")
    return str((Decimal(price) * Decimal(PER_EURO[currency]) / step).to_integral_value() * step)
