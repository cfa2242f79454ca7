"""Revising and voiding through the API: numbers and papers stay, days and charges come free."""

from __future__ import annotations

from typing import Any

from tests.support.story import Story


def test_a_revised_invoice_that_is_voided_keeps_every_paper(story: Story) -> None:
    """Revision 0, 1 and the void each have their PDF; the report accounts for the number; its days are billed by hand anew."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    [issued] = story.invoices(acme)
    story.render()
    path = f"/invoices/{issued['id']}"
    revised = story.done(story.api.patch(path, {"notes": "PO 7"}, headers=etag(story, path)), 200)
    story.render()
    void = story.done(story.api.post(f"{path}/void", headers=etag(story, path)), 200)
    story.render()
    assert [(one["number"], one["revision"], one["status"]) for one in (revised, void)] == [
        ("INV-1001", 1, "issued"),
        ("INV-1001", 2, "void"),
    ]
    papers = [story.done(story.api.get(f"{path}/pdf?revision={revision}"), 200) for revision in range(3)]
    assert [(paper["status"], f"/{n}.pdf" in paper["url"]) for n, paper in enumerate(papers)] == [("ready", True)] * 3
    texts = [story.done(story.api.get(f"{path}?revision={revision}"), 200)["notes"] for revision in range(3)]
    assert texts == [issued["notes"], "PO 7", "PO 7"]
    again = story.done(story.api.post(f"/customers/{acme}/invoices", november()), 201)
    assert (again["number"], again["subtotal"]) == ("INV-1002", "5.00")
    report = story.done(story.api.get("/reports/numbering?series=invoices"), 200)
    assert (report["issued"], report["void"], report["gaps"]) == (1, 1, [])


def test_a_paid_invoice_can_be_revised_but_not_below_its_payment_nor_voided(story: Story) -> None:
    """6.00 due and paid: 5.00 × 1.2 may become more, not less, and the void is refused until the money is taken back."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    [invoice] = story.invoices(acme)
    path, line = f"/invoices/{invoice['id']}", {"id": invoice["lines"][0]["id"]}
    body = {"customer_id": acme, "amount": "6.00", "date": "2025-12-02"}
    money = story.done(story.api.post("/payments", body, headers={"Idempotency-Key": "p"}), 201)
    allocation = {"payment_id": money["id"], "amount": "6.00"}
    allocated = story.done(story.api.post(f"{path}/payments", allocation, headers={"Idempotency-Key": "a"}), 201)
    less = story.api.patch(path, {"lines": [{**line, "discount_percent": "1"}]}, headers=etag(story, path))
    assert (less.status, less.json["code"]) == (409, "total_below_paid")
    more = {"lines": [line, {"description": "Call-out", "quantity": "1", "unit_price": "10.00"}]}
    revised = story.done(story.api.patch(path, more, headers=etag(story, path)), 200)
    assert (revised["total"], revised["amount_due"], revised["payment_status"]) == ("18.00", "12.00", "partially_paid")
    refused = story.api.post(f"{path}/void")
    assert (refused.status, refused.json["code"]) == (409, "has_payments")
    assert story.api.delete(f"{path}/payments/{allocated['id']}").status in {200, 204}
    assert story.done(story.api.post(f"{path}/void"), 200)["status"] == "void"


def november() -> dict[str, Any]:
    """All of November, ticked."""
    return {"days": [{"start_date": "2025-11-01", "end_date": "2025-11-30"}]}


def etag(story: Story, path: str) -> dict[str, str]:
    """The header that names the state now in force."""
    return {"If-Match": story.api.get(path).headers["etag"]}
