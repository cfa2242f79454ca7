"""What keeps a document from being an e-invoice: every gap is named, with the field that closes it and the rule that asks."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.customer import Address
from chalicelib.domain.errors import Invalid
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.tax import TaxCategory, TaxRounding
from chalicelib.render.einvoice.mapping import build_einvoice
from chalicelib.render.einvoice.parties import vat_id
from chalicelib.render.einvoice.requirements import find_gaps
from tests.support import specimens
from tests.support.builders import a_line, tax


def of_category(category: TaxCategory, **fields: Any) -> Invoice:
    """A document of one line of a category."""
    return specimens.an_issued(lines=(a_line("1", tax=tax(0, category)),), **fields)


NOBODY = specimens.an_operator(tax_id="", registration="")


def paths(invoice: Invoice) -> list[str]:
    """Where the gaps are."""
    return [issue.path for issue in find_gaps(invoice)]


def test_a_bare_document_names_all_gaps_at_once() -> None:
    """Names, countries and tax id, in one answer."""
    operator = specimens.an_operator(name=" ", address=Address(), tax_id="", registration="")
    invoice = specimens.an_issued(operator=operator, customer=specimens.a_buyer(name="", address=Address()))
    with pytest.raises(Invalid) as caught:
        build_einvoice(invoice)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [
        ("operator.name", "required"),
        ("operator.address.country", "required"),
        ("customer.name", "required"),
        ("customer.address.country", "required"),
        ("operator.tax_id", "required"),
    ]


ALL_GAPS = (
    specimens.an_issued(operator=specimens.an_operator(name=" ", address=Address(), tax_id="", registration="")),
    specimens.an_issued(customer=specimens.a_buyer(name="", address=Address())),
    of_category(TaxCategory.INTRA_COMMUNITY, period=None, operator=NOBODY, customer=specimens.a_buyer(tax_id="")),
    of_category(TaxCategory.OUT_OF_SCOPE, operator=NOBODY),
    specimens.an_issued(lines=(a_line("1", tax=tax(0, TaxCategory.OUT_OF_SCOPE)), a_line("2", tax=tax(0, TaxCategory.ZERO)))),
    specimens.an_issued(lines=(a_line("1", tax=tax(0, TaxCategory.EXEMPT, reason="")), a_line("2", "1000", tax=tax("0.4")))),
    replace(specimens.in_dinar(lines=(a_line("1", "12.505", tax=tax(0, TaxCategory.ZERO)),)), currency="XAD"),
)
CURE = re.compile(r"(Give|Put|Spread|Bill|Change) [^()].*\(BR-[A-Z0-9-]+(, BR-[A-Z0-9-]+| and its like)?\)\.")


def test_a_gap_is_told_as_what_to_do() -> None:
    """To a clerk, who need not know the rule: it stands in brackets at the end, and a name only where it is whose."""
    gaps = [issue for invoice in ALL_GAPS for issue in find_gaps(invoice)]
    assert [issue.message for issue in gaps if not CURE.fullmatch(issue.message)] == []
    assert len({issue.message for issue in gaps}) == 14
    whose = {issue.path.partition(".")[0]: issue.message for issue in gaps if issue.path.endswith("address.country")}
    assert whose == {
        "operator": "Give the operator's address a country in the settings (BR-09).",
        "customer": "Give the customer's address a country (BR-11).",
    }


@pytest.mark.parametrize(
    "category, seller, buyer, gaps",
    [
        (TaxCategory.STANDARD, "29/815/08150", "", []),
        (TaxCategory.EXPORT, "29/815/08150", "", ["operator.tax_id"]),
        (TaxCategory.EXPORT, "DE314159265", "", []),
        (TaxCategory.REVERSE_CHARGE, "29/815/08150", "PL5260001246", []),
        (TaxCategory.REVERSE_CHARGE, "DE314159265", "5260001246", ["customer.tax_id"]),
        (TaxCategory.INTRA_COMMUNITY, "29/815/08150", "", ["operator.tax_id", "customer.tax_id"]),
        (TaxCategory.EXEMPT, "", "", ["operator.tax_id"]),
        (TaxCategory.OUT_OF_SCOPE, "", "", ["operator.registration"]),
        (TaxCategory.OUT_OF_SCOPE, "DE314159265", "", []),
    ],
)
def test_categories_ask_for_tax_ids(category: TaxCategory, seller: str, buyer: str, gaps: list[str]) -> None:
    """Who must be identified, and whether by a VAT id, depends on the category."""
    percent = 19 if category is TaxCategory.STANDARD else 0
    operator = specimens.an_operator(tax_id=seller, registration="")
    lines = (a_line("1", tax=tax(percent, category)),)
    assert paths(specimens.an_issued(operator=operator, customer=specimens.a_buyer(tax_id=buyer), lines=lines)) == gaps


def test_goods_of_the_internal_market_need_days() -> None:
    """Category K without any day (BR-IC-11)."""
    assert paths(of_category(TaxCategory.INTRA_COMMUNITY, period=None)) == ["lines.0.start_date"]
    assert paths(of_category(TaxCategory.INTRA_COMMUNITY)) == []


def test_out_of_scope_stands_alone() -> None:
    """BR-O-11."""
    lines = (a_line("1", tax=tax(0, TaxCategory.OUT_OF_SCOPE)), a_line("2", tax=tax(0, TaxCategory.EXEMPT)))
    assert "lines" in paths(specimens.an_issued(lines=lines))


def test_exempt_needs_its_reason() -> None:
    """BR-E-10; the other categories have a code."""
    lines = (a_line("1", tax=tax(0, TaxCategory.EXEMPT, reason="")),)
    assert paths(specimens.an_issued(lines=lines)) == ["taxes.0.reason"]


def test_tax_rounded_per_line_may_be_too_far_from_the_rate() -> None:
    """BR-CO-17 forgives less than one unit of the currency; 250 lines of 0.03 at 19 % are 1.07 apart."""
    few = tuple(a_line(str(position), "0.03", tax=tax(19)) for position in range(100))
    many = tuple(a_line(str(position), "0.03", tax=tax(19)) for position in range(250))
    assert paths(specimens.an_issued(lines=few, tax_rounding=TaxRounding.PER_LINE)) == []
    assert paths(specimens.an_issued(lines=many, tax_rounding=TaxRounding.PER_LINE)) == ["taxes.0.tax"]
    assert paths(specimens.an_issued(lines=many)) == []


def test_rates_next_to_nothing_are_nothing() -> None:
    """BR-CO-17 takes 0.4 % for zero, so that tax of 4.00 is refused."""
    assert paths(specimens.an_issued(lines=(a_line("1", "1000", tax=tax("0.4")),))) == ["taxes.0.tax"]


def test_a_third_decimal_cannot_be_told() -> None:
    """Dinars with fils that two decimals cannot hold (BR-DEC-23), and a currency that the norm does not know."""
    out = tax(0, TaxCategory.OUT_OF_SCOPE)
    assert paths(specimens.in_dinar(lines=(a_line("1", "12.505", tax=out),))) == ["currency"]
    assert paths(specimens.in_dinar(lines=(a_line("1", "12.500", tax=out),))) == []
    assert paths(replace(specimens.in_yen(), currency="XAD")) == ["currency"]


def test_vat_ids_are_told_by_their_country() -> None:
    """Spaces do not matter; what no country precedes is another number."""
    assert [vat_id(text) for text in ("DE 314 159 265", "el094259216", "XI123456789", "CHE-123.456.789")] == [
        "DE314159265",
        "EL094259216",
        "XI123456789",
        "CHE-123.456.789",
    ]
    assert [vat_id(text) for text in ("", "12-3456789", "HRB", "ZZ123", "DE", "DEUTSCH")] == [""] * 6


def test_amounts_keep_their_value() -> None:
    """Nothing is rounded on the way: sums of the e-invoice are those of the document."""
    invoice = specimens.with_many_taxes()
    found = build_einvoice(invoice)
    assert (found.subtotal, found.tax_total, found.total) == (invoice.subtotal, invoice.tax_total, invoice.total)
    assert sum((item.net for item in found.items), Decimal(0)) == invoice.subtotal
