"""Verification over the API: figures, their hash, that of the PDF, and what a hash from outside belongs to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from chalicelib import wiring
from chalicelib.domain.invoice import Invoice
from chalicelib.services.accessible_pdfs import render_accessible
from chalicelib.services.documents import render_document
from chalicelib.store import codec, objects
from tests.support.complete_parties import add_customer, issue, settle_operator
from tests.support.http import ApiClient
from tests.support.pdf_reading import read_pages


@pytest.fixture(autouse=True)
def parties(api: ApiClient) -> None:
    """An operator and two customers."""
    settle_operator(api)
    for customer in ("acme", "bolt"):
        add_customer(api, customer)


def verify(api: ApiClient, invoice: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The answer about a document."""
    reply = api.get(f"/invoices/{invoice['id']}/verify{query}")
    assert reply.status == 200
    return dict(reply.json)


def draw(invoice: dict[str, Any]) -> bytes:
    """The PDF, drawn as by the storage event."""
    render_document(wiring.get_deps(), objects.document_key(invoice["id"], invoice["revision"]))
    pdf = objects.find_object(objects.pdf_key(invoice["id"], invoice["revision"]))
    assert pdf
    return pdf


def test_page_xml_and_api_tell_one_hash(api: ApiClient) -> None:
    """That of the figures as they are answered, byte by byte."""
    invoice = issue(api)
    pdf, told = draw(invoice), verify(api, invoice)
    figures = api.get(told["figures_url"])
    assert hashlib.sha256(figures.text.encode()).hexdigest() == told["sha256"]
    assert figures.headers["content-type"] == "application/json; charset=utf-8"
    assert figures.headers["content-disposition"] == f'attachment; filename="{invoice["number"]}.figures.json"'
    assert (figures.json["total"], figures.json["number"]) == ("119.00", invoice["number"])
    assert told["sha256"] in "".join(read_pages(pdf))
    for syntax in ("cii", "ubl"):
        xml = etree.fromstring(api.get(f"/invoices/{invoice['id']}/xml?syntax={syntax}").text.encode())
        assert f"SHA-256 {told['sha256']}" in "".join(xml.itertext())
    assert told["pdf_sha256"] == hashlib.sha256(pdf).hexdigest()
    assert {name: told[name] for name in ("number", "revision", "status", "in_force", "document_agrees", "match", "format")} == {
        "number": invoice["number"],
        "revision": 0,
        "status": "issued",
        "in_force": True,
        "document_agrees": True,
        "match": None,
        "format": "invoice-figures/1",
    }


def test_a_hash_from_outside_is_told_apart(api: ApiClient) -> None:
    """Of the figures, of the PDF, of nothing; in any case, and nothing else is a hash."""
    invoice = issue(api)
    told = verify(api, invoice)
    assert told["pdf_sha256"] is None
    assert verify(api, invoice, f"?sha256={told['sha256'].upper()}")["match"] == "figures"
    assert verify(api, invoice, f"?sha256={hashlib.sha256(draw(invoice)).hexdigest()}")["match"] == "pdf"
    assert verify(api, invoice, f"?sha256={'0' * 64}")["match"] == "nothing"
    assert api.get(f"/invoices/{invoice['id']}/verify?sha256=abc").codes == {"sha256": "invalid_value"}


def test_the_accessible_pdf_is_known(api: ApiClient) -> None:
    """Once it was drawn, by a name of its own, for each revision."""
    invoice = issue(api)
    assert verify(api, invoice)["accessible_pdf_sha256"] is None
    archival = hashlib.sha256(draw(invoice)).hexdigest()
    assert api.get(f"/invoices/{invoice['id']}/pdf?variant=ua").status == 202
    render_accessible(wiring.get_deps(), objects.accessible_key(invoice["id"], 0))
    accessible = hashlib.sha256(objects.find_object(objects.accessible_pdf_key(invoice["id"], 0)) or b"").hexdigest()
    told = verify(api, invoice, f"?sha256={accessible}")
    assert (told["match"], told["accessible_pdf_sha256"], told["pdf_sha256"]) == ("accessible_pdf", accessible, archival)
    assert verify(api, invoice, f"?sha256={archival}")["match"] == "pdf"
    api.post(f"/invoices/{invoice['id']}/void")
    assert verify(api, invoice, f"?sha256={accessible}")["match"] == "nothing"
    assert verify(api, invoice, f"?revision=0&sha256={accessible}")["match"] == "accessible_pdf"


def test_a_payment_changes_no_figure(api: ApiClient) -> None:
    """What was paid since is not what the document says."""
    invoice = issue(api)
    before = verify(api, invoice)
    made = api.post("/payments", {"customer_id": "acme", "amount": "50.00"}, headers={"Idempotency-Key": "pay"}).json
    asked = {"allocations": [{"invoice_id": invoice["id"], "amount": "50.00"}]}
    assert api.post(f"/payments/{made['id']}/allocate", asked, headers={"Idempotency-Key": "allocate"}).status == 200
    assert verify(api, invoice) == before


def test_every_revision_has_its_own(api: ApiClient) -> None:
    """An earlier one keeps its hash and is no longer in force; a void one never is."""
    invoice = issue(api)
    first, version = verify(api, invoice), f'"{invoice["version"]}"'
    assert api.patch(f"/invoices/{invoice['id']}", {"notes": "Corrected"}, headers={"If-Match": version}).status == 200
    second = verify(api, invoice)
    assert (second["revision"], second["in_force"]) == (1, True)
    assert verify(api, invoice, "?revision=0") == {**first, "in_force": False}
    assert second["sha256"] != first["sha256"]
    api.post(f"/invoices/{invoice['id']}/void")
    third = verify(api, invoice)
    assert (third["status"], third["in_force"], third["document_agrees"]) == ("void", False, True)
    assert verify(api, invoice, "?revision=1") == {**second, "in_force": False}
    assert api.get(f"/invoices/{invoice['id']}/verify?revision=3").status == 404


def test_a_document_that_was_tampered_with_is_found(api: ApiClient) -> None:
    """Somebody changed what lies in the bucket, or it is not there."""
    invoice = issue(api)
    key = objects.document_key(invoice["id"], 0)
    frozen = codec.load(Invoice, objects.find_object(key) or b"")
    objects.put_object(key, codec.dump(replace(frozen, total=frozen.total + 1)))
    assert verify(api, invoice)["document_agrees"] is False
    objects.delete_object(key)
    assert verify(api, invoice)["document_agrees"] is None


def test_drafts_have_nothing_to_rely_on(api: ApiClient) -> None:
    """409, whatever is asked."""
    draft = issue(api, issue=False)
    for what in ("verify", "figures"):
        reply = api.get(f"/invoices/{draft['id']}/{what}")
        assert (reply.status, reply.json["code"]) == (409, "wrong_state")


def test_customers_verify_their_own(api: ApiClient) -> None:
    """Somebody else's does not exist for them."""
    own, other = issue(api), issue(api, "bolt")
    for what in ("verify", "figures"):
        assert api.get(f"/invoices/{own['id']}/{what}", customer="acme").status == 200
        assert api.get(f"/invoices/{other['id']}/{what}", customer="acme").status == 404


def test_figures_are_json(api: ApiClient) -> None:
    """In UTF-8, as they are."""
    invoice = issue(api, lines=[{"description": "Gebühr “ß”\n2", "quantity": "1", "unit_price": "1"}])
    text = api.get(f"/invoices/{invoice['id']}/figures").text
    assert json.loads(text)["lines"][0]["description"] == "Gebühr “ß”\n2"
    assert "“ß”" in text
