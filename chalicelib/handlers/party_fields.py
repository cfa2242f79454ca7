"""Request models that several resources share: addresses, taxes, schedules."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.domain.customer import Frequency
from chalicelib.domain.tax import TaxCategory
from chalicelib.handlers.fields import OneLine, Price, Text
from chalicelib.handlers.requests import Body, Changes


class AddressInput(Changes):
    """A postal address; `country` is an ISO 3166 alpha-2 code or empty."""

    line1: OneLine = ""
    line2: OneLine = ""
    city: OneLine = ""
    region: OneLine = ""
    postcode: OneLine = ""
    country: OneLine = ""


class TaxInput(Changes):
    """A tax; categories other than S and Z need a reason.

    Without a name, documents print the customer's, and without that the word of the customer's language (VAT, USt., TVA …).
    """

    category: TaxCategory = TaxCategory.STANDARD
    percent: Price = Decimal(0)
    name: OneLine = ""
    reason: Text = ""


class ScheduleInput(Body):
    """daily without anchor; weekly: ISO weekday 1-7; monthly: day 1-31, clamped to the month's end."""

    frequency: Frequency
    anchor: int | None = None
