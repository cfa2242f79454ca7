"""Customers over the API: made, read, listed, changed, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.store.accounts import get_account
from chalicelib.store.tables import BillingItem, KeyItem
from chalicelib.store.work_tables import UsageHeadItem, WorkItem
from tests.support.http import ApiClient

ACME = {"id": "acme", "name": "Acme Ltd", "currency": "EUR"}


def test_a_new_customer_has_defaults_and_can_be_read_back(api: ApiClient) -> None:
    """Name and currency are enough; the answer is what GET gives, with the version as ETag."""
    made = api.post("/customers", {"name": "Acme Ltd", "currency": "EUR"})
    assert made.status == 201
    assert made.headers["etag"] == '"1"'
    assert made.json["timezone"] == "UTC"
    assert made.json["invoice_due_days"] == 14
    assert made.json["status"] == "active"
    assert made.json["created_at"].endswith("Z")
    assert api.get(f"/customers/{made.json['id']}").json == made.json


def test_a_customer_may_bring_its_own_id_once(api: ApiClient) -> None:
    """A chosen id is kept, and nobody else gets it."""
    assert api.post("/customers", ACME).json["id"] == "acme"
    again = api.post("/customers", {**ACME, "name": "Other"})
    assert (again.status, again.json["code"]) == (409, "already_exists")


def test_everything_wrong_is_said_at_once(api: ApiClient) -> None:
    """Each wrong field of a customer has its issue, in one answer."""
    wrong: dict[str, Any] = {
        "name": "Acme",
        "currency": "XYZ",
        "email": "nobody",
        "timezone": "Mars/Base",
        "locale": "xx-YY",
        "address": {"country": "UK"},
        "tax": {"category": "AE", "percent": "20"},
        "schedule": {"frequency": "weekly", "anchor": 8},
        "invoice_due_days": -1,
    }
    reply = api.post("/customers", wrong)
    assert reply.status == 422
    assert reply.codes == {
        "currency": "unknown_currency",
        "email": "invalid_value",
        "timezone": "unknown_timezone",
        "locale": "invalid_value",
        "address.country": "invalid_value",
        "tax.percent": "invalid_value",
        "tax.reason": "reason_required",
        "schedule.anchor": "invalid_value",
        "invoice_due_days": "invalid_value",
    }


@pytest.mark.parametrize(
    "body,codes",
    [
        ({}, {"name": "required", "currency": "required"}),
        ({**ACME, "vat": 1}, {"vat": "unknown_field"}),
        ({**ACME, "tax": {"percent": 19.5}}, {"tax.percent": "invalid_amount"}),
        ({**ACME, "tax": {"percent": "NaN"}}, {"tax.percent": "invalid_amount"}),
        ({**ACME, "billing_start": "2026-02-30"}, {"billing_start": "invalid_date"}),
        ({**ACME, "billing_start": "0001-01-01"}, {"billing_start": "invalid_date"}),
        ({**ACME, "billing_start": 20260101}, {"billing_start": "invalid_type"}),
        ({**ACME, "id": "a/b"}, {"id": "invalid_value"}),
        ({**ACME, "status": "gone"}, {"status": "invalid_value"}),
        ({**ACME, "version": 7}, {"version": "unknown_field"}),
    ],
)
def test_refuses_what_no_customer_can_be(api: ApiClient, body: dict[str, Any], codes: dict[str, str]) -> None:
    """Missing, unknown and misshapen fields are named with their path."""
    reply = api.post("/customers", body)
    assert (reply.status, reply.codes) == (422, codes)


def test_patch_changes_only_what_it_names(api: ApiClient) -> None:
    """Fields left out keep their value, also inside address and tax; null takes an optional one away."""
    address = {"city": "Bonn", "country": "DE"}
    api.post("/customers", {**ACME, "address": address, "tax": {"percent": "19", "name": "MwSt"}, "line_grouping": "day"})
    changed = api.patch("/customers/acme", {"address": {"city": "Ulm"}, "tax": {"percent": "7"}, "line_grouping": None}).json
    assert (changed["address"]["city"], changed["address"]["country"]) == ("Ulm", "DE")
    assert changed["tax"] == {"category": "S", "percent": "7", "name": "MwSt", "reason": ""}
    assert changed["line_grouping"] is None
    assert changed["name"] == "Acme Ltd"
    assert changed["version"] == 2


def test_a_customer_may_have_several_addresses(api: ApiClient) -> None:
    """Each once, ten beside the main one; wrong ones are named by their place."""
    given = {"email": "ap@acme.example", "email_cc": ["cfo@acme.example", "AP@acme.example", "CFO@acme.example"]}
    made = api.post("/customers", {**ACME, **given}).json
    assert (made["email_cc"], made["email_cc_troubles"]) == (["cfo@acme.example"], [])
    assert api.patch("/customers/acme", {"email_cc": ["x", ""]}).codes == {
        "email_cc.0": "invalid_value",
        "email_cc.1": "required",
    }
    assert api.patch("/customers/acme", {"email_cc": ["a@b.example"] * 11}).codes == {"email_cc": "too_many_items"}
    assert api.patch("/customers/acme", {"email": ""}).codes == {"email": "required"}
    assert api.patch("/customers/acme", {"email_cc_troubles": []}).codes == {"email_cc_troubles": "unknown_field"}
    assert api.patch("/customers/acme", {"email": "", "email_cc": []}).json["email_cc"] == []


def test_the_currency_stays_for_life(api: ApiClient) -> None:
    """Sending the same currency back is fine, another one is refused."""
    api.post("/customers", ACME)
    assert api.patch("/customers/acme", {"currency": "EUR"}).status == 200
    assert api.patch("/customers/acme", {"currency": "USD"}).codes == {"currency": "invalid_value"}


def test_billing_starts_the_day_the_schedule_is_switched_on(api: ApiClient) -> None:
    """Without a billing_start it is the customer's local date, and it stays when the schedule changes."""
    api.post("/customers", ACME)
    assert api.get("/customers/acme").json["billing_start"] is None
    on = api.patch("/customers/acme", {"schedule": {"frequency": "monthly", "anchor": 31}}).json
    assert on["billing_start"] == datetime.now(UTC).date().isoformat()
    given = api.post(
        "/customers", {"name": "B", "currency": "EUR", "schedule": {"frequency": "daily"}, "billing_start": "2026-01-01"}
    )
    assert given.json["billing_start"] == "2026-01-01"


