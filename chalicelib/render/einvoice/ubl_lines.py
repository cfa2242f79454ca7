"""A line of an e-invoice in UBL, and the parts that lines and documents write alike."""

from __future__ import annotations

from functools import lru_cache

from chalicelib.render.einvoice.cii_lines import DISCOUNT_CODE, KEPT
from chalicelib.render.einvoice.model import Discount, EInvoice, Item, LineTax, Period
from chalicelib.render.einvoice.tree import Markup, amount, element, number


def line_item(item: Item, invoice: EInvoice, root: str) -> Markup | None:
    """The line of a document whose root is `Invoice` or `CreditNote`."""
    quantity = "CreditedQuantity" if invoice.is_credit_note else "InvoicedQuantity"
    return element(
        f"cac:{root}Line",
        element("cbc:ID", item.id),
        element(f"cbc:{quantity}", number(item.quantity), unitCode=item.unit_code),
        element("cbc:LineExtensionAmount", amount(item.net), currencyID=invoice.currency),
        period(item.period),
        _discount(item.discount, invoice.currency) if item.discount else None,
        _product(item),
        element("cac:Price", element("cbc:PriceAmount", number(item.price), currencyID=invoice.currency)),
    )


@lru_cache(KEPT)
def period(days: Period | None) -> Markup | None:
    """The days, as far as given."""
    if days is None:
        return None
    return element(
        "cac:InvoicePeriod",
        element("cbc:StartDate", days.start.isoformat() if days.start else ""),
        element("cbc:EndDate", days.end.isoformat() if days.end else ""),
    )


def tax_scheme(scheme: str) -> Markup | None:
    """Which tax is meant."""
    return element("cac:TaxScheme", element("cbc:ID", scheme))


def _discount(discount: Discount, currency: str) -> Markup | None:
    return element(
        "cac:AllowanceCharge",
        element("cbc:ChargeIndicator", "true" if discount.is_charge else "false"),
        element("cbc:AllowanceChargeReasonCode", "" if discount.is_charge else DISCOUNT_CODE),
        element("cbc:AllowanceChargeReason", "Discount"),
        element("cbc:MultiplierFactorNumeric", number(discount.percent)),
        element("cbc:Amount", amount(discount.amount), currencyID=currency),
        element("cbc:BaseAmount", amount(discount.base), currencyID=currency),
    )


def _product(item: Item) -> Markup | None:
    return element(
        "cac:Item",
        element("cbc:Description", item.description),
        element("cbc:Name", item.name),
        _tax(item.tax),
        *(_attribute(name, value) for name, value in item.attributes),
    )


@lru_cache(KEPT)
def _tax(tax: LineTax) -> Markup | None:
    return element(
        "cac:ClassifiedTaxCategory",
        element("cbc:ID", tax.category.value),
        element("cbc:Percent", "" if tax.percent is None else number(tax.percent)),
        tax_scheme("VAT"),
    )


def _attribute(name: str, value: str) -> Markup | None:
    return element("cac:AdditionalItemProperty", element("cbc:Name", name), element("cbc:Value", value))
