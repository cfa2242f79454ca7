"""Lists of invoices over the API, and what is carried away of one: PDF and CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.invoice import PdfStatus
from chalicelib.services.documents import render_document
from chalicelib.store import pdf_marks
from chalicelib.store.objects import document_key, list_keys
from tests.support.http import ApiClient

LINE = {"description": "=1+1", "quantity": "10", "unit_price": "10.00"}


@pytest.fixture(autouse=True)
def customers(api: ApiClient) -> None:
    """Two customers in EUR at 20 %."""
    for name in ("acme", "bolt"):
        api.post("/customers", {"id": name, "name": name.title(), "currency": "EUR", "tax": {"percent": "20"}})


def make(api: ApiClient, customer_id: str = "acme", on: str = "2026-11-05", **fields: Any) -> Any:
    """An invoice by hand over 120.00."""
    return api.post("/invoices", {"customer_id": customer_id, "invoice_date": on, "lines": [LINE], **fields}).json


def listed(api: ApiClient, query: str = "") -> list[str]:
    """The ids of a list."""
    return [row["id"] for row in api.get(f"/invoices{query}").json["items"]]


def test_the_global_list_is_filtered_and_newest_first(api: ApiClient) -> None:
    """By customer, state, dates (inclusive), number and kind."""
    old = make(api, on="2025-01-31", issue=True)
    draft = make(api, "bolt", on="2026-11-30")
    new = make(api, "bolt", on="2026-11-05", issue=True, due_date="2099-01-01")

    assert listed(api) == [draft["id"], new["id"], old["id"]]
    assert listed(api, "?customer_id=bolt") == [draft["id"], new["id"]]
    assert listed(api, "?status=draft") == [draft["id"]]
    assert listed(api, "?status=issued") == listed(api, "?status=unpaid") == [new["id"], old["id"]]
    assert listed(api, "?status=overdue") == [old["id"]]
    assert listed(api, "?from=2026-11-05&to=2026-11-05") == [new["id"]]
    assert listed(api, "?number=INV-1001") == [old["id"]]
    assert listed(api, "?number=INV-1001&status=void") == listed(api, "?number=INV-1") == []
    assert listed(api, "?kind=credit_note") == []


def test_a_row_says_what_a_clerk_looks_for(api: ApiClient) -> None:
    """Number, states, customer, dates and amounts, without a second request."""
    make(api, on="2025-01-31", issue=True)

    row = api.get("/customers/acme/invoices").json["items"][0]

    assert (row["number"], row["payment_status"], row["overdue"], row["customer_name"]) == ("INV-1001", "unpaid", True, "Acme")
    assert (row["total"], row["amount_due"], row["currency"], row["due_date"]) == ("120.00", "120.00", "EUR", "2025-02-14")


def test_lists_come_in_pages(api: ApiClient) -> None:
    """The cursor leads through all, each once, also where dates are equal."""
    made = {make(api, name)["id"] for name in ("acme", "bolt", "acme")}

    first = api.get("/invoices?limit=2").json
    second = api.get(f"/invoices?limit=2&cursor={first['next_cursor']}").json

    assert {row["id"] for row in first["items"] + second["items"]} == made
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query, path",
    [
        ("?status=lost", "status"),
        ("?from=yesterday", "from"),
        ("?limit=201", "limit"),
        ("?cursor=x", "cursor"),
        ("?page=2", "page"),
    ],
)
def test_a_wrong_query_is_named(api: ApiClient, query: str, path: str) -> None:
    """422 with the parameter's name."""
    reply = api.get(f"/invoices{query}")

    assert (reply.status, list(reply.codes)) == (422, [path])


@pytest.mark.parametrize("path", ["/invoices", "/customers/acme/invoices", "/payments", "/customers/acme/payments"])
def test_days_the_wrong_way_round_are_refused(api: ApiClient, path: str) -> None:
    """An empty list would say that there is nothing; one day, and an open end, are fine."""
    reply = api.get(f"{path}?from=2026-12-01&to=2026-11-01")
    assert (reply.status, reply.codes) == (422, {"to": "invalid_value"})
    for query in ("?from=2026-11-05&to=2026-11-05", "?from=2026-12-01", "?to=2020-01-01"):
        assert api.get(path + query).status == 200