def test_the_billing_clock_follows_the_schedule(api: ApiClient) -> None:
    """The clock is due while there is a schedule and the customer is active, and changes with schedule, zone and start."""
    api.post("/customers", {**ACME, "schedule": {"frequency": "monthly"}, "billing_start": "2026-11-01"})
    clock = get_account("acme").clock
    assert clock is not None
    assert clock.due_at == datetime(2026, 12, 1, 2, tzinfo=UTC)
    api.patch("/customers/acme", {"timezone": "Europe/Paris"})
    moved = get_account("acme").clock
    assert moved is not None
    assert moved.due_at == datetime(2026, 12, 1, 1, tzinfo=UTC)
    api.patch("/customers/acme", {"status": "inactive"})
    stopped = get_account("acme").clock
    assert stopped is not None
    assert stopped.due_at is None


def test_lists_by_name_whatever_the_case(api: ApiClient) -> None:
    """The list is in order of folded names, page by page, and ?q= finds a beginning of the name."""
    for name in ("beta", "Alpha", "ALPHABET", "Gamma", "Straße"):
        api.post("/customers", {"name": name, "currency": "EUR"})
    first = api.get("/customers?limit=2").json
    second = api.get(f"/customers?limit=2&cursor={first['next_cursor']}").json
    third = api.get(f"/customers?limit=2&cursor={second['next_cursor']}").json
    names = [item["name"] for each in (first, second, third) for item in each["items"]]
    assert names == ["Alpha", "ALPHABET", "beta", "Gamma", "Straße"]
    assert third["next_cursor"] is None
    assert [item["name"] for item in api.get("/customers?q=aLPha").json["items"]] == ["Alpha", "ALPHABET"]
    assert [item["name"] for item in api.get("/customers?q=STRASS").json["items"]] == ["Straße"]


def test_a_renamed_customer_moves_in_the_list(api: ApiClient) -> None:
    """The list follows the name."""
    api.post("/customers", ACME)
    api.patch("/customers/acme", {"name": "Zenith"})
    assert api.get("/customers?q=acme").json["items"] == []
    assert [item["id"] for item in api.get("/customers?q=zen").json["items"]] == ["acme"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=ten", "cursor=???", "cursor=Zm9v", "name=x", "limit=1&limit=2"])
def test_refuses_a_list_that_makes_no_sense(api: ApiClient, query: str) -> None:
    """Limits out of range, cursors we did not give out, unknown and repeated parameters are 422."""
    assert api.get(f"/customers?{query}").status == 422


def test_deletes_a_customer_with_its_clock_and_assignments(api: ApiClient) -> None:
    """Nothing of a deleted customer stays."""
    api.post("/customers", {**ACME, "schedule": {"frequency": "monthly"}})
    assert api.delete("/customers/acme").status == 204
    assert api.get("/customers/acme").status == 404
    assert [item.pk for item in BillingItem.scan() if item.pk == "C#acme"] == []


@pytest.mark.parametrize(
    "item",
    [
        KeyItem("C#acme", "I#20261101#R", doc={}),
        KeyItem("C#acme", "P#20261101#1", doc={}),
        KeyItem("C#acme", "A#20261101#R#1#1", doc={}),
        KeyItem("C#acme", "L#2026-11", doc={}),
        KeyItem("C#acme", "R#20261101#R#0000", doc={}),
        UsageHeadItem("U#acme", "0", n=1),
    ],
)
def test_a_customer_with_documents_or_usage_is_not_deleted(api: ApiClient, item: BillingItem | WorkItem) -> None:
    """Whatever lies under a document's key keeps the customer, and so does usage; it can be made inactive."""
    api.post("/customers", ACME)
    item.save()
    reply = api.delete("/customers/acme")
    assert (reply.status, reply.json["code"]) == (409, "has_documents")
    assert api.patch("/customers/acme", {"status": "inactive"}).json["status"] == "inactive"


def test_a_stale_version_neither_changes_nor_deletes(api: ApiClient) -> None:
    """If-Match protects from overwriting what somebody else changed meanwhile."""
    etag = api.post("/customers", ACME).headers["etag"]
    api.patch("/customers/acme", {"name": "First"})
    assert api.patch("/customers/acme", {"name": "Second"}, headers={"If-Match": etag}).status == 412
    assert api.delete("/customers/acme", headers={"If-Match": etag}).status == 412
    assert api.get("/customers/acme").json["name"] == "First"


def test_a_repeated_request_makes_one_customer(api: ApiClient) -> None:
    """Two POSTs under one Idempotency-Key make one customer and get the same answer."""
    body = {"name": "Acme", "currency": "EUR"}
    first = api.post("/customers", body, headers={"Idempotency-Key": "k"})
    second = api.post("/customers", body, headers={"Idempotency-Key": "k"})
    assert second.json == first.json
    assert second.headers["etag"] == first.headers["etag"]
    assert len(api.get("/customers").json["items"]) == 1
