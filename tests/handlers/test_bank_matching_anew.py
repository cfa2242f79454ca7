"""Proposals for entries that wait follow what is owed: made anew when asked, kept, and refused when another set replaced them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws_calls import meanwhile
from tests.support.statements import Row, csv_request
from tests.support.story import Story


@pytest.fixture
def story(story: Story) -> Story:
    """An operator with the customer `acme`, which owes nothing yet."""
    story.customer(id="acme", name="Acme Ltd", schedule=None)
    return story


def invoice(story: Story) -> dict[str, Any]:
    """An issued invoice over 12.00."""
    lines = [{"description": "Work", "unit_price": "10.00"}]
    body = {"customer_id": "acme", "lines": lines, "issue": True, "invoice_date": "2026-11-15"}
    return story.done(story.api.post("/invoices", body), 201)


def take_in(story: Story, *rows: Row) -> str:
    """A statement; its path."""
    return f"/bank-statements/{story.done(story.api.post('/bank-statements', csv_request(*rows)), 201)['id']}"


def matched(story: Story, path: str) -> dict[str, Any]:
    """The first entry of the statement, matched anew."""
    return story.done(story.api.post(f"{path}/entries/000002/match"), 200)


def entry_of(story: Story, path: str, place: int = 2) -> dict[str, Any]:
    """An entry as it is kept."""
    return story.done(story.api.get(f"{path}/entries/{place:06d}"), 200)


def lines_of(entry: dict[str, Any]) -> list[dict[str, str]]:
    """The allocations of the first proposal, as they are confirmed."""
    return [{"invoice_id": one["invoice_id"], "amount": one["amount"]} for one in entry["proposals"][0]["allocations"]]


def confirm(story: Story, path: str, entry: dict[str, Any], **fields: Any) -> Any:
    """Confirm the entry's first proposal, as it was seen."""
    body = {"customer_id": "acme", "allocations": lines_of(entry), "proposed_at": entry["proposed_at"], **fields}
    return story.api.post(f"{path}/entries/{entry['id']}/confirm", body)


def test_an_invoice_that_came_after_the_money_is_proposed_when_asked(story: Story) -> None:
    """Matching keeps what it finds and books nothing; matching again changes nothing."""
    path = take_in(story, Row(text="INV-1001"))
    assert entry_of(story, path)["proposals"] == []
    bill = invoice(story)
    found = matched(story, path)
    assert [line["invoice_id"] for line in lines_of(found)] == [bill["id"]]
    assert entry_of(story, path) == matched(story, path) == found
    assert story.api.get("/payments").json["items"] == []
    assert confirm(story, path, found).json["payment"]["allocated"] == "12.00"
    assert story.api.get(f"/invoices/{bill['id']}").json["payment_status"] == "paid"


def test_a_whole_statement_is_matched_page_by_page(story: Story) -> None:
    """Only entries that wait; those that were decided keep what the clerk saw."""
    path = take_in(story, Row(text="INV-1001"), Row(amount="-1.00"), Row(amount="12.00", text="INV-1002"), Row(amount="3.00"))
    story.done(story.api.post(f"{path}/entries/000005/dismiss", {}), 200)
    bills = [invoice(story), invoice(story)]
    first = story.done(story.api.post(f"{path}/match?limit=1"), 200)
    rest = story.done(story.api.post(f"{path}/match?limit=1&cursor={first['next_cursor']}"), 200)
    found = [*first["items"], *rest["items"]]
    assert [entry["id"] for entry in found] == ["000002", "000004"]
    assert [lines_of(entry)[0]["invoice_id"] for entry in found] == [bill["id"] for bill in bills]
    assert rest["next_cursor"] is None
    assert entry_of(story, path, 5)["proposals"] == []
    assert story.api.post("/bank-statements/none/match").status == 404
    assert story.api.post(f"{take_in(story, Row(amount='-1.00'))}/match").json["items"] == []


def test_what_was_paid_meanwhile_is_no_longer_proposed(story: Story) -> None:
    """The old proposal is refused by its instant, and without it by its amounts; nothing is booked by either."""
    bill = invoice(story)
    path = take_in(story, Row(text="INV-1001"))
    seen = entry_of(story, path)
    money = {"customer_id": "acme", "amount": "12.00"}
    payment = story.done(story.api.post("/payments", money, headers={"Idempotency-Key": "beside"}), 201)
    line = {"payment_id": payment["id"], "amount": "12.00"}
    story.done(story.api.post(f"/invoices/{bill['id']}/payments", line, headers={"Idempotency-Key": "at once"}), 201)
    assert matched(story, path)["proposals"] == []
    stale, old = confirm(story, path, seen), confirm(story, path, seen, proposed_at=None)
    assert [(reply.status, reply.json["code"]) for reply in (stale, old)] == [(409, "stale_plan"), (409, "over_allocated")]
    assert len(story.api.get("/payments").json["items"]) == 1
    assert entry_of(story, path)["status"] == "pending"


def test_proposals_that_stay_the_same_are_not_stale(story: Story) -> None:
    """Another clerk who looks again changes nothing for the first; a repetition is answered, whatever was matched since."""
    invoice(story)
    path = take_in(story, Row(text="INV-1001"))
    seen = entry_of(story, path)
    assert matched(story, path)["proposed_at"] == seen["proposed_at"]
    first, again = confirm(story, path, seen), confirm(story, path, seen, proposed_at="2026-01-01T00:00:00Z")
    assert first.json["payment"]["id"] == again.json["payment"]["id"]


def test_what_may_still_be_confirmed_is_matched_and_nothing_else(story: Story) -> None:
    """A dismissed entry, and one whose payment was cancelled; not one that is booked, nor money that went out."""
    path = take_in(story, Row(text="INV-1001"), Row(amount="-1.00"))
    story.done(story.api.post(f"{path}/entries/000002/dismiss", {}), 200)
    bill = invoice(story)
    found = matched(story, path)
    assert (found["status"], lines_of(found)[0]["invoice_id"]) == ("dismissed", bill["id"])
    booked = confirm(story, path, found, allocations=[]).json
    for place in (2, 3):
        refused = story.api.post(f"{path}/entries/{place:06d}/match")
        assert (refused.status, refused.json["code"]) == (409, "wrong_state")
    story.done(story.api.patch(f"/payments/{booked['payment']['id']}", {"status": "cancelled"}), 200)
    again = invoice(story)
    assert len(matched(story, path)["proposals"]) == 1
    assert confirm(story, path, {**found, "proposed_at": None}).json["payment"]["allocated"] == "12.00"
    assert again["amount_due"] == "12.00"


def test_an_entry_that_is_decided_meanwhile_stays_decided(story: Story) -> None:
    """Matching that comes too late answers with the entry as it is."""
    path = take_in(story, Row(text="INV-1001"))
    invoice(story)
    body = {"customer_id": "acme"}
    with meanwhile("UpdateItem", 1, lambda: story.api.post(f"{path}/entries/000002/confirm", body)):
        late = matched(story, path)
    assert (late["status"], late["proposals"]) == ("confirmed", [])
