"""One answer says everything that is wrong with a body: its form, its rules, and what it names that does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field

from chalicelib.domain.errors import Issue
from chalicelib.handlers.partial_bodies import new_issues, read_partly
from chalicelib.handlers.requests import Body
from tests.support.http import ApiClient

PAID = {"Idempotency-Key": "once"}


@pytest.fixture
def acme(api: ApiClient) -> ApiClient:
    """The API with one customer, one package and one draft."""
    api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR"})
    return api


def test_a_customer_is_judged_whole(api: ApiClient) -> None:
    """Unknown fields, wrong types and bad dates do not hide an unknown currency, time zone or country."""
    body = {
        "name": "",
        "currency": "XXQ",
        "timezone": "Mars/Base",
        "locale": "xx-YY",
        "address": {"country": "UK", "planet": "Mars"},
        "tax": {"category": "E", "percent": 0.5},
        "schedule": {"frequency": "hourly", "anchor": 1},
        "billing_start": "2026-02-30",
        "invoice_due_days": -1,
        "nick": "A",
    }
    reply = api.post("/customers", body)
    assert reply.status == 422
    assert reply.codes == {
        "name": "required",
        "currency": "unknown_currency",
        "timezone": "unknown_timezone",
        "locale": "invalid_value",
        "address.country": "invalid_value",
        "address.planet": "unknown_field",
        "tax.percent": "invalid_amount",
        "tax.reason": "reason_required",
        "schedule.frequency": "invalid_value",
        "billing_start": "invalid_date",
        "invoice_due_days": "invalid_value",
        "nick": "unknown_field",
    }
    assert api.get("/customers").json["items"] == []


def test_a_change_of_a_customer_is_judged_whole(acme: ApiClient) -> None:
    """The rules of the customer as it would be are told beside an unknown field; nothing changes."""
    reply = acme.patch("/customers/acme", {"currency": "USD", "timezone": "Mars", "nick": 1})
    assert reply.codes == {"currency": "invalid_value", "timezone": "unknown_timezone", "nick": "unknown_field"}
    assert acme.get("/customers/acme").json["version"] == 1
    assert acme.patch("/customers/nobody", {"nick": 1}).status == 404


def test_settings_are_judged_whole(api: ApiClient) -> None:
    """A wrong type does not hide a colour that is none, or a number format without a number."""
    reply = api.put("/settings", {"name": 5, "accent_colour": "red", "settling_hours": -1, "invoice_series": {"format": "X"}})
    assert reply.codes == {
        "name": "invalid_type",
        "accent_colour": "invalid_value",
        "settling_hours": "invalid_value",
        "invoice_series.format": "number_format",
    }


def test_a_package_is_judged_whole(api: ApiClient) -> None:
    """A wrong price does not hide a match day that no week has, neither when it is made nor when it is changed."""
    wrong = {"unit_price": "-1", "frequency": "weekly", "match_days": [9], "colour": "red"}
    expected = {"unit_price": "invalid_amount", "match_days.0": "invalid_value", "colour": "unknown_field"}
    assert api.post("/packages", {"name": "P", **wrong}).codes == expected
    package_id = api.post("/packages", {"name": "P"}).json["id"]
    assert api.patch(f"/packages/{package_id}", wrong).codes == expected


@pytest.mark.parametrize(
    "changed, expected",
    [
        ({}, {"package_id": "unknown_package", "end_date": "invalid_value"}),
        ({"x": 1}, {"package_id": "unknown_package", "end_date": "invalid_value", "x": "unknown_field"}),
        ({"start_date": "x"}, {"package_id": "unknown_package", "start_date": "invalid_date"}),
        (
            {"package_id": 5, "quantity": "0"},
            {"package_id": "invalid_type", "quantity": "invalid_amount", "end_date": "invalid_value"},
        ),
    ],
)
def test_an_assignment_is_judged_whole(acme: ApiClient, changed: dict[str, Any], expected: dict[str, str]) -> None:
    """An unknown package, an end before the start and what does not fit are told together."""
    body = {"package_id": "nothing", "start_date": "2026-11-02", "end_date": "2026-11-01", **changed}
    assert acme.post("/customers/acme/packages", body).codes == expected


@pytest.mark.parametrize(
    "changed, expected",
    [
        ({}, {}),
        ({"bar": 1, "invoice_date": "2026-13-01"}, {"bar": "unknown_field", "invoice_date": "invalid_date"}),
    ],
)
def test_an_invoice_is_judged_whole(acme: ApiClient, changed: dict[str, Any], expected: dict[str, str]) -> None:
    """The customer and packages that do not exist, rules of lines, and what does not fit."""
    lines = [
        {"package_id": "nothing"},
        {"description": "A"},
        {"description": "B", "unit_price": "1", "tax": {"category": "E"}},
    ]
    found = {
        "lines.0.package_id": "unknown_package",
        "lines.1.unit_price": "required",
        "lines.2.tax.reason": "reason_required",
    }
    reply = acme.post("/invoices", {"customer_id": "nobody", "lines": lines, **changed})
    assert reply.codes == {"customer_id": "unknown_customer", **found, **expected}
    draft = acme.post("/invoices", {"customer_id": "acme"}).json["id"]
    change = acme.patch(f"/invoices/{draft}", {"lines": lines, **changed}, headers={"If-Match": '"1"'})
    assert change.codes == {**found, **expected}


def test_a_price_that_does_not_fit_is_not_missed_as_well(acme: ApiClient) -> None:
    """Each place is complained of once, whatever else follows from the value being unusable."""
    lines = [{"description": "A", "unit_price": 1.5}, {"description": "B", "unit_price": "-1"}]
    reply = acme.post("/invoices", {"customer_id": "acme", "lines": lines})
    assert [(issue["path"], issue["code"]) for issue in reply.json["issues"]] == [("lines.0.unit_price", "invalid_amount")]


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"customer_id": "nobody", "amount": "0"}, {"customer_id": "unknown_customer", "amount": "invalid_amount"}),
        (
            {"customer_id": "nobody", "amount": "5", "currency": "XXQ"},
            {"customer_id": "unknown_customer", "currency": "unknown_currency"},
        ),
        (
            {"customer_id": "acme", "amount": "5.001", "date": "x"},
            {"amount": "invalid_amount", "date": "invalid_date"},
        ),
        ({"amount": "-5"}, {"customer_id": "required", "amount": "invalid_amount"}),
        (
            {"customer_id": "nobody", "currency": "USD", "status": "cancelled", "x": 1},
            {"customer_id": "unknown_customer", "amount": "required", "status": "invalid_value", "x": "unknown_field"},
        ),
    ],
)
def test_a_payment_is_judged_whole(acme: ApiClient, body: dict[str, Any], expected: dict[str, str]) -> None:
    """An unknown customer hides neither an amount nor a currency that cannot be, and the other way round."""
    reply = acme.post("/payments", body, headers=PAID)
    assert (reply.status, reply.codes) == (422, expected)


def test_a_run_is_judged_whole(api: ApiClient) -> None:
    """A frequency that is none does not hide that the customer is unknown."""
    reply = api.post("/billing-runs", {"frequency": "hourly", "customer_id": "nobody"})
    assert reply.codes == {"frequency": "invalid_value", "customer_id": "unknown_customer"}


class _Range(Body):
    first: int
    last: int = 0


class _Sample(Body):
    name: str
    ranges: list[_Range] = Field(default=[])
    note: str = ""


@pytest.mark.parametrize(
    "content, fitting",
    [
        (b'{"name": "a", "note": 1}', {"name": "a"}),
        (b'{"note": "b", "what": 1}', {"note": "b"}),
        (b'{"name": 1, "ranges": [{"first": 1, "last": "x"}]}', {"ranges": [{"first": 1}]}),
        (b'{"name": "a", "ranges": [{"first": "x", "last": 1}]}', {"name": "a"}),
        (b'{"name": "a", "ranges": [5]}', {"name": "a"}),
        (b'{"name": "a", "ranges": 5}', {"name": "a"}),
    ],
)
def test_what_fits_is_read(content: bytes, fitting: dict[str, Any]) -> None:
    """Values that do not fit go alone where they can, and with the field around them where not."""
    read = read_partly(_Sample, content)
    assert read is not None
    assert read.model_dump(exclude_unset=True) == fitting


def test_what_is_no_object_is_not_read() -> None:
    """A list or a number has no part that could be judged."""
    assert read_partly(_Sample, b"[]") is None
    assert read_partly(_Sample, b"5") is None


def test_no_place_is_complained_of_twice() -> None:
    """An issue inside, around or at a place that is known to be wrong is left out; a place that only begins alike is not."""
    known = [Issue("tax.percent", "invalid_amount", "")]
    found = [Issue(path, "invalid_value", "") for path in ("tax", "tax.percent", "tax.percent.x", "tax.percentage", "note")]
    assert [issue.path for issue in new_issues(found, known)] == ["tax.percentage", "note"]
