"""`/reports/reconciliation`, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib import wiring
from chalicelib.services.checkup import start_checkup
from chalicelib.store.tables import InvoiceItem
from tests.support.http import ApiClient


def test_findings_by_customer_and_by_page(api: ApiClient) -> None:
    """Sound books have none; a broken rule is named with its meaning, for one customer and in the page of all."""
    api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR"})
    draft = {"customer_id": "acme", "lines": [{"description": "Work", "unit_price": "10.00"}], "issue": True}
    invoice_id = api.post("/invoices", draft).json["id"]
    sound = api.get("/reports/reconciliation")
    assert (sound.status, sound.json) == (200, {"checked": 1, "findings": [], "next_cursor": None})
    (item,) = InvoiceItem.query("C#acme", InvoiceItem.sk.startswith("I#"))
    item.due = 1
    item.save()
    found = api.get("/reports/reconciliation?customer_id=acme").json["findings"]
    assert [(one["code"], one["where"]) for one in found] == [("due", invoice_id), ("list_state", invoice_id)]
    assert "paid" in found[0]["rule"]
    assert api.get("/reports/reconciliation").json["findings"] == found


def test_the_last_daily_look_is_shown_with_its_time(api: ApiClient) -> None:
    """Nothing before the first; then when it was, how many were checked, and each finding with its rule."""
    assert api.get("/reports/reconciliation/last").json["status"] == "never"
    api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR"})
    draft = {"customer_id": "acme", "lines": [{"description": "Work", "unit_price": "10.00"}], "issue": True}
    invoice_id = api.post("/invoices", draft).json["id"]
    (item,) = InvoiceItem.query("C#acme", InvoiceItem.sk.startswith("I#"))
    item.due = 1
    item.save()
    start_checkup(wiring.get_deps(), datetime(2026, 11, 20, 3, 20, tzinfo=UTC))
    shown = api.get("/reports/reconciliation/last").json
    assert (shown["status"], shown["day"], shown["checked"], shown["found"]) == ("done", "2026-11-20", 1, 2)
    assert shown["finished_at"] >= shown["started_at"]
    assert [(one["code"], one["where"]) for one in shown["findings"]] == [("due", invoice_id), ("list_state", invoice_id)]


def test_only_staff_and_known_customers(api: ApiClient) -> None:
    """Customers do not see the report, and an unknown customer is 404."""
    assert api.get("/reports/reconciliation", customer="acme").status == 403
    assert api.get("/reports/reconciliation?customer_id=nobody").status == 404