def test_the_list_of_an_unknown_customer_is_not_found(api: ApiClient) -> None:
    """An empty list would look like a customer without invoices."""
    assert api.get("/customers/nobody/invoices").status == 404


def test_the_pdf_is_rendered_after_the_issue(api: ApiClient) -> None:
    """202 until it is there, then a link that downloads it under its number, or a redirect to it."""
    issued = make(api, issue=True, lines=[{**LINE, "description": "Work"}])
    path = f"/invoices/{issued['id']}/pdf"
    waiting = api.get(path)
    assert (waiting.status, waiting.json, waiting.headers["retry-after"]) == (202, {"status": "rendering"}, "2")

    render_document(wiring.get_deps(), document_key(issued["id"], 0))

    ready, redirected = api.get(path), api.get(f"{path}?redirect=1&revision=0")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert f"pdf/{issued['id']}/0.pdf" in ready.json["url"]
    assert ready.json["expires_at"].endswith("Z")
    assert redirected.status == 302
    assert redirected.headers["location"].startswith("https://")
    assert api.get(f"{path}?revision=1").status == 404
    assert api.get(f"/invoices/{issued['id']}").json["pdf_status"] == "ready"


def test_a_failed_pdf_says_why_and_can_be_tried_again(api: ApiClient) -> None:
    """409 with the template's message as an issue, and its line; a new try is 202; drafts have nothing to try again."""
    issued, draft = make(api, issue=True), make(api)
    path = f"/invoices/{issued['id']}/pdf"
    pdf_marks.mark_pdf(issued["id"], 0, PdfStatus.FAILED, "Line 3: unknown variable")

    failed = api.get(path)

    assert (failed.status, failed.json["code"], failed.json["detail"]) == (409, "template_failed", "Line 3: unknown variable")
    told = {"path": "template", "code": "template_failed", "message": "Line 3: unknown variable"}
    assert (failed.json["issues"], failed.json["line"]) == ([told], 3)
    assert api.post(path).status == 202
    assert api.get(path).status == 202
    assert api.post(f"/invoices/{draft['id']}/pdf").status == 409


def test_a_draft_can_be_looked_at_on_paper(api: ApiClient) -> None:
    """Asking for its PDF has one rendered."""
    draft = make(api)

    assert api.get(f"/invoices/{draft['id']}/pdf").status == 202
    assert len(list(list_keys(f"documents/{draft['id']}/"))) == 1


def test_lines_as_csv(api: ApiClient) -> None:
    """Plain text under the invoice's number; a text that a spreadsheet would run is made harmless."""
    issued = make(api, issue=True)

    reply = api.get(f"/invoices/{issued['id']}/csv", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(StringIO(reply.text)))

    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="INV-1001.csv"'
    assert (rows[0]["description"], rows[0]["net"], rows[-1]["total"]) == ("'=1+1", "100.00", "120.00")
    assert api.get(f"/invoices/{issued['id']}/csv?bom=1").text.startswith("\ufeff")


def test_the_description_says_of_what_nothing_is_owed(api: ApiClient) -> None:
    """Of a credit note the formula of `amount_due` is no debt, and clients are told."""
    schemas = api.get("/openapi.json").json["components"]["schemas"]
    for name in ("InvoiceRow", "InvoiceAnswer"):
        assert (
            "nothing is owed of drafts, void documents and credit notes"
            in schemas[name]["properties"]["amount_due"]["description"]
        )


def test_everything_is_in_the_openapi_document(api: ApiClient) -> None:
    """Each path of invoices is described, with the filters by their names."""
    paths = api.get("/openapi.json").json["paths"]

    assert {"post", "get"} <= set(paths["/invoices"])
    assert {"get", "patch", "delete"} <= set(paths["/invoices/{invoice_id}"])
    assert {"from", "to", "status", "number", "kind", "customer_id"} <= {
        one["name"] for one in paths["/invoices"]["get"]["parameters"]
    }
