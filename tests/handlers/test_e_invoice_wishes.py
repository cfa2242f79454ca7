"""Customers who ask for e-invoices: people are stopped before they issue what cannot be one, runs and payments are not."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.services.documents import render_document
from chalicelib.store.objects import document_key
from tests.support.complete_parties import BERLIN, LINES, add_customer, issue, settle_operator
from tests.support.http import ApiClient
from tests.support.story import Story

LACKING = {"customer.address.country": "required"}
COUNTED = '"EInvoiceIncomplete": 1'


@pytest.fixture(autouse=True)
def parties(api: ApiClient) -> None:
    """An operator of whom the norm knows enough, and a customer without a country who wants e-invoices."""
    settle_operator(api)
    add_customer(api, "acme", address={}, e_invoices=True)


def draft(api: ApiClient) -> dict[str, Any]:
    """A draft of 100.00 and 19.00 tax."""
    return issue(api, issue=False)


def complete(api: ApiClient, **changes: Any) -> None:
    """Tell the customer's country, or change something else."""
    assert api.patch("/customers/acme", changes or {"address": BERLIN}).status == 200


def test_issuing_by_hand_asks_for_what_is_missing(api: ApiClient) -> None:
    """422 with the field; nothing is numbered. A draft shows it before, and is issued once it is there."""
    found = draft(api)
    assert [(gap["path"], gap["code"]) for gap in found["e_invoice_gaps"]] == [*LACKING.items()]

    refused = api.post(f"/invoices/{found['id']}/issue")
    at_once = api.post("/invoices", {"customer_id": "acme", "lines": LINES, "issue": True})

    assert [(reply.status, reply.codes) for reply in (refused, at_once)] == [(422, LACKING)] * 2
    assert "BR-11" in refused.json["issues"][0]["message"]
    complete(api)
    issued = api.post(f"/invoices/{found['id']}/issue").json
    assert (issued["number"], issued["e_invoice_gaps"], issued["customer"]["e_invoices"]) == ("INV-1001", [], True)


def test_a_draft_shows_what_issuing_now_would_find(api: ApiClient) -> None:
    """The customer and the operator of now, not those of when it was made; read by itself, as revision, and changed."""
    found = draft(api)
    path = f"/invoices/{found['id']}"

    def shown() -> list[list[str]]:
        (row,) = api.get(f"{path}/revisions").json["items"]
        documents = (api.get(path).json, api.get(f"{path}?revision=0").json, row)
        return [[gap["path"] for gap in document["e_invoice_gaps"]] for document in documents]

    assert shown() == [[*LACKING]] * 3
    complete(api)
    assert shown() == [[]] * 3
    settle_operator(api, tax_id="")
    assert shown() == [["operator.tax_id"]] * 3
    changed = api.patch(path, {"notes": "Thank you"}, headers={"If-Match": f'"{found["version"]}"'}).json
    assert [gap["path"] for gap in changed["e_invoice_gaps"]] == ["operator.tax_id"]
    assert api.post(f"{path}/issue").codes == {"operator.tax_id": "required"}
    complete(api, e_invoices=False)
    assert shown() == [[]] * 3


def test_who_does_not_ask_is_not_asked(api: ApiClient) -> None:
    """Without the wish nothing is missing, and an issued document does not get gaps by a later one."""
    complete(api, e_invoices=False)
    issued = api.post(f"/invoices/{draft(api)['id']}/issue").json
    complete(api, e_invoices=True)
    assert (issued["status"], issued["e_invoice_gaps"]) == ("issued", [])
    assert api.get(f"/invoices/{issued['id']}").json["e_invoice_gaps"] == []


def test_credit_notes_are_asked_for_the_same(api: ApiClient) -> None:
    """A credit note is an e-invoice as well."""
    complete(api)
    issued = api.post(f"/invoices/{draft(api)['id']}/issue").json
    complete(api, address={"country": ""})
    path = f"/invoices/{issued['id']}/credit-notes"
    assert api.post(path, {"reason": "Wrong price"}).codes == LACKING
    complete(api)
    assert api.post(path, {"reason": "Wrong price"}).status == 201


def test_a_payment_is_not_stopped(api: ApiClient, capsys: pytest.CaptureFixture[str]) -> None:
    """The invoice that a payment brings is issued; what is missing stands on it and is counted when it is drawn."""
    complete(api, create_invoice_on_payment=True)
    paid = api.post("/payments", {"customer_id": "acme", "amount": "119.00"}, headers={"Idempotency-Key": "pay"})
    assert paid.status == 201
    (row,) = api.get("/customers/acme/invoices").json["items"]
    issued = api.get(f"/invoices/{row['id']}").json
    assert (issued["status"], [gap["path"] for gap in issued["e_invoice_gaps"]]) == ("issued", [*LACKING])
    render_document(wiring.get_deps(), document_key(row["id"], 0))
    told = capsys.readouterr().out
    assert COUNTED in told
    assert '"fields": "customer.address.country"' in told


def test_a_run_is_not_stopped(story: Story) -> None:
    """The invoice of a schedule is issued, too, and tells what is missing."""
    story.customer(id="monthly", e_invoices=True)
    story.calls("monthly", ("2025-09-03T10:00:00Z", "12.50"))
    story.schedule("monthly", "2025-10-01T04:00:00Z")
    (issued,) = story.invoices("monthly")
    assert (issued["status"], [gap["path"] for gap in issued["e_invoice_gaps"]]) == ("issued", [*LACKING])


def test_void_documents_lack_nothing(api: ApiClient, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no e-invoices, whatever they lack, and nobody is told."""
    complete(api)
    issued = api.post(f"/invoices/{draft(api)['id']}/issue").json
    complete(api, address={"country": ""})
    void = api.post(f"/invoices/{issued['id']}/void").json
    assert void["e_invoice_gaps"] == []
    for revision in (0, 1):
        render_document(wiring.get_deps(), document_key(issued["id"], revision))
    assert COUNTED not in capsys.readouterr().out
