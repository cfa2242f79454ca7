"""Statements to carry away, over HTTP: links to CSV and PDF."""

from __future__ import annotations

from tests.support.http import ApiClient
from tests.support.story import Story


def test_over_http_both_are_links(api: ApiClient, story: Story) -> None:
    """202 while the PDF is drawn; a customer sees its own statement only; wrong days are refused."""
    story.customer(id="acme", schedule=None)
    path = "/customers/acme/statement"
    assert story.done(api.get(f"{path}.csv"), 200)["status"] == "ready"
    reply = api.get(f"{path}.pdf?from=2026-01-01&to=2026-12-31")
    assert (reply.status, reply.json["status"], reply.headers["retry-after"]) == (202, "rendering", "2")
    story.render()
    ready = story.done(api.get(f"{path}.pdf?from=2026-01-01&to=2026-12-31", customer="acme"), 200)
    assert ready["url"]
    assert api.get(f"{path}.pdf", customer="other").status == 404
    assert api.get(f"{path}.csv?from=2026-02-01&to=2026-01-01").codes == {"to": "invalid_value"}


def test_credit_notes_and_refunds_are_on_it(api: ApiClient, story: Story) -> None:
    """A paid invoice is credited and part of the credit goes back: the closing balance is the customer's balance."""
    story.customer(id="acme", schedule=None)
    lines = [{"description": "Work", "unit_price": "10.00"}]
    invoice = story.done(api.post("/invoices", {"customer_id": "acme", "lines": lines, "issue": True}), 201)
    paid = api.post("/payments", {"customer_id": "acme", "amount": "12.00"}, headers={"Idempotency-Key": "pay"})
    path = f"/payments/{story.done(paid, 201)['id']}/allocate"
    story.done(api.post(path, {"strategy": "oldest_first"}, headers={"Idempotency-Key": "allocate"}), 200)
    story.done(api.post(f"/invoices/{invoice['id']}/credit-notes", {"reason": "Late", "amount": "6.00"}), 201)
    (credit,) = [one for one in api.get("/customers/acme/payments").json["items"] if one["credit_note_id"]]
    story.done(api.post(f"/payments/{credit['id']}/refund", {"amount": "2.00"}), 200)
    statement = api.get("/customers/acme/statement").json
    assert [(one["kind"], one["balance"]) for one in statement["movements"]] == [
        ("invoice", "12.00"),
        ("payment", "0.00"),
        ("credit_note", "-6.00"),
        ("refund", "-4.00"),
    ]
    assert statement["closing"] == api.get("/customers/acme/balance").json["balance"] == "-4.00"
