"""E-invoices over the API: who gets which document in which syntax, and what is said when the norm needs more."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.support.complete_parties import add_customer, issue, settle_operator
from tests.support.einvoice_rules import judge_cii, judge_ubl
from tests.support.http import ApiClient


@pytest.fixture(autouse=True)
def parties(api: ApiClient) -> None:
    """An operator and a customer of whom the norm knows enough."""
    settle_operator(api)
    for customer in ("acme", "bolt"):
        add_customer(api, customer)


def text_of(xml: str, tag: str) -> str:
    """The text of the only element of a local name."""
    (found,) = etree.fromstring(xml.encode()).iter(f"{{*}}{tag}")
    return found.text or ""


def test_an_issued_invoice_is_answered_in_both_syntaxes(api: ApiClient) -> None:
    """CII unless asked for UBL; named by number and syntax; valid by the official rules."""
    invoice = issue(api)
    cii, ubl = (api.get(f"/invoices/{invoice['id']}/xml{query}") for query in ("", "?syntax=ubl"))
    for reply, syntax in ((cii, "cii"), (ubl, "ubl")):
        assert (reply.status, reply.headers["content-type"]) == (200, "application/xml; charset=utf-8")
        assert reply.headers["content-disposition"] == f'attachment; filename="{invoice["number"]}.{syntax}.xml"'
    assert judge_cii(cii.text.encode()) == judge_ubl(ubl.text.encode()) == []
    assert (text_of(cii.text, "GrandTotalAmount"), text_of(ubl.text, "TaxInclusiveAmount")) == ("119.00", "119.00")
    assert api.get(f"/invoices/{invoice['id']}/xml?syntax=edifact").codes == {"syntax": "invalid_value"}


def test_payment_and_credit_do_not_change_the_document(api: ApiClient) -> None:
    """The XML is that of the frozen document, like the PDF, also when what was paid comes back as the customer's credit."""
    invoice = issue(api)
    path = f"/invoices/{invoice['id']}"
    before = api.get(f"{path}/xml").text
    made = api.post("/payments", {"customer_id": "acme", "amount": "119.00"}, headers={"Idempotency-Key": "pay"}).json
    asked = {"allocations": [{"invoice_id": invoice["id"], "amount": "119.00"}]}
    assert api.post(f"/payments/{made['id']}/allocate", asked, headers={"Idempotency-Key": "allocate"}).status == 200
    assert api.get(path).json["amount_due"] == "0.00"
    assert api.get(f"{path}/xml").text == before
    assert api.post(f"{path}/credit-notes", {"reason": "Wrong price"}).status == 201
    settled = api.get(path).json
    assert (settled["amount_credited"], settled["amount_refunded"]) == ("119.00", "119.00")
    assert api.get(f"{path}/xml").text == before


def test_revisions_have_their_own(api: ApiClient) -> None:
    """An earlier revision says what it said."""
    invoice = issue(api)
    path, version = f"/invoices/{invoice['id']}", f'"{invoice["version"]}"'
    assert api.patch(path, {"notes": "Corrected"}, headers={"If-Match": version}).json["revision"] == 1
    assert text_of(api.get(f"{path}/xml").text, "Content").startswith("Corrected\n")
    assert "Corrected" not in api.get(f"{path}/xml?revision=0").text
    assert api.get(f"{path}/xml?revision=2").status == 404


def test_credit_notes_are_e_invoices_too(api: ApiClient) -> None:
    """Type 381 that names its invoice."""
    invoice = issue(api)
    note = api.post(f"/invoices/{invoice['id']}/credit-notes", {"reason": "Wrong price"}).json
    xml = api.get(f"/invoices/{note['id']}/xml?syntax=ubl").text
    assert judge_ubl(xml.encode()) == []
    assert text_of(xml, "CreditNoteTypeCode") == "381"
    assert invoice["number"] in xml


def test_customers_read_their_own(api: ApiClient) -> None:
    """Somebody else's does not exist for them, nor do drafts."""
    own, other, draft = issue(api), issue(api, "bolt"), issue(api, issue=False)
    assert api.get(f"/invoices/{own['id']}/xml", customer="acme").status == 200
    assert api.get(f"/invoices/{other['id']}/xml", customer="acme").status == 404
    assert api.get(f"/invoices/{draft['id']}/xml", customer="acme").status == 404


def test_drafts_and_void_documents_are_none(api: ApiClient) -> None:
    """Nobody owes them."""
    draft, void = issue(api, issue=False), issue(api)
    api.post(f"/invoices/{void['id']}/void")
    for invoice in (draft, void):
        reply = api.get(f"/invoices/{invoice['id']}/xml")
        assert (reply.status, reply.json["code"]) == (409, "wrong_state")


def test_what_the_norm_lacks_is_named(api: ApiClient) -> None:
    """Every gap with the field that closes it; the invoice and its PDF are as good as ever."""
    api.post(
        "/customers", {"id": "bare", "name": "Bare", "currency": "EUR", "tax": {"category": "AE", "percent": "0", "reason": "x"}}
    )
    reply = api.get(f"/invoices/{issue(api, 'bare')['id']}/xml")
    assert (reply.status, reply.codes) == (422, {"customer.address.country": "required", "customer.tax_id": "required"})
