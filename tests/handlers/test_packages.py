"""The catalogue over the API, and packages on customers."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.store.tables import LedgerItem
from tests.support.http import ApiClient

FLAT = {"name": "Flat", "unit_price": "30.00", "setup_price": "5", "description": "Flat rate"}


@pytest.fixture
def flat(api: ApiClient) -> str:
    """The id of a monthly package; the customer `acme` is there too."""
    api.post("/customers", {"id": "acme", "name": "Acme Ltd", "currency": "EUR"})
    package_id: str = api.post("/packages", FLAT).json["id"]
    return package_id


def billed(day: str) -> None:
    """Let an invoice have claimed a day of acme."""
    LedgerItem("C#acme", f"L#{day[:7]}", days={day[8:]: "20261101#R"}, owners={"20261101#R": "run"}).save()


def assigned(api: ApiClient, package_id: str, **fields: Any) -> dict[str, Any]:
    """An assignment from 1 November 2026 on."""
    body = {"package_id": package_id, "start_date": "2026-11-01", **fields}
    made: dict[str, Any] = api.post("/customers/acme/packages", body).json
    return made


def test_a_package_keeps_its_prices_exactly(api: ApiClient) -> None:
    """Prices come back as they were sent, with their own scale."""
    made = api.post("/packages", {**FLAT, "unit_price": "0.00080", "quantity": 3})
    assert made.status == 201
    assert (made.json["unit_price"], made.json["setup_price"], made.json["quantity"]) == ("0.00080", "5", "3")
    assert api.get(f"/packages/{made.json['id']}").json == made.json


@pytest.mark.parametrize(
    "body,codes",
    [
        ({"name": "X", "unit_price": 9.99}, {"unit_price": "invalid_amount"}),
        ({"name": "X", "unit_price": "-1"}, {"unit_price": "invalid_amount"}),
        ({"name": "X", "unit_price": "1e3"}, {"unit_price": "invalid_amount"}),
        ({"name": "X", "unit_price": "1000000000000"}, {"unit_price": "invalid_amount"}),
        ({"name": "X", "unit_price": "0.0000000000001"}, {"unit_price": "invalid_amount"}),
        ({"name": "X", "quantity": "0"}, {"quantity": "invalid_amount"}),
        ({"name": "X", "quantity": True}, {"quantity": "invalid_type"}),
        ({"name": "X", "frequency": "weekly", "match_days": [1, 8]}, {"match_days.1": "invalid_value"}),
        ({"name": "X", "frequency": "daily", "match_days": [1]}, {"match_days.0": "invalid_value"}),
        ({"name": "X", "match_days": [1, 1]}, {"match_days": "invalid_value"}),
        ({"name": "X", "frequency": "none", "minimum_spend": True}, {"minimum_spend": "invalid_value"}),
        ({"name": "X", "tax": {"category": "E"}}, {"tax.reason": "reason_required"}),
        (
            {"unit_price": "x", "frequency": "hourly"},
            {"name": "required", "unit_price": "invalid_amount", "frequency": "invalid_value"},
        ),
    ],
)
def test_refuses_what_no_package_can_be(api: ApiClient, body: dict[str, Any], codes: dict[str, str]) -> None:
    """Inexact prices, impossible match days and contradictions are named with their path."""
    reply = api.post("/packages", body)
    assert (reply.status, reply.codes) == (422, codes)


def test_lists_the_catalogue_page_by_page(api: ApiClient) -> None:
    """Pages follow each other without gap or repetition."""
    ids = [api.post("/packages", {"name": name}, headers={"Idempotency-Key": name}).json["id"] for name in "abc"]
    first = api.get("/packages?limit=2").json
    second = api.get(f"/packages?limit=2&cursor={first['next_cursor']}").json
    assert sorted(item["id"] for each in (first, second) for item in each["items"]) == sorted(ids)
    assert second["next_cursor"] is None


def test_an_unassigned_package_can_change_and_go(api: ApiClient, flat: str) -> None:
    """Nobody has it, so everything may change, and it may be deleted."""
    changed = api.patch(f"/packages/{flat}", {"frequency": "weekly", "match_days": [5], "tax": {"percent": "7"}})
    assert (changed.json["match_days"], changed.json["tax"]["percent"], changed.headers["etag"]) == ([5], "7", '"2"')
    assert api.delete(f"/packages/{flat}", headers={"If-Match": '"1"'}).status == 412
    assert api.delete(f"/packages/{flat}").status == 204
    assert api.get(f"/packages/{flat}").status == 404


def test_an_assigned_package_is_archived_instead(api: ApiClient, flat: str) -> None:
    """What charges rest on is fixed, deleting is refused; price and status may change, and nobody new gets an archived one."""
    assigned(api, flat)
    assert api.patch(f"/packages/{flat}", {"frequency": "daily"}).json["code"] == "in_use"
    assert api.delete(f"/packages/{flat}").json["code"] == "in_use"
    assert api.patch(f"/packages/{flat}", {"unit_price": "31", "status": "archived"}).json["unit_price"] == "31"
    assert assigned(api, flat)["code"] == "wrong_state"


def test_an_assignment_takes_quantity_from_the_package(api: ApiClient, flat: str) -> None:
    """Prices and description stay the package's (null) unless given."""
    made = assigned(api, flat, description="Head office")
    assert (made["quantity"], made["unit_price"], made["description"], made["end_date"]) == ("1", None, "Head office", None)
    assert api.get("/customers/acme/packages").json == {"items": [made], "next_cursor": None}


