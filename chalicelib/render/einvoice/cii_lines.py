"""A line of an e-invoice in CII, and periods, which lines and documents write alike."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

from chalicelib.render.einvoice.model import Discount, Item, Period
from chalicelib.render.einvoice.tree import amount, element, number

DISCOUNT_CODE = "95"
"""UNCL 5189: discount; charges have no code for it."""


def line_item(item: Item) -> Element | None:
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


def period(days: Period | None) -> Element | None:
    """The days, as far as given."""
    if days is None:
        return None
    return element(
        "ram:BillingSpecifiedPeriod",
        element("ram:StartDateTime", _day(days.start)),
        element("ram:EndDateTime", _day(days.end)),
    )


def _settlement(item: Item) -> Element | None:
    total = element("ram:LineTotalAmount", amount(item.net))
    return element(
        "ram:SpecifiedLineTradeSettlement",
        element(
            "ram:ApplicableTradeTax",
            element("ram:TypeCode", "VAT"),
            element("ram:CategoryCode", item.tax.category.value),
            element("ram:RateApplicablePercent", "" if item.tax.percent is None else number(item.tax.percent)),
        ),
        period(item.period),
        _discount(item.discount) if item.discount else None,
        element("ram:SpecifiedTradeSettlementLineMonetarySummation", total),
    )


def _discount(discount: Discount) -> Element | None:
    return element(
        "ram:SpecifiedTradeAllowanceCharge",
        element("ram:ChargeIndicator", element("udt:Indicator", "true" if discount.is_charge else "false")),
        element("ram:CalculationPercent", number(discount.percent)),
        element("ram:BasisAmount", amount(discount.base)),
        element("ram:ActualAmount", amount(discount.amount)),
        element("ram:ReasonCode", "" if discount.is_charge else DISCOUNT_CODE),
        element("ram:Reason", "Discount"),
    )


def _attribute(name: str, value: str) -> Element | None:
    return element("ram:ApplicableProductCharacteristic", element("ram:Description", name), element("ram:Value", value))


def _day(day: date | None) -> Element | None:
    return element("udt:DateTimeString", f"{day:%Y%m%d}" if day else "", format="102")
