"""`/invoices` as clients see it: fields, states, preconditions, repetitions, and what customers may see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.http import ApiClient, Reply

LINE = {"description": "Work", "quantity": "10", "unit_price": "10.00", "tax": {"category": "S", "percent": "20"}}
FIELDS = {
    *("id", "kind", "number", "status", "payment_status", "overdue", "revision", "customer_id", "customer", "operator"),
    *("currency", "invoice_date", "due_date", "period", "line_grouping", "tax_rounding", "prices_include_tax", "lines", "taxes"),
    *("subtotal", "tax_total", "total", "amount_paid", "amount_credited", "amount_due", "notes", "buyer_reference", "source"),
    *("version", "created_at", "issued_at"),
}
LINE_FIELDS = {
    *("id", "kind", "package_id", "description", "start_date", "end_date", "quantity", "unit", "unit_price", "discount_percent"),
    *("net", "tax", "usage", "original_invoice_id"),
}


@pytest.fixture(autouse=True)
def customer(api: ApiClient) -> None:
    """A customer in EUR."""
    made = api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR", "tax": {"percent": "20"}})
    assert made.status == 201, made.text


def make(api: ApiClient, **fields: Any) -> Any:
    """An invoice by hand of 10 × 10.00 at 20 %."""
    reply = api.post("/invoices", {"customer_id": "acme", "invoice_date": "2026-11-05", "lines": [LINE], **fields})
    assert reply.status == 201, reply.text
    return reply.json


def patch(api: ApiClient, invoice: Any, change: Any) -> Reply:
    """A change of the invoice as it was read."""
    return api.patch(f"/invoices/{invoice['id']}", change, headers={"If-Match": f'"{invoice["version"]}"'})


def test_a_draft_has_every_field_of_the_contract(api: ApiClient) -> None:
    """Created, read again the same, with its version as ETag."""
    made = make(api)
    read = api.get(f"/invoices/{made['id']}")

    assert set(made) >= FIELDS
    assert set(made["lines"][0]) >= LINE_FIELDS
    assert read.json == made
    assert read.headers["etag"] == '"1"'
    assert (made["status"], made["number"], made["payment_status"], made["total"]) == ("draft", None, None, "120.00")
    assert made["taxes"] == [{"category": "S", "percent": "20", "name": "VAT", "net": "100.00", "tax": "20.00", "reason": ""}]
    assert made["actions"] == ["edit", "issue", "delete"]


def test_issue_at_once(api: ApiClient) -> None:
    """`issue` gives a numbered invoice in one call."""
    issued = make(api, issue=True)

    assert (issued["status"], issued["number"], issued["payment_status"]) == ("issued", "INV-1001", "unpaid")
    assert issued["pdf_status"] == "rendering"
    assert issued["actions"] == ["revise", "void", "allocate", "credit", "render"]


def test_draft_edit_issue_revise_void(api: ApiClient) -> None:
    """The life of an invoice over the API."""
    draft = make(api)
    edited = patch(api, draft, {"lines": [*draft["lines"], {**LINE, "description": "More"}], "notes": "Hello"}).json
    assert (edited["total"], edited["version"], edited["notes"]) == ("240.00", 2, "Hello")
    issued = api.post(f"/invoices/{draft['id']}/issue", headers={"If-Match": '"2"'}).json
    assert (issued["number"], issued["revision"]) == ("INV-1001", 0)
    revised = patch(api, issued, {"notes": "Corrected", "invoice_date": "2026-11-06"}).json
    assert (revised["number"], revised["revision"], revised["due_date"]) == ("INV-1001", 1, "2026-11-20")
    void = api.post(f"/invoices/{draft['id']}/void").json
    assert (void["status"], void["number"], void["payment_status"], void["actions"]) == ("void", "INV-1001", None, ["render"])


def test_lines_as_read_can_be_sent_back(api: ApiClient) -> None:
    """What the invoice says of its lines is ignored on the way in, so a change of one field needs no picking."""
    draft = make(api)
    draft["lines"][0]["unit_price"] = "11.00"

    assert patch(api, draft, {"lines": draft["lines"]}).json["total"] == "132.00"


def test_revisions_stay_readable(api: ApiClient) -> None:
    """Each is listed, latest first, and read by its number; nothing can be done to an earlier one."""
    issued = make(api, issue=True)
    patch(api, issued, {"notes": "Corrected"})
    path = f"/invoices/{issued['id']}"

    listed = api.get(f"{path}/revisions").json
    first = api.get(f"{path}?revision=0").json

    assert [(one["revision"], one["notes"]) for one in listed["items"]] == [(1, "Corrected"), (0, "")]
    assert listed["next_cursor"] is None
    assert (first["notes"], first["actions"]) == ("", [])
    assert api.get(f"{path}?revision=2").status == 404


@pytest.mark.parametrize(
    "change, path, code",
    [
        ({"customer_id": "nobody"}, "customer_id", "unknown_customer"),
        ({"lines": [{**LINE, "package_id": "nope"}]}, "lines.0.package_id", "unknown_package"),
        ({"lines": [{**LINE, "unit_price": "-1"}]}, "lines", "negative_total"),
        ({"lines": [{**LINE, "unit_price": 1.5}]}, "lines.0.unit_price", "invalid_amount"),
        ({"lines": [{**LINE, "unit_price": "NaN"}]}, "lines.0.unit_price", "invalid_amount"),
        ({"lines": [{**LINE, "colour": "red"}]}, "lines.0.colour", "unknown_field"),
        ({"lines": [{**LINE, "tax": {"category": "AE", "percent": "0"}}]}, "lines.0.tax.reason", "reason_required"),
        ({"lines": [{"description": "?"}]}, "lines.0.unit_price", "required"),
        ({"invoice_date": "2026-02-30"}, "invoice_date", "invalid_date"),
        ({"due_date": "2026-11-04"}, "due_date", "invalid_date"),
        ({"issue": True, "lines": []}, "lines", "required"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_what_is_wrong_is_named(api: ApiClient, change: dict[str, Any], path: str, code: str) -> None:
    """422 with the path and code of each thing that is wrong, and nothing is kept."""
    reply = api.post("/invoices", {"customer_id": "acme", "invoice_date": "2026-11-05", "lines": [LINE], **change})

    assert (reply.status, reply.codes) == (422, {path: code})
    assert api.get("/invoices").json["items"] == []


def test_a_change_needs_the_version_it_is_meant_for(api: ApiClient) -> None:
    """428 without If-Match, 412 with a stale one, 404 for what does not exist."""
    draft = make(api)
    path = f"/invoices/{draft['id']}"

    assert api.patch(path, {"notes": "x"}).status == 428
    assert api.patch(path, {"notes": "x"}, headers={"If-Match": '"7"'}).status == 412
    assert api.post(f"{path}/issue", headers={"If-Match": '"7"'}).status == 412
    assert api.delete(path, headers={"If-Match": '"7"'}).status == 412
    assert api.patch("/invoices/acme.20261105.A.none", {}, headers={"If-Match": '"1"'}).status == 404
    assert api.patch("/invoices/nonsense", {}, headers={"If-Match": '"1"'}).status == 404


def test_what_the_state_forbids_is_a_conflict(api: ApiClient) -> None:
    """409 wrong_state, naming what is allowed instead."""
    issued = make(api, issue=True)
    path = f"/invoices/{issued['id']}"

    again, deleted = api.post(f"{path}/issue"), api.delete(path)

    assert (again.status, again.json["code"]) == (409, "wrong_state")
    assert again.json["allowed_actions"] == issued["actions"]
    assert again.json["detail"] == "An invoice that is issued does not allow: issue."
    assert (deleted.status, deleted.json["code"]) == (409, "wrong_state")


def test_locked_invoices(api: ApiClient) -> None:
    """Where the operator locks issued invoices, a correction is refused with a word on credit notes."""
    issued = make(api, issue=True)
    api.put("/settings", {"issued_invoices": "locked"})

    reply = patch(api, issued, {"notes": "No"})

    assert (reply.status, reply.json["code"]) == (409, "issued_locked")


def test_a_draft_is_deleted_once(api: ApiClient) -> None:
    """204, and then there is nothing."""
    path = f"/invoices/{make(api)['id']}"

    assert api.delete(path, headers={"If-Match": '"1"'}).status == 204
    assert api.delete(path).status == 404
    assert api.get(path).status == 404


def test_repetitions_have_one_effect(api: ApiClient) -> None:
    """The same key gives the stored answer, for making, issuing and voiding."""
    body = {"customer_id": "acme", "lines": [LINE], "issue": True}
    first = api.post("/invoices", body, headers={"Idempotency-Key": "a"})
    second = api.post("/invoices", body, headers={"Idempotency-Key": "a"})
    path = f"/invoices/{first.json['id']}/void"
    voids = [api.post(path, headers={"Idempotency-Key": "b"}) for _ in range(2)]

    assert second.headers["idempotency-replayed"] == "true"
    assert second.json == first.json
    assert [(void.status, void.json["status"]) for void in voids] == [(200, "void")] * 2
    assert len(api.get("/invoices").json["items"]) == 1


def test_customers_see_their_own_issued_documents_only(api: ApiClient) -> None:
    """Drafts are hidden, others' documents do not exist, and nothing can be changed."""
    api.post("/customers", {"id": "bolt", "name": "Bolt", "currency": "EUR"})
    draft, issued = make(api), make(api, issue=True)
    make(api, customer_id="bolt", issue=True)
    path = f"/invoices/{issued['id']}"

    seen = api.get("/invoices", customer="acme").json["items"]

    assert [row["id"] for row in seen] == [issued["id"]]
    assert api.get("/customers/acme/invoices", customer="acme").json["items"] == seen
    assert api.get(path, customer="acme").json["actions"] == []
    assert api.get(path, customer="bolt").status == 404
    assert api.get(f"/invoices/{draft['id']}", customer="acme").status == 404
    assert api.get(f"/invoices/{draft['id']}/pdf", customer="acme").status == 404
    assert api.get("/invoices?customer_id=bolt", customer="acme").status == 404
    assert api.post(f"{path}/void", customer="acme").status == 403
