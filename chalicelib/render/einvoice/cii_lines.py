"""A line of an e-invoice in CII, and periods, which lines and documents write alike."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from chalicelib.render.einvoice.model import Discount, Item, LineTax, Period
from chalicelib.render.einvoice.tree import Markup, amount, element, number

DISCOUNT_CODE = "95"
"""UNCL 5189: discount; charges have no code for it."""
KEPT = 64
"""Taxes and periods that are written once, as most lines of a document share theirs."""


def line_item(item: Item) -> Markup | None:
    """The line."""
    price = element("ram:NetPriceProductTradePrice", element("ram:ChargeAmount", number(item.price)))
    quantity = element("ram:BilledQuantity", number(item.quantity), unitCode=item.unit_code)
    return element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:AssociatedDocumentLineDocument", element("ram:LineID", item.id)),
        element(
            "ram:SpecifiedTradeProduct",
            element("ram:Name", item.name),
            element("ram:Description", item.description),
            *(_attribute(name, value) for name, value in item.attributes),
        ),
        element("ram:SpecifiedLineTradeAgreement", price),
        element("ram:SpecifiedLineTradeDelivery", quantity),
        _settlement(item),
    )


@lru_cache(KEPT)
def period(days: Period | None) -> Markup | None:
    """The days, as far as given."""
    if days is None:
        return None
    return element(
        "ram:BillingSpecifiedPeriod",
        element("ram:StartDateTime", _day(days.start)),
        element("ram:EndDateTime", _day(days.end)),
    )


def _settlement(item: Item) -> Markup | None:
    total = element("ram:LineTotalAmount", amount(item.net))
    return element(
        "ram:SpecifiedLineTradeSettlement",
        _tax(item.tax),
        period(item.period),
        _discount(item.discount) if item.discount else None,
        element("ram:SpecifiedTradeSettlementLineMonetarySummation", total),
    )


@lru_cache(KEPT)
def _tax(tax: LineTax) -> Markup | None:
    return element(
        "ram:ApplicableTradeTax",
        element("ram:TypeCode", "VAT"),
        element("ram:CategoryCode", tax.category.value),
        element("ram:RateApplicablePercent", "" if tax.percent is None else number(tax.percent)),
    )


def _discount(discount: Discount) -> Markup | None:
    return element(
        "ram:SpecifiedTradeAllowanceCharge",
        element("ram:ChargeIndicator", element("udt:Indicator", "true" if discount.is_charge else "false")),
        element("ram:CalculationPercent", number(discount.percent)),
        element("ram:BasisAmount", amount(discount.base)),
        element("ram:ActualAmount", amount(discount.amount)),
        element("ram:ReasonCode", "" if discount.is_charge else DISCOUNT_CODE),
        element("ram:Reason", "Discount"),
    )


def _attribute(name: str, value: str) -> Markup | None:
    return element("ram:ApplicableProductCharacteristic", element("ram:Description", name), element("ram:Value", value))


def _day(day: date | None) -> Markup | None:
    return element("udt:DateTimeString", f"{day:%Y%m%d}" if day else "", format="102")
