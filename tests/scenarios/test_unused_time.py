"""Credits for unused time give back what was billed, whatever was changed between the charge and the end, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.test_packages import change, sell
from tests.support.story import Story

SEVEN = {"category": "S", "percent": "7", "name": "VAT"}


def bill(story: Story, customer_id: str, as_of: str) -> list[dict[str, Any]]:
    """Every missing period is billed now, if only with nothing; the customer's documents, oldest period first."""
    assert story.api.post(f"/customers/{customer_id}/auto-generate", {"as_of": as_of}).status in {200, 201}
    return sorted(story.invoices(customer_id), key=lambda invoice: str(invoice["period"]["start_date"]))


def credits_of(documents: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """First day, net, percent of tax of each credited line, and the document's total."""
    return [
        (line["start_date"], line["net"], line["tax"]["percent"], document["total"])
        for document in documents
        for line in document["lines"]
        if line["kind"] == "credit"
    ]


def edit(story: Story, invoice: dict[str, Any], lines: list[dict[str, str]]) -> None:
    """Other lines, on a draft or an issued invoice."""
    match = {"If-Match": f'"{invoice["version"]}"'}
    story.done(story.api.patch(f"/invoices/{invoice['id']}", {"lines": lines}, headers=match), 200)


@pytest.mark.parametrize("before, after", [("1", "10"), ("10", "1")])
def test_another_quantity_does_not_change_what_comes_back(story: Story, before: str, after: str) -> None:
    """December was charged before an end in November became known: exactly that comes back, not the quantity of later charges."""
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", own={"quantity": before})
    _, december = bill(story, acme, "2026-01-01T02:00:00Z")
    change(story, assignment, quantity=after)
    change(story, assignment, end_date="2025-11-20")
    found = bill(story, acme, "2026-02-01T02:00:00Z")
    assert credits_of(found) == [("2025-12-01", december["subtotal"], "20", december["total"])]


@pytest.mark.parametrize("price, expected", [("15.00", [("2025-11-11", "5.00", "20", "6.00")]), ("5.00", [])])
def test_a_revised_charge_bounds_its_credit(story: Story, price: str, expected: list[tuple[str, ...]]) -> None:
    """Of 30.00 ten days earned 10.00; where the line was lowered to 15.00 5.00 come back, and nothing of 5.00."""
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", prorate=True)
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    edit(story, november, [{"id": "1", "unit_price": price}])
    change(story, assignment, end_date="2025-11-10")
    assert credits_of(bill(story, acme, "2026-01-01T02:00:00Z")) == expected


def test_a_charge_taken_off_its_draft_is_not_credited(story: Story) -> None:
    """The clerk let the customer have November for nothing; ending it early pays nobody."""
    story.done(story.api.put("/settings", {"generated_invoices": "draft"}), 200)
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", prorate=True)
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    edit(story, november, [{"description": "Welcome", "unit_price": "0.00"}])
    change(story, assignment, end_date="2025-11-10")
    assert credits_of(bill(story, acme, "2026-01-01T02:00:00Z")) == []


def test_a_credit_is_taxed_as_its_charge_was(story: Story) -> None:
    """20.00 of November come back with the 20 % that were billed, though the customer has 7 % by now."""
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", prorate=True)
    bill(story, acme, "2025-12-01T02:00:00Z")
    story.done(story.api.patch(f"/customers/{acme}", {"tax": SEVEN}), 200)
    change(story, assignment, end_date="2025-11-10")
    assert credits_of(bill(story, acme, "2026-01-01T02:00:00Z")) == [("2025-11-11", "20.00", "20", "24.00")]


@pytest.mark.parametrize(
    "included, net, total",
    [pytest.param(True, "15.00", "18.00", id="no longer included"), pytest.param(False, "21.67", "26.00", id="included now")],
)
def test_a_credit_knows_whether_its_charge_was_with_tax(story: Story, *, included: bool, net: str, total: str) -> None:
    """Of 30.00, or 36.00, that were billed with tax, what ten days cost in prices of today stays, whatever those include now."""
    story.done(story.api.put("/settings", {"prices_include_tax": included}), 200)
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", prorate=True)
    bill(story, acme, "2025-12-01T02:00:00Z")
    story.done(story.api.put("/settings", {"prices_include_tax": not included}), 200)
    change(story, assignment, end_date="2025-11-10")
    assert credits_of(bill(story, acme, "2026-01-01T02:00:00Z")) == [("2025-11-11", net, "20", total)]


def test_an_end_within_a_minimum_spend_asks_for_nothing_more(story: Story) -> None:
    """Without proration November's minimum is owed whole, and was: calls after the end do not raise it."""
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", minimum_spend=True, unit_price="50.00")
    story.calls(acme, ("2025-11-05T12:00:00Z", "10.00"), ("2025-11-20T12:00:00Z", "10.00"), ("2025-12-05T12:00:00Z", "1.00"))
    bill(story, acme, "2025-12-01T02:00:00Z")
    change(story, assignment, end_date="2025-11-10")
    *_, december = bill(story, acme, "2026-01-01T02:00:00Z")
    assert [(line["kind"], line["net"]) for line in december["lines"]] == [("usage", "1.00")]
