"""What a template may see: words and figures for the customer, and nothing internal."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.invoice import Line
from chalicelib.domain.tax import TaxCategory
from chalicelib.render.labels import languages
from chalicelib.render.view import build_view
from tests.support import specimens
from tests.support.builders import a_line, tax


def test_internal_data_never_passes() -> None:
    """Ids of customer, packages, assignments, lines and document, the external id and the claimed days are not in the view."""
    line = replace(specimens.a_usage_line(1), id="line-internal", package_id="pkg-internal", assignment_id="asg-internal")
    invoice = specimens.an_issued(
        id="01hxinternalid.20261203.R", lines=(line,), days=(specimens.NOVEMBER.start_date,), reason="internal reason"
    )
    shown = json.dumps(build_view(invoice))
    assert "internal" not in shown


def test_view_is_plain_data() -> None:
    """The view survives JSON unchanged: no object with methods reaches a template."""
    view = build_view(specimens.an_issued())
    assert json.loads(json.dumps(view)) == view


def test_facts_of_an_invoice() -> None:
    """Issued, due, period and the customer's reference, in this order."""
    facts = {
        fact["label"]: fact["value"]
        for fact in build_view(specimens.an_issued(customer=specimens.a_buyer(locale="en-GB")))["facts"]
    }
    assert facts == {"Issued": "3 Dec 2026", "Due": "2 Jan 2027", "Period": "1\u201330 Nov 2026", "Your ref.": "PO 88-1273"}


def test_facts_of_a_credit_note() -> None:
    """A credit note names its original, by number and date, instead of a due date; one of no invoice names none."""
    facts = build_view(specimens.a_credit_note(customer=specimens.a_buyer(locale="en-GB")))["facts"]
    assert [fact["label"] for fact in facts] == ["Issued", "Original invoice", "Period", "Your ref."]
    assert facts[1]["value"] == "INV-2026-000417 (3\u00a0Nov\u00a02026)"
    alone = build_view(specimens.a_credit_note(original_invoice_number=None, original_invoice_date=None))
    assert "Original invoice" not in [fact["label"] for fact in alone["facts"]]


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_credit_note_is_titled_in_every_language(language: str) -> None:
    """Its title is not that of an invoice, and the original's number stands beside a label of its own."""
    buyer = specimens.a_buyer(locale=language)
    note, invoice = (build_view(one(customer=buyer)) for one in (specimens.a_credit_note, specimens.an_issued))
    assert note["title"]
    assert note["title"] != invoice["title"]
    [original] = [fact for fact in note["facts"] if "INV-2026-000417" in fact["value"]]
    assert original["label"] not in {fact["label"] for fact in invoice["facts"]}
    assert language == "en" or note["title"] != "Credit note"


def test_usage_lines_tell_days_calls_and_minutes() -> None:
    """The small row of a usage line holds its dates, connected calls and billed minutes."""
    line = build_view(specimens.an_issued(customer=specimens.a_buyer(locale="en-GB"), lines=specimens.usage_lines(1)))["lines"][0]
    assert line["details"] == "1\u201330 Nov 2026 · 40 calls · 116.00\u00a0mins"


def test_late_usage_names_the_invoice_of_its_day() -> None:
    """A late line shows its original day and the number of the invoice that billed that day."""
    details = build_view(specimens.an_issued())["lines"][6]["details"]
    assert details.startswith("Oct 30, 2026 · ")
    assert details.endswith("belongs to INV-2026-000389")


def test_settled_invoices_show_how() -> None:
    """What was paid, credited and refunded stands between total and amount due; a settled one does not ask for money."""
    invoice = specimens.an_issued()
    settled = replace(invoice, amount_paid=invoice.total, amount_refunded=Decimal("5.00"), amount_credited=Decimal("5.00"))
    view = build_view(settled)
    assert [row["label"] for row in view["totals"]] == ["Subtotal", "Tax", "Total", "Paid", "Credited", "Refunded"]
    assert view["highlight"] == {"label": "Amount due", "value": "€0.00"}
    assert view["payment"] is None


def test_tax_rows_tell_why_no_tax_is_charged() -> None:
    """Exemption and reverse charge are named with code and reason; charged rates need no note."""
    rows = {row["note"]: row["name"] for row in build_view(specimens.with_many_taxes())["taxes"] if row["note"]}
    assert rows == {
        "Exempt (E) · Exempt under § 4 No. 21 UStG": "VAT 0%",
        "Reverse charge (AE) · VAT to be accounted for by the recipient, Art. 196 Directive 2006/112/EC": "VAT 0%",
    }


def test_prices_that_include_tax_say_so() -> None:
    """Where unit prices are gross, the heads tell gross price from net amount, since the two do not multiply."""
    view = build_view(specimens.an_issued(prices_include_tax=True))
    assert (view["unit_price_label"], view["amount_label"]) == ("Price incl. tax", "Net amount")


@pytest.mark.parametrize(
    "colour, accent, ink",
    [
        ("#2563EB", "#2563eb", "#ffffff"),
        ("#ffdd00", "#ffdd00", "#0f172a"),
        ("red;} * {display:none", "#2563eb", "#ffffff"),
        ("", "#2563eb", "#ffffff"),
    ],
)
def test_accent_colour(colour: str, accent: str, ink: str) -> None:
    """Text on the accent is legible; what is not a colour is replaced and reaches no style sheet."""
    view = build_view(specimens.an_issued(operator=specimens.an_operator(accent_colour=colour)))
    assert (view["accent"], view["accent_ink"]) == (accent, ink)


@pytest.mark.parametrize(
    "locale, lang",
    [
        ("de-AT", "de-AT"),
        ("pt_BR", "pt-BR"),
        ("ar-KW", "ar-KW"),
        ("ja", "ja"),
        ("zh-TW", "zh-Hant-TW"),
        ("", "en-150"),
        ("../x", "en-150"),
        ("uk-UA", "en-150"),
        ("de-x-y", "de"),
    ],
)
def test_language_of_the_document(locale: str, lang: str) -> None:
    """The nearest locale with a catalogue; a document is never half in one language and half in another."""
    assert build_view(specimens.an_issued(customer=specimens.a_buyer(locale=locale)))["lang"] == lang


def test_control_characters_do_not_reach_the_page() -> None:
    """Direction overrides and control characters in names are dropped, line breaks in details stay."""
    operator = specimens.an_operator(name="A\u202eB\x00C\ud800", payment_details="one\r\ntwo")
    view = build_view(specimens.an_issued(operator=operator))
    assert view["seller"]["name"] == "ABC"
    assert view["payment"]["details"] == "one\ntwo"


def test_latin_lines_keep_their_order_on_right_to_left_pages() -> None:
    """Latin lines are put between marks; Arabic ones are left alone."""
    seller = build_view(specimens.in_dinar())["seller"]["lines"]
    buyer = build_view(specimens.in_dinar())["buyer"]
    assert seller[0] == "\u200eSchönhauser Allee 36\u200e"
    assert buyer["name"] == "شركة الخليج للاتصالات"


def test_reasons_and_rates_keep_their_order_on_right_to_left_pages() -> None:
    """Behind Arabic words a reason's paragraph sign stays before its number, and a percent sign behind its rate."""
    exempt = tax(0, TaxCategory.EXEMPT, name="ضريبة", reason="§4 Nr. 8 UStG")
    line = a_line("1", 100, discount_percent=Decimal("12.5"), tax=exempt)
    view = build_view(specimens.in_dinar(lines=(line,)))
    [group] = view["taxes"]
    assert group["note"].endswith(" · \u200e§4 Nr. 8 UStG\u200e")
    assert group["name"].endswith("\u200e0%\u200e")
    assert view["lines"][0]["details"] == "خصم \u200e12.5%\u200e"


@pytest.mark.parametrize("locale, last", [("ar", "13001 مدينة الكويت، الكويت"), ("he", "13001 مدينة الكويت, כווית")])
def test_addresses_have_the_comma_of_their_language(locale: str, last: str) -> None:
    """Arabic writes its own between town and country; Hebrew the usual one."""
    buyer = replace(specimens.in_dinar().customer, locale=locale, tax_id="")
    assert build_view(specimens.in_dinar(customer=buyer))["buyer"]["lines"][-1] == last


@pytest.mark.parametrize(
    "country, lines",
    [
        ("US", ["1 High Street", "Springfield, IL 62701, United States"]),
        ("GB", ["1 High Street", "Springfield", "IL", "62701, United Kingdom"]),
        ("DE", ["1 High Street", "62701 Springfield", "IL, Germany"]),
        ("ZZZ", ["1 High Street", "62701 Springfield", "IL, ZZZ"]),
        ("", ["1 High Street", "62701 Springfield", "IL"]),
    ],
)
def test_addresses_follow_their_country(country: str, lines: list[str]) -> None:
    """Town, region and postcode stand in the order of the country; an unknown code is printed as it is."""
    address = replace(
        specimens.a_buyer().address, line1="1 High Street", city="Springfield", region="IL", postcode="62701", country=country
    )
    view = build_view(specimens.an_issued(customer=specimens.a_buyer(address=address, tax_id="")))
    assert view["buyer"]["lines"] == lines


def test_country_alone_is_an_address() -> None:
    """A country without anything else is printed."""
    address = replace(specimens.a_buyer().address, line1="", city="", postcode="", country="PL")
    view = build_view(specimens.an_issued(customer=specimens.a_buyer(address=address, tax_id="")))
    assert view["buyer"]["lines"] == ["Poland"]


def test_long_figures_get_wide_columns() -> None:
    """Amounts of many digits switch to the layout with wide columns."""
    line: Line = replace(specimens.a_usage_line(1), unit_price=Decimal("123456789012.50"))
    assert build_view(specimens.an_issued(lines=(line,)))["wide"]
    assert not build_view(specimens.an_issued())["wide"]
