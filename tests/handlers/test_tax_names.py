"""What taxes are called on documents: as somebody typed it, else by the word of the customer's language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.http import ApiClient

DAYS = [{"start_date": "2025-11-01", "end_date": "2025-11-30"}]


def a_customer(api: ApiClient, locale: str, **tax: str) -> None:
    """A customer with 19 % of tax."""
    body = {"id": "acme", "name": "Acme", "currency": "EUR", "locale": locale, "tax": {"percent": "19", **tax}}
    assert api.post("/customers", body).status == 201


def names(invoice: dict[str, Any]) -> list[str]:
    """The names of its taxes, which are those of its lines."""
    assert {line["tax"]["name"] for line in invoice["lines"]} == {group["name"] for group in invoice["taxes"]}
    return [group["name"] for group in invoice["taxes"]]


def by_hand(api: ApiClient, **tax: str) -> list[str]:
    """Names on an invoice by hand of one line with this tax, if any."""
    line = {"description": "Work", "unit_price": "10.00", **({"tax": tax} if tax else {})}
    return names(api.post("/invoices", {"customer_id": "acme", "lines": [line]}).json)


@pytest.mark.parametrize(
    "locale, word",
    [
        ("en", "VAT"),
        ("de-AT", "USt."),
        ("fr", "TVA"),
        ("it", "IVA"),
        ("nl", "Btw"),
        ("sv", "Moms"),
        ("zh-TW", "營業稅"),
        ("eu", "VAT"),
    ],
)
def test_a_tax_that_nobody_named_has_the_word_of_the_language(api: ApiClient, locale: str, word: str) -> None:
    """The customer's own tax, and one of another rate on a line."""
    a_customer(api, locale)
    assert api.get("/customers/acme").json["tax"]["name"] == ""
    assert (by_hand(api), by_hand(api, percent="7")) == ([word], [word])


def test_a_name_that_was_typed_is_printed_as_typed(api: ApiClient) -> None:
    """The customer's for every tax without a name; that of the line for the line."""
    a_customer(api, "de", name="VAT")
    assert [by_hand(api), by_hand(api, percent="7"), by_hand(api, percent="7", name="GST")] == [["VAT"], ["VAT"], ["GST"]]


def test_documents_keep_the_name_they_were_drafted_with(api: ApiClient) -> None:
    """Another language counts for what comes after it."""
    a_customer(api, "de")
    line = {"description": "Work", "unit_price": "10.00"}
    before = api.post("/invoices", {"customer_id": "acme", "lines": [line], "issue": True}).json
    api.patch("/customers/acme", {"locale": "fr"})
    assert names(api.get(f"/invoices/{before['id']}").json) == ["USt."]
    assert by_hand(api) == ["TVA"]


def test_generated_invoices_and_paid_ones_have_the_word_too(api: ApiClient) -> None:
    """Charges of packages with a tax of their own, and the invoice that a payment brings."""
    a_customer(api, "de")
    api.patch("/customers/acme", {"create_invoice_on_payment": True})
    for percent in ("7", "16"):
        package = {"name": "Line", "unit_price": "10.00", "frequency": "monthly", "tax": {"percent": percent}}
        made = api.post("/packages", package).json
        assert made["tax"]["name"] == ""
        api.post("/customers/acme/packages", {"package_id": made["id"], "start_date": "2025-11-01"})
    assert names(api.post("/customers/acme/invoices", {"days": DAYS, "preview": True}).json) == ["USt.", "USt."]
    paid = {"customer_id": "acme", "amount": "11.90"}
    payment = api.post("/payments", paid, headers={"Idempotency-Key": "paid"}).json
    invoice_id = payment["allocations"][0]["invoice_id"]
    assert names(api.get(f"/invoices/{invoice_id}").json) == ["USt."]
