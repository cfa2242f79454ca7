"""Credit notes over the months, through the API and the schedule; every figure calculated by hand beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.story import Story


def allocate(story: Story, payment_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Allocate a payment."""
    return story.done(story.api.post(f"/payments/{payment_id}/allocate", body, headers={"Idempotency-Key": key}), 200)


def pay(story: Story, customer_id: str, amount: str) -> str:
    """A completed payment; its id."""
    body = {"customer_id": customer_id, "amount": amount}
    return str(story.done(story.api.post("/payments", body, headers={"Idempotency-Key": f"pay-{amount}"}), 201)["id"])


def balance(story: Story, customer_id: str) -> tuple[str, str, str]:
    """What is due, unallocated, and both together."""
    shown = story.done(story.api.get(f"/customers/{customer_id}/balance"), 200)
    return shown["due"], shown["unallocated"], shown["balance"]


def package(story: Story, customer_id: str, start: str, **fields: Any) -> str:
    """A prorated package on the customer; where the assignment is."""
    body = {"name": "Line", "match_days": [1], "prorate": True, **fields}
    made = story.done(story.api.post("/packages", body), 201)
    assigned = {"package_id": made["id"], "start_date": start}
    return f"/customers/{customer_id}/packages/" + str(
        story.done(story.api.post(f"/customers/{customer_id}/packages", assigned), 201)["id"]
    )


def test_a_wrong_price_is_credited_after_it_was_paid(story: Story) -> None:
    """10 × 10.00 + 20 % were paid; three units come back: 36.00 are credit, pay 24.00 of the next invoice, 12.00 go back."""
    acme = story.customer(schedule=None, billing_start=None)
    lines = [{"description": "Seat", "quantity": "10", "unit_price": "10.00"}]
    made = story.done(story.api.post("/invoices", {"customer_id": acme, "lines": lines, "issue": True}), 201)
    allocate(story, pay(story, acme, "120.00"), "a", {"strategy": "oldest_first"})
    asked = {"reason": "Three seats were never used.", "lines": [{"line_id": made["lines"][0]["id"], "quantity": "3"}]}
    note = story.done(story.api.post(f"/invoices/{made['id']}/credit-notes", asked), 201)
    assert (note["number"], note["subtotal"], note["tax_total"], note["total"]) == ("CN-1001", "30.00", "6.00", "36.00")
    assert (note["original_invoice_id"], note["original_invoice_number"]) == (made["id"], made["number"])
    assert note["id"] in story.render()
    assert story.done(story.api.get(f"/invoices/{note['id']}/pdf"), 200)["status"] == "ready"
    invoice = story.invoice(made["id"])
    amounts = [invoice[f"amount_{name}"] for name in ("paid", "credited", "refunded", "due")]
    assert (amounts, invoice["payment_status"]) == (["120.00", "36.00", "36.00", "0.00"], "paid")
    assert balance(story, acme) == ("0.00", "36.00", "-36.00")

    story.done(story.api.post("/invoices", {"customer_id": acme, "lines": lines, "issue": True}), 201)
    [credit] = [one for one in story.api.get("/payments").json["items"] if one["credit_note_id"] == note["id"]]
    allocate(story, credit["id"], "b", {"allocations": [{"invoice_id": open_one(story, acme), "amount": "24.00"}]})
    story.done(story.api.post(f"/payments/{credit['id']}/refund", {"amount": "12.00"}), 200)
    assert balance(story, acme) == ("96.00", "0.00", "96.00")
    statement = story.done(story.api.get(f"/customers/{acme}/statement"), 200)
    assert sorted((row["kind"], row["debit"], row["credit"]) for row in statement["movements"]) == [
        ("credit_note", "0.00", "36.00"),
        ("invoice", "120.00", "0.00"),
        ("invoice", "120.00", "0.00"),
        ("payment", "0.00", "120.00"),
        ("refund", "12.00", "0.00"),
    ]
    assert statement["closing"] == "96.00"
    [row] = story.done(story.api.get("/reports/ageing?currency=EUR"), 200)["customers"]
    assert (row["total"], row["unallocated"]) == ("96.00", "0.00")
    assert story.done(story.api.get("/reports/reconciliation"), 200)["findings"] == []


def open_one(story: Story, customer_id: str) -> str:
    """The one invoice that owes something."""
    [row] = story.api.get(f"/customers/{customer_id}/invoices?status=unpaid").json["items"]
    return str(row["id"])


def test_what_a_credit_note_took_back_is_not_credited_again(story: Story) -> None:
    """31.00 charged for December, 15.00 of it credited on request; of the 21.00 that an early end leaves only 16.00 come back."""
    acme = story.customer(billing_start="2025-12-01")
    assignment = package(story, acme, "2025-12-01", unit_price="31.00")
    story.schedule("monthly", "2026-01-01T06:15:00Z")
    [december] = story.invoices(acme)
    asked = {"reason": "Outage", "lines": [{"line_id": december["lines"][0]["id"], "net": "15.00"}]}
    story.done(story.api.post(f"/invoices/{december['id']}/credit-notes", asked), 201)
    story.done(story.api.patch(assignment, {"end_date": "2025-12-10"}), 200)
    story.schedule("monthly", "2026-02-01T06:15:00Z")
    [_, generated] = story.invoices(acme, kind="credit_note")
    assert [(line["kind"], line["net"]) for line in generated["lines"]] == [("credit", "16.00")]
    assert (generated["original_invoice_id"], generated["total"]) == (None, "19.20")


@pytest.mark.parametrize("mode", ["issue", "draft"])
def test_a_credit_note_of_a_run_is_money_to_spend(story: Story, mode: str) -> None:
    """What a run gives back for unused time can be allocated, issued at once or left as a draft and issued by a clerk."""
    acme = story.customer(billing_start="2025-12-01")
    assignment = package(story, acme, "2025-12-01", unit_price="31.00")
    story.schedule("monthly", "2026-01-01T06:15:00Z")
    story.done(story.api.put("/settings", {"name": "Telco", "generated_invoices": mode}), 200)
    story.done(story.api.patch(assignment, {"end_date": "2025-12-10"}), 200)
    story.schedule("monthly", "2026-02-01T06:15:00Z")
    [note] = story.invoices(acme, kind="credit_note")
    if mode == "draft":
        assert balance(story, acme) == ("37.20", "0.00", "37.20")
        note = story.done(story.api.post(f"/invoices/{note['id']}/issue"), 200)
    assert balance(story, acme) == ("37.20", "25.20", "12.00")
    [credit] = story.api.get(f"/customers/{acme}/payments").json["items"]
    assert (credit["credit_note_id"], credit["reference"]) == (note["id"], note["number"])
    allocate(story, credit["id"], "c", {"strategy": "oldest_first"})
    assert balance(story, acme) == ("12.00", "0.00", "12.00")
    assert story.done(story.api.get("/reports/reconciliation"), 200)["findings"] == []
