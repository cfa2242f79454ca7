"""The catalogue and what customers have of it. What an assignment owes on which day is in `charges`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.customer import Frequency
from chalicelib.domain.tax import Tax


class ChargeTiming(StrEnum):
    """`advance`: the match day's charge covers the interval that begins there; `arrears`: it falls on its last day."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class PackageStatus(StrEnum):
    """Archived packages stay on their assignments but cannot be newly assigned."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What can be sold. `match_days`: weekly ISO weekdays 1-7, monthly 1-31 (29-31 clamp); empty = anniversary of the start.

    `tax` None means the customer's. Prices are exact decimals in the customer's currency, of any scale.
    """

    id: str
    name: str
    description: str = ""
    unit_price: Decimal = Decimal(0)
    setup_price: Decimal = Decimal(0)
    quantity: Decimal = Decimal(1)
    tax: Tax | None = None
    frequency: Frequency = Frequency.MONTHLY
    match_days: tuple[int, ...] = ()
    charge: ChargeTiming = ChargeTiming.ADVANCE
    prorate: bool = False
    minimum_spend: bool = False
    status: PackageStatus = PackageStatus.ACTIVE
    version: int = 1
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A package on a customer. None for prices and description means the package's; `end_date` is the last day of use."""

    id: str
    customer_id: str
    package_id: str
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    setup_price: Decimal | None = None
    description: str | None = None
    start_date: date
    end_date: date | None = None
    settlement_day: date | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime
