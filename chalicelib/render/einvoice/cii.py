"""An e-invoice as UN/CEFACT Cross Industry Invoice, profile EN 16931 of Factur-X 1.09. Decides nothing; order is the schema's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from chalicelib.render.einvoice.cii_lines import line_item, period
from chalicelib.render.einvoice.model import GUIDELINE, EInvoice, Party, PaymentMeans, TaxRow
from chalicelib.render.einvoice.tree import Markup, Sequence, amount, element, number, write

STANDARD = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "xmlns:rsm": f"{STANDARD}CrossIndustryInvoice:100",
    "xmlns:ram": f"{STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "xmlns:qdt": f"{STANDARD}QualifiedDataType:100",
    "xmlns:udt": f"{STANDARD}UnqualifiedDataType:100",
}
DAY = "102"
"""UNCL 2379: CCYYMMDD."""


def write_cii(invoice: EInvoice) -> Iterator[str]:
    """The XML of the e-invoice, piece by piece."""
    guideline = element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", GUIDELINE))
    head = (element("rsm:ExchangedDocumentContext", guideline), _document(invoice))
    trade = Sequence("rsm:SupplyChainTradeTransaction", _trade(invoice))
    return write(Sequence("rsm:CrossIndustryInvoice", (*head, trade), NAMESPACES))


def _document(invoice: EInvoice) -> Markup | None:
    return element(
        "rsm:ExchangedDocument",
        element("ram:ID", invoice.number),
        element("ram:TypeCode", invoice.type_code),
        element("ram:IssueDateTime", _day(invoice.issued_on)),
        element("ram:IncludedNote", element("ram:Content", invoice.note)),
    )


def _trade(invoice: EInvoice) -> Iterator[Markup | None]:
    yield from map(line_item, invoice.items)
    yield _agreement(invoice)
    yield _delivery(invoice)
    yield _settlement(invoice)


def _agreement(invoice: EInvoice) -> Markup | None:
    return element(
        "ram:ApplicableHeaderTradeAgreement",
        element("ram:BuyerReference", invoice.buyer_reference),
        _party("ram:SellerTradeParty", invoice.seller),
        _party("ram:BuyerTradeParty", invoice.buyer),
    )


def _party(tag: str, party: Party) -> Markup | None:
    address = party.address
    phone = element("ram:TelephoneUniversalCommunication", element("ram:CompleteNumber", party.phone))
    mail = element("ram:EmailURIUniversalCommunication", element("ram:URIID", party.email))
    return element(
        tag,
        element("ram:ID", party.identifier),
        element("ram:Name", party.name),
        element("ram:SpecifiedLegalOrganization", element("ram:ID", party.registration)),
        element("ram:DefinedTradeContact", phone, mail),
        element(
            "ram:PostalTradeAddress",
            element("ram:PostcodeCode", address.postcode),
            element("ram:LineOne", address.line1),
            element("ram:LineTwo", address.line2),
            element("ram:CityName", address.city),
            element("ram:CountryID", address.country),
            element("ram:CountrySubDivisionName", address.region),
        ),
        element("ram:URIUniversalCommunication", element("ram:URIID", party.email, schemeID="EM")),
        element("ram:SpecifiedTaxRegistration", element("ram:ID", party.vat_id, schemeID="VA")),
        element("ram:SpecifiedTaxRegistration", element("ram:ID", party.tax_number, schemeID="FC")),
    )


def _delivery(invoice: EInvoice) -> Markup | None:
    address = element("ram:PostalTradeAddress", element("ram:CountryID", invoice.ship_to))
    return element("ram:ApplicableHeaderTradeDelivery", element("ram:ShipToTradeParty", address))


def _settlement(invoice: EInvoice) -> Markup | None:
    return element(
        "ram:ApplicableHeaderTradeSettlement",
        element("ram:PaymentReference", invoice.payment.reference if invoice.payment else ""),
        element("ram:InvoiceCurrencyCode", invoice.currency),
        _means(invoice.payment) if invoice.payment else None,
        *(_tax(row) for row in invoice.taxes),
        period(invoice.period),
        element(
            "ram:SpecifiedTradePaymentTerms",
            element("ram:Description", invoice.terms),
            element("ram:DueDateDateTime", _day(invoice.due_on)),
        ),
        _summation(invoice),
        _preceding(invoice),
    )


def _means(means: PaymentMeans) -> Markup | None:
    name = element("ram:AccountName", means.account_name)
    return element(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        element("ram:TypeCode", means.code),
        element("ram:Information", means.text),
        element("ram:PayeePartyCreditorFinancialAccount", element("ram:IBANID", means.iban), name),
    )


def _tax(row: TaxRow) -> Markup | None:
    return element(
        "ram:ApplicableTradeTax",
        element("ram:CalculatedAmount", amount(row.amount)),
        element("ram:TypeCode", "VAT"),
        element("ram:ExemptionReason", row.reason),
        element("ram:BasisAmount", amount(row.base)),
        element("ram:CategoryCode", row.tax.category.value),
        element("ram:ExemptionReasonCode", row.reason_code),
        element("ram:RateApplicablePercent", "" if row.tax.percent is None else number(row.tax.percent)),
    )


def _summation(invoice: EInvoice) -> Markup | None:
    figures: list[tuple[str, Decimal, dict[str, str]]] = [
        ("LineTotalAmount", invoice.subtotal, {}),
        ("TaxBasisTotalAmount", invoice.subtotal, {}),
        ("TaxTotalAmount", invoice.tax_total, {"currencyID": invoice.currency}),
        ("GrandTotalAmount", invoice.total, {}),
        ("TotalPrepaidAmount", invoice.prepaid, {}),
        ("DuePayableAmount", invoice.due, {}),
    ]
    shown = [figure for figure in figures if figure[0] != "TotalPrepaidAmount" or invoice.prepaid]
    amounts = (element(f"ram:{name}", amount(value), **attributes) for name, value, attributes in shown)
    return element("ram:SpecifiedTradeSettlementHeaderMonetarySummation", *amounts)


def _preceding(invoice: EInvoice) -> Markup | None:
    if invoice.preceding is None:
        return None
    number_before, issued_on = invoice.preceding
    day = element("qdt:DateTimeString", f"{issued_on:%Y%m%d}" if issued_on else "", format=DAY)
    return element(
        "ram:InvoiceReferencedDocument",
        element("ram:IssuerAssignedID", number_before),
        element("ram:FormattedIssueDateTime", day),
    )


def _day(day: date | None) -> Markup | None:
    return element("udt:DateTimeString", f"{day:%Y%m%d}" if day else "", format=DAY)
