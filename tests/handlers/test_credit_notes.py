"""Credit notes over the API: made, repeated, refused, listed and read, as clients see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.http import ApiClient, Reply


@pytest.fixture(autouse=True)
def customers(api: ApiClient) -> None:
    """Two customers in EUR at 20 %."""
    for name in ("acme", "bolt"):
        api.post("/customers", {"id": name, "name": name.title(), "currency": "EUR", "tax": {"percent": "20"}})


@pytest.fixture
def invoice(api: ApiClient) -> dict[str, Any]:
    """An issued invoice of 10 × 10.00 and 1 × 5.00, 126.00 with tax."""
    lines = [{"description": "Seat", "quantity": "10", "unit_price": "10.00"}, {"description": "Fee", "unit_price": "5.00"}]
    made: dict[str, Any] = api.post("/invoices", {"customer_id": "acme", "lines": lines, "issue": True}).json
    return made


def credit(api: ApiClient, invoice: dict[str, Any], body: dict[str, Any] | None = None, **options: Any) -> Reply:
    """Ask for a credit note; by default of all that is left."""
    return api.post(f"/invoices/{invoice['id']}/credit-notes", {"reason": "Wrong price", **(body or {})}, **options)


def test_an_invoice_is_credited_whole(api: ApiClient, invoice: dict[str, Any]) -> None:
    """The answer is the credit note: of its own series, positive, naming its invoice, with nothing to be done to it."""
    reply = credit(api, invoice)
    note = reply.json
    assert reply.status == 201
    assert (note["kind"], note["status"], note["number"], note["payment_status"]) == ("credit_note", "issued", "CN-1001", None)
    assert [(line["id"], line["net"]) for line in note["lines"]] == [("1", "100.00"), ("2", "5.00")]
    assert (note["subtotal"], note["tax_total"], note["total"]) == ("105.00", "21.00", "126.00")
    original = {name: note[f"original_invoice_{name}"] for name in ("id", "number", "date")}
    assert original == {"id": invoice["id"], "number": "INV-1001", "date": invoice["invoice_date"]}
    assert (note["reason"], note["actions"]) == ("Wrong price", ["render"])
    assert api.get(f"/invoices/{note['id']}").json == note


def test_what_may_be_done_follows_from_what_was_credited(api: ApiClient, invoice: dict[str, Any]) -> None:
    """Crediting is offered while something is left, voiding only before."""
    assert {"credit", "void"} <= set(invoice["actions"])
    credit(api, invoice, {"amount": "26.00"})
    part = api.get(f"/invoices/{invoice['id']}").json
    assert "credit" in part["actions"]
    assert "void" not in part["actions"]
    assert (part["amount_credited"], part["amount_due"], part["payment_status"]) == ("26.00", "100.00", "partially_paid")
    credit(api, invoice)
    whole = api.get(f"/invoices/{invoice['id']}").json
    assert "credit" not in whole["actions"]
    assert (whole["amount_credited"], whole["amount_due"], whole["payment_status"]) == ("126.00", "0.00", "paid")
    assert api.post(f"/invoices/{invoice['id']}/void").json["code"] == "has_payments"


def test_a_double_click_makes_one_credit_note(api: ApiClient, invoice: dict[str, Any]) -> None:
    """The same key gives the same answer; another request under it is refused."""
    key = {"Idempotency-Key": "click"}
    first, second = (credit(api, invoice, {"amount": "12.00"}, headers=key) for _ in range(2))
    assert (second.status, second.json) == (201, first.json)
    assert second.headers["idempotency-replayed"] == "true"
    assert credit(api, invoice, {"amount": "13.00"}, headers=key).json["code"] == "idempotency_mismatch"
    assert api.get(f"/invoices/{invoice['id']}").json["amount_credited"] == "12.00"


def test_two_tabs_do_not_credit_twice(api: ApiClient, invoice: dict[str, Any]) -> None:
    """Who read the invoice before it was credited gets 412."""
    tag = api.get(f"/invoices/{invoice['id']}").headers["etag"]
    assert credit(api, invoice, {"amount": "12.00"}, headers={"If-Match": tag}).status == 201
    stale = credit(api, invoice, {"amount": "12.00"}, headers={"If-Match": tag})
    assert (stale.status, stale.json["code"]) == (412, "stale_version")


def test_credit_notes_are_listed_by_kind_and_by_invoice(api: ApiClient, invoice: dict[str, Any]) -> None:
    """Apart from invoices in the lists of all and of one customer, and first to last on their invoice's own."""
    notes = [credit(api, invoice, {"amount": amount}).json["id"] for amount in ("12.00", "24.00", "36.00")]
    for path in ("/invoices", "/customers/acme/invoices"):
        found = api.get(f"{path}?kind=credit_note").json["items"]
        assert {row["id"] for row in found} == set(notes)
        assert [row["id"] for row in api.get(f"{path}?kind=invoice").json["items"]] == [invoice["id"]]
    assert [row["id"] for row in api.get("/invoices?number=CN-1002").json["items"]] == [notes[1]]
    accounted = api.get("/reports/numbering?series=credit-notes").json
    assert (accounted["first"], accounted["last"], accounted["gaps"]) == (1001, 1003, [])
    own = f"/invoices/{invoice['id']}/credit-notes"
    first = api.get(f"{own}?limit=2", customer="acme").json
    rest = api.get(f"{own}?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == notes
    assert rest["next_cursor"] is None
    assert api.get(own, customer="bolt").status == 404
    assert api.get(f"/invoices/{notes[0]}/credit-notes").json["items"] == []


def test_its_lines_are_there_as_csv(api: ApiClient, invoice: dict[str, Any]) -> None:
    """Like those of an invoice."""
    note = credit(api, invoice, {"lines": [{"line_id": "1", "quantity": "2"}]}).json
    text = api.get(f"/invoices/{note['id']}/csv").text
    assert "credit_note" in text
    assert "CN-1001" in text


def test_every_issue_is_told_at_once(api: ApiClient, invoice: dict[str, Any]) -> None:
    """A missing reason and an unknown field do not hide a line that does not exist or an amount that is too fine."""
    body = {"lines": [{"line_id": "9", "net": "1.00"}, {"line_id": "1", "net": "0.001"}, {"line_id": "2"}], "colour": "red"}
    reply = api.post(f"/invoices/{invoice['id']}/credit-notes", body)
    assert reply.status == 422
    assert reply.codes == {"reason": "required", "colour": "unknown_field", "lines.2": "invalid_value"}
    body = {"lines": [{"line_id": "9", "net": "1.00"}, {"line_id": "1", "net": "0.001"}], "invoice_date": "2020-01-01"}
    assert api.post(f"/invoices/{invoice['id']}/credit-notes", body).codes == {
        "reason": "required",
        "invoice_date": "invalid_date",
        "lines.0.line_id": "unknown_line",
        "lines.1.net": "invalid_amount",
    }


@pytest.mark.parametrize(
    "body, status, code",
    [
        ({"amount": "1.00", "lines": []}, 422, "invalid_value"),
        ({"lines": []}, 422, "required"),
        ({"amount": "0"}, 422, "invalid_amount"),
        ({"reason": "  "}, 422, "required"),
        ({"reason": "x" * 1001}, 422, "too_long"),
        ({"lines": [{"line_id": "1", "net": "1.00", "quantity": "1"}]}, 422, "invalid_value"),
        ({"amount": "126.01"}, 409, "over_credited"),
        ({"lines": [{"line_id": "1", "quantity": "11"}]}, 409, "over_credited"),
    ],
)
def test_what_cannot_be_credited_is_refused(
    api: ApiClient, invoice: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    """With the status of the reason, and nothing happens."""
    reply = credit(api, invoice, body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert api.get(f"/invoices/{invoice['id']}").json["amount_credited"] == "0.00"


def test_drafts_and_credit_notes_are_not_credited(api: ApiClient, invoice: dict[str, Any]) -> None:
    """Both are in a state that does not allow it; what does not exist is not found."""
    draft = api.post("/invoices", {"customer_id": "acme", "lines": [{"description": "Fee", "unit_price": "5.00"}]}).json
    note = credit(api, invoice).json
    for document in (draft, note):
        reply = credit(api, document)
        assert (reply.status, reply.json["code"]) == (409, "wrong_state")
    assert credit(api, {"id": "acme.20261201.A.nothing"}).status == 404