def test_assigns_only_what_is_there(api: ApiClient, flat: str) -> None:
    """Unknown customers are 404 in the path, unknown packages 422 in the body, inactive customers get nothing."""
    body = {"package_id": flat, "start_date": "2026-11-01"}
    assert api.post("/customers/nobody/packages", body).status == 404
    assert api.get("/customers/nobody/packages").status == 404
    assert api.post("/customers/acme/packages", {**body, "package_id": "none"}).codes == {"package_id": "unknown_package"}
    assert api.post("/customers/acme/packages", {**body, "end_date": "2026-10-31"}).codes == {"end_date": "invalid_value"}
    api.patch("/customers/acme", {"status": "inactive"})
    assert api.post("/customers/acme/packages", body).json["code"] == "wrong_state"


def test_an_assignment_does_not_start_on_a_billed_day(api: ApiClient, flat: str) -> None:
    """The refusal names the first free day, and starting then works."""
    billed("2026-11-01")
    refused = assigned(api, flat)
    assert (refused["code"], refused["first_free_day"]) == ("start_already_billed", "2026-11-02")
    assert assigned(api, flat, start_date="2026-11-02")["start_date"] == "2026-11-02"


def test_an_assignment_can_be_ended_and_its_end_moved(api: ApiClient, flat: str) -> None:
    """The end settles on its day, or on the first unbilled day after it; null takes it away."""
    path = f"/customers/acme/packages/{assigned(api, flat)['id']}"
    assert api.patch(path, {"end_date": "2026-11-20"}).json["settlement_day"] == "2026-11-20"
    assert api.patch(path, {"end_date": None}).json["end_date"] is None
    billed("2026-11-10")
    assert api.patch(path, {"end_date": "2026-11-10"}).json["settlement_day"] == "2026-11-11"
    assert api.patch(path, {"end_date": "2026-10-10"}).codes == {"end_date": "invalid_value"}


def test_a_charged_assignment_is_ended_not_deleted(api: ApiClient, flat: str) -> None:
    """Once a charge was billed, the assignment stays and its start too; before, it can be moved and taken back."""
    path = f"/customers/acme/packages/{assigned(api, flat)['id']}"
    assert api.patch(path, {"start_date": "2026-11-05", "quantity": "2"}).json["start_date"] == "2026-11-05"
    billed("2026-11-05")
    assert api.delete(path).json["code"] == "day_already_billed"
    assert api.patch(path, {"start_date": "2026-11-06"}).json["code"] == "day_already_billed"
    assert api.patch(path, {"quantity": "3", "description": None}).json["quantity"] == "3"


def test_the_price_of_a_prorated_assignment_is_fixed_once_charged(api: ApiClient) -> None:
    """Unused parts are credited at the price charged, so it cannot change under them."""
    api.post("/customers", {"id": "acme", "name": "Acme Ltd", "currency": "EUR"})
    package_id = api.post("/packages", {**FLAT, "prorate": True}).json["id"]
    path = f"/customers/acme/packages/{assigned(api, package_id)['id']}"
    billed("2026-11-01")
    assert api.patch(path, {"unit_price": "99"}).json["code"] == "day_already_billed"
    assert api.patch(f"/packages/{package_id}", {"unit_price": "99"}).json["code"] == "in_use"


def test_an_uncharged_assignment_can_be_taken_back(api: ApiClient, flat: str) -> None:
    """DELETE honours If-Match, then the assignment is gone."""
    path = f"/customers/acme/packages/{assigned(api, flat)['id']}"
    assert api.delete(path, headers={"If-Match": '"9"'}).status == 412
    assert api.delete(path).status == 204
    assert api.delete(path).status == 404
    assert api.patch(path, {"quantity": "2"}).status == 404
