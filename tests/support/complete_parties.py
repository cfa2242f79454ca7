"""An operator, customers and an invoice of which EN 16931 knows enough, made over the API."""

from __future__ import annotations

from typing import Any

from tests.support.http import ApiClient

BERLIN = {"line1": "Schönhauser Allee 36", "postcode": "10435", "city": "Berlin", "country": "DE"}
LINES = [{"description": "Seat", "quantity": "10", "unit_price": "10.00"}]


def settle_operator(api: ApiClient, **changes: Any) -> None:
    """Settings of which the norm knows enough, but for the changes."""
    operator = {"name": "Telco", "address": BERLIN, "tax_id": "DE314159265", **changes}
    assert api.put("/settings", operator).status == 200


def add_customer(api: ApiClient, customer_id: str, **fields: Any) -> None:
    """A customer in Berlin that pays 19 % tax, but for the fields."""
    customer = {"id": customer_id, "name": customer_id.title(), "currency": "EUR", "tax": {"percent": "19"}, "address": BERLIN}
    assert api.post("/customers", {**customer, **fields}).status == 201


def issue(api: ApiClient, customer: str = "acme", **fields: Any) -> dict[str, Any]:
    """An invoice of 100.00 and 19.00 tax; issued unless the fields say otherwise."""
    made: dict[str, Any] = api.post("/invoices", {"customer_id": customer, "lines": LINES, "issue": True, **fields}).json
    return made
