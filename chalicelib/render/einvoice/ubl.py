"""An e-invoice as UBL 2.1, Invoice or CreditNote. Decides nothing; order is the schema's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.customer import Address
from chalicelib.render.einvoice.model import GUIDELINE, EInvoice, Party, PaymentMeans, TaxRow
from chalicelib.render.einvoice.tree import Markup, Sequence, amount, element, number, write
from chalicelib.render.einvoice.ubl_lines import line_item, period, tax_scheme

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"


def write_ubl(invoice: EInvoice) -> Iterator[str]:
    """The XML of the e-invoice, piece by piece."""
    root = "CreditNote" if invoice.is_credit_note else "Invoice"
    namespaces = {
        "xmlns": f"{SCHEMA}{root}-2",
        "xmlns:cac": f"{SCHEMA}CommonAggregateComponents-2",
        "xmlns:cbc": f"{SCHEMA}CommonBasicComponents-2",
    }
    return write(Sequence(root, _parts(invoice, root), namespaces))


def _parts(invoice: EInvoice, root: str) -> Iterator[Markup | None]:
    yield from _header(invoice, root)
    yield element("cac:AccountingSupplierParty", _party(invoice.seller))
    yield element("cac:AccountingCustomerParty", _party(invoice.buyer))
    yield element("cac:Delivery", element("cac:DeliveryLocation", element("cac:Address", _country(invoice.ship_to))))
    yield _means(invoice.payment) if invoice.payment else None
    yield element("cac:PaymentTerms", element("cbc:Note", invoice.terms))
    yield _tax_total(invoice)
    yield _totals(invoice)
    yield from (line_item(item, invoice, root) for item in invoice.items)


def _header(invoice: EInvoice, root: str) -> list[Markup | None]:
    return [
        element("cbc:CustomizationID", GUIDELINE),
        element("cbc:ID", invoice.number),
        element("cbc:IssueDate", invoice.issued_on.isoformat()),
        element("cbc:DueDate", invoice.due_on.isoformat() if invoice.due_on else ""),
        element(f"cbc:{root}TypeCode", invoice.type_code),
        element("cbc:Note", invoice.note),
        element("cbc:DocumentCurrencyCode", invoice.currency),
        element("cbc:BuyerReference", invoice.buyer_reference),
        period(invoice.period),
        _preceding(invoice),
    ]


def _preceding(invoice: EInvoice) -> Markup | None:
    if invoice.preceding is None:
        return None
    number_before, issued_on = invoice.preceding
    return element(
        "cac:BillingReference",
        element(
            "cac:InvoiceDocumentReference",
            element("cbc:ID", number_before),
            element("cbc:IssueDate", issued_on.isoformat() if issued_on else ""),
        ),
    )


def _party(party: Party) -> Markup | None:
    return element(
        "cac:Party",
        element("cbc:EndpointID", party.email, schemeID="EM"),
        element("cac:PartyIdentification", element("cbc:ID", party.identifier)),
        _address(party.address),
        _tax_id(party.vat_id, "VAT"),
        _tax_id(party.tax_number, "TAX"),
        element(
            "cac:PartyLegalEntity",
            element("cbc:RegistrationName", party.name),
            element("cbc:CompanyID", party.registration),
        ),
        element("cac:Contact", element("cbc:Telephone", party.phone), element("cbc:ElectronicMail", party.email)),
    )


def _address(address: Address) -> Markup | None:
    return element(
        "cac:PostalAddress",
        element("cbc:StreetName", address.line1),
        element("cbc:AdditionalStreetName", address.line2),
        element("cbc:CityName", address.city),
        element("cbc:PostalZone", address.postcode),
        element("cbc:CountrySubentity", address.region),
        _country(address.country),
    )


def _country(code: str) -> Markup | None:
    return element("cac:Country", element("cbc:IdentificationCode", code))


def _tax_id(tax_id: str, scheme: str) -> Markup | None:
    return element("cac:PartyTaxScheme", element("cbc:CompanyID", tax_id), tax_scheme(scheme)) if tax_id else None


def _means(means: PaymentMeans) -> Markup | None:
    named = {"name": means.text} if means.text else {}
    return element(
        "cac:PaymentMeans",
        element("cbc:PaymentMeansCode", means.code, **named),
        element("cbc:PaymentID", means.reference),
        element("cac:PayeeFinancialAccount", element("cbc:ID", means.iban), element("cbc:Name", means.account_name)),
    )


def _tax_total(invoice: EInvoice) -> Markup | None:
    rows = (_tax(row, invoice.currency) for row in invoice.taxes)
    return element("cac:TaxTotal", element("cbc:TaxAmount", amount(invoice.tax_total), currencyID=invoice.currency), *rows)


def _tax(row: TaxRow, currency: str) -> Markup | None:
    return element(
        "cac:TaxSubtotal",
        element("cbc:TaxableAmount", amount(row.base), currencyID=currency),
        element("cbc:TaxAmount", amount(row.amount), currencyID=currency),
        element(
            "cac:TaxCategory",
            element("cbc:ID", row.tax.category.value),
            element("cbc:Percent", "" if row.tax.percent is None else number(row.tax.percent)),
            element("cbc:TaxExemptionReasonCode", row.reason_code),
            element("cbc:TaxExemptionReason", row.reason),
            tax_scheme("VAT"),
        ),
    )


def _totals(invoice: EInvoice) -> Markup | None:
    figures: list[tuple[str, Decimal]] = [
        ("LineExtensionAmount", invoice.subtotal),
        ("TaxExclusiveAmount", invoice.subtotal),
        ("TaxInclusiveAmount", invoice.total),
        ("PrepaidAmount", invoice.prepaid),
        ("PayableAmount", invoice.due),
    ]
    shown = [(name, value) for name, value in figures if name != "PrepaidAmount" or value]
    amounts = (element(f"cbc:{name}", amount(value), currencyID=invoice.currency) for name, value in shown)
    return element("cac:LegalMonetaryTotal", *amounts)
