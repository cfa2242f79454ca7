"""Settings: GET gives what PUT takes; what is wrong is said at once; nobody overwrites what they have not seen."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.support.http import ApiClient

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGMQMgkDAAD4AJ3MaiF4AAAAAElFTkSuQmCC"


def svg(content: str) -> str:
    """An SVG as a data: URI."""
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{content}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def test_put_takes_back_what_get_gave(api: ApiClient) -> None:
    """Sending the settings back unchanged keeps every field, and only counts the version up."""
    given = api.get("/settings")
    assert given.headers["etag"] == '"0"'
    assert given.json["number_format"] == "INV-{number}"
    returned = api.put("/settings", given.json)
    assert returned.status == 200
    assert returned.json == {**given.json, "version": 1}
    assert api.get("/settings").json == returned.json


def test_missing_fields_keep_their_value(api: ApiClient) -> None:
    """A PUT of some fields leaves the others, also inside address and series."""
    api.put("/settings", {"name": "Telco", "address": {"city": "Bonn", "country": "DE"}, "credit_note_series": {"start": 7}})
    changed = api.put("/settings", {"address": {"city": "Ulm"}, "settling_hours": 0}).json
    assert changed["name"] == "Telco"
    assert changed["address"]["country"] == "DE"
    assert changed["settling_hours"] == 0
    assert changed["credit_note_series"] == {"name": "credit-notes", "format": "CN-{number}", "start": 7, "restart": "never"}


def test_number_format_is_the_format_of_the_invoice_series(api: ApiClient) -> None:
    """Changing the short name changes the series, also when the unchanged series came back with it."""
    changed = api.put("/settings", {**api.get("/settings").json, "number_format": "{year}/{number:06}"}).json
    assert changed["invoice_series"]["format"] == "{year}/{number:06}"
    again = api.put("/settings", {"invoice_series": {"format": "R-{number}"}}).json
    assert again["number_format"] == "R-{number}"


def test_get_modify_put_of_the_series_format_wins_over_the_old_short_name(api: ApiClient) -> None:
    """Who edits invoice_series.format in what GET gave, and leaves number_format alone, gets the new format."""
    settings = api.get("/settings").json
    settings["invoice_series"]["format"] = "R-{number}"
    assert api.put("/settings", settings).json["number_format"] == "R-{number}"


def test_two_different_new_formats_are_refused(api: ApiClient) -> None:
    """When both names of the format say something new, nobody can know which is meant."""
    reply = api.put("/settings", {"number_format": "A-{number}", "invoice_series": {"format": "B-{number}"}})
    assert reply.status == 422
    assert reply.codes == {"number_format": "number_format"}


def test_says_everything_that_is_wrong_at_once(api: ApiClient) -> None:
    """Rules broken in several fields come back as several issues."""
    wrong = {
        "address": {"country": "UK"},
        "email": "nobody",
        "accent_colour": "red",
        "settling_hours": 241,
        "number_format": "INV",
        "logo": "data:text/html,hello",
    }
    assert api.put("/settings", wrong).codes == {
        "address.country": "invalid_value",
        "email": "invalid_value",
        "accent_colour": "invalid_value",
        "settling_hours": "invalid_value",
        "invoice_series.format": "number_format",
        "logo": "invalid_value",
    }


@pytest.mark.parametrize("logo", [PIXEL, svg('<rect width="9" height="9" fill="#123456"/>'), ""])
def test_takes_a_sound_logo(api: ApiClient, logo: str) -> None:
    """PNG and harmless SVG logos are kept as given, and a logo can be taken away."""
    assert api.put("/settings", {"logo": logo}).json["logo"] == logo


@pytest.mark.parametrize(
    "logo",
    [
        "https://example.com/logo.png",
        "data:image/png;base64,AAAA",
        "data:image/png;base64,%%%",
        PIXEL.replace("image/png", "image/jpeg"),
        svg("<script>alert(1)</script>"),
        svg('<image href="https://example.com/x.png"/>'),
        svg('<rect onload="alert(1)"/>'),
        svg(f"<desc>{'x' * 70_000}</desc>"),
    ],
)
def test_refuses_a_logo_that_cannot_or_must_not_be_drawn(api: ApiClient, logo: str) -> None:
    """Links, damaged images, wrong types, scripts, outside references and large files are refused when set, not when printed."""
    reply = api.put("/settings", {"logo": logo})
    assert reply.status == 422
    assert list(reply.codes) == ["logo"]


@pytest.mark.parametrize(
    "body,codes",
    [
        ({"nmae": "x"}, {"nmae": "unknown_field"}),
        ({"settling_hours": "2"}, {"settling_hours": "invalid_type"}),
        ({"prices_include_tax": 1}, {"prices_include_tax": "invalid_type"}),
        ({"paper": "A5", "name": ""}, {"paper": "invalid_value", "name": "required"}),
        ({"address": {"street": "x"}}, {"address.street": "unknown_field"}),
        ({"name": "x" * 201}, {"name": "too_long"}),
        ({"name": "a\nb"}, {"name": "invalid_value"}),
        ([], {"": "invalid_type"}),
    ],
)
def test_refuses_what_is_no_setting(api: ApiClient, body: Any, codes: dict[str, str]) -> None:
    """Unknown fields, wrong types and unknown words are named with their path."""
    reply = api.put("/settings", body)
    assert (reply.status, reply.codes) == (422, codes)


def test_a_stale_version_changes_nothing(api: ApiClient) -> None:
    """Of two people who read the same settings, the second to save with If-Match is told so."""
    etag = api.get("/settings").headers["etag"]
    assert api.put("/settings", {"name": "First"}, headers={"If-Match": etag}).status == 200
    stale = api.put("/settings", {"name": "Second"}, headers={"If-Match": etag})
    assert (stale.status, stale.json["code"]) == (412, "stale_version")
    assert api.get("/settings").json["name"] == "First"
    assert api.put("/settings", {"name": "Third"}, headers={"If-Match": "*"}).status == 200


def test_a_series_that_counts_anew_cannot_print_old_numbers_again(api: ApiClient) -> None:
    """Renaming a used series, or making it restart, needs another format; a series nobody used may be renamed freely."""
    series = {"name": "new", "format": "INV-{number}", "start": 1001, "restart": "never"}
    assert api.put("/settings", {"invoice_series": {**series, "name": "first"}}).status == 200
    customer = api.post("/customers", {"name": "Acme", "currency": "EUR"}).json["id"]
    line = {"description": "Set-up", "quantity": "1", "unit_price": "10.00"}
    assert api.post("/invoices", {"customer_id": customer, "lines": [line], "issue": True}).json["number"] == "INV-1001"
    refused = api.put("/settings", {"invoice_series": series})
    assert (refused.status, refused.codes) == (422, {"invoice_series.format": "number_format"})
    assert api.put("/settings", {"invoice_series": {**series, "format": "N-{number}"}}).status == 200


def test_templates_are_chosen_from_those_there_are(api: ApiClient) -> None:
    """Settings and customers take a design by name and refuse what is no template; documents freeze the customer's choice."""
    assert api.get("/settings").json["template_id"] == "modern"
    assert api.put("/settings", {"template_id": "classic"}).json["template_id"] == "classic"
    assert api.put("/settings", {"template_id": "baroque"}).codes == {"template_id": "invalid_value"}
    customer = {"id": "acme", "name": "Acme", "currency": "EUR"}
    assert api.post("/customers", {**customer, "template_id": "stock"}).codes == {"template_id": "invalid_value"}
    assert api.post("/customers", customer).status == 201
    draft = {"customer_id": "acme", "lines": [{"description": "Work", "unit_price": "1"}]}
    assert api.post("/invoices", draft).json["template"] == "classic"
    assert api.patch("/customers/acme", {"template_id": "compact"}).status == 200
    assert api.post("/invoices", {**draft, "issue": True}).json["template"] == "compact"
