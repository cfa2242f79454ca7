"""An e-invoice as UN/CEFACT Cross Industry Invoice, profile EN 16931 of Factur-X 1.09. Decides nothing; order is the schema's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from chalicelib.render.einvoice.cii_lines import line_item, period
from chalicelib.render.einvoice.model import GUIDELINE, EInvoice, Party, PaymentMeans, TaxRow
from chalicelib.render.einvoice.tree import amount, element, number, write

STANDARD = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "xmlns:rsm": f"{STANDARD}CrossIndustryInvoice:100",
    "xmlns:ram": f"{STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "xmlns:qdt": f"{STANDARD}QualifiedDataType:100",
    "xmlns:udt": f"{STANDARD}UnqualifiedDataType:100",
}
DAY = "102"
"""UNCL 2379: CCYYMMDD."""


def write_cii(invoice: EInvoice) -> bytes:
    """The XML of the e-invoice."""
    guideline = element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", GUIDELINE))
    return write(
        "rsm:CrossIndustryInvoice",
        NAMESPACES,
        element("rsm:ExchangedDocumentContext", guideline),
        element(
            "rsm:ExchangedDocument",
            element("ram:ID", invoice.number),
            element("ram:TypeCode", invoice.type_code),
            element("ram:IssueDateTime", _day(invoice.issued_on)),
            element("ram:IncludedNote", element("ram:Content", invoice.note)),
        ),
        element(
            "rsm:SupplyChainTradeTransaction",
            *(line_item(item) for item in invoice.items),
            _agreement(invoice),
            _delivery(invoice),
            _settlement(invoice),
        ),
    )


def _agreement(invoice: EInvoice) -> Element | None:
    return element(
        "ram:ApplicableHeaderTradeAgreement",
        element("ram:BuyerReference", invoice.buyer_reference),
        _party("ram:SellerTradeParty", invoice.seller),
        _party("ram:BuyerTradeParty", invoice.buyer),
    )


def _party(tag: str, party: Party) -> Element | None:
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


def _delivery(invoice: EInvoice) -> Element | None:
    address = element("ram:PostalTradeAddress", element("ram:CountryID", invoice.ship_to))
    return element("ram:ApplicableHeaderTradeDelivery", element("ram:ShipToTradeParty", address))


def _settlement(invoice: EInvoice) -> Element | None:
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


def _means(means: PaymentMeans) -> Element | None:
    name = element("ram:AccountName", means.account_name)
    return element(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        element("ram:TypeCode", means.code),
        element("ram:Information", means.text),
        element("ram:PayeePartyCreditorFinancialAccount", element("ram:IBANID", means.iban), name),
    )


def _tax(row: TaxRow) -> Element | None:
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


def _summation(invoice: EInvoice) -> Element | None:
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


def _preceding(invoice: EInvoice) -> Element | None:
    if invoice.preceding is None:
        return None
    number_before, issued_on = invoice.preceding
    day = element("qdt:DateTimeString", f"{issued_on:%Y%m%d}" if issued_on else "", format=DAY)
    return element(
        "ram:InvoiceReferencedDocument",
        element("ram:IssuerAssignedID", number_before),
        element("ram:FormattedIssueDateTime", day),
    )


def _day(day: date | None) -> Element | None:
    return element("udt:DateTimeString", f"{day:%Y%m%d}" if day else "", format=DAY)
