"""The operator's customers in every flow: one with usage and a package, one with nothing, one with late usage."""

from __future__ import annotations

from typing import Any

from chalicelib.store.objects import put_object
from tests.faults.stage import Stage
from tests.support.usage import Call, csv_file

DUE = "2025-12-01T06:15:00Z"
"""November is closed."""
NEXT_HOUR = "2025-12-01T07:15:00Z"
NEXT_MONTH = "2026-01-01T06:15:00Z"
INCOMING = "usage/incoming/"


def customer(stage: Stage, customer_id: str, **fields: Any) -> str:
    """A customer billed monthly since November."""
    return stage.story.customer(id=customer_id, name=customer_id.title(), **{"billing_start": "2025-11-01", **fields})


def usage_file(stage: Stage, name: str, *calls: Call) -> str:
    """A usage file that was dropped; its key. Nothing has read it yet."""
    with stage.plan.paused():
        put_object(f"{INCOMING}{name}", csv_file(calls))
    return f"{INCOMING}{name}"


def call(number: str, customer_id: str, started_at: str, charge: str, destination: str = "UK Mobile") -> Call:
    """A rated call."""
    return Call(number, customer_id, started_at, destination, charge=charge)


def three_customers(stage: Stage) -> None:
    """Busy has a package and usage, Quiet nothing, Tardy was billed for October and has a late call of it."""
    customer(stage, "busy")
    customer(stage, "quiet")
    customer(stage, "tardy", billing_start="2025-10-01")
    package = {"name": "Line", "unit_price": "10.00", "setup_price": "5.00", "match_days": [1]}
    made = stage.story.done(stage.api.post("/packages", package), 201)
    assigned = {"package_id": made["id"], "start_date": "2025-11-01"}
    stage.story.done(stage.api.post("/customers/busy/packages", assigned), 201)
    october = call("1", "tardy", "2025-10-10T10:00:00Z", "3.00")
    stage.upload(usage_file(stage, "october.csv", october))
    stage.fire("monthly", "2025-11-01T06:15:00Z")
    stage.work_off()
    november = [
        call("2", "busy", "2025-11-03T10:00:00Z", "1.10"),
        call("3", "busy", "2025-11-30T23:59:59Z", "0.005", "France"),
        call("4", "tardy", "2025-10-20T10:00:00Z", "0.70"),
        call("5", "tardy", "2025-11-05T10:00:00Z", "2.00"),
    ]
    stage.upload(usage_file(stage, "november.csv", *november))


def an_issued_invoice(stage: Stage, customer_id: str = "busy", price: str = "10.00", **fields: Any) -> str:
    """An invoice by hand; its id."""
    lines = [{"description": "Work", "quantity": "1", "unit_price": price}]
    body = {"customer_id": customer_id, "lines": lines, "issue": True, "invoice_date": "2025-11-15", **fields}
    return str(stage.story.done(stage.api.post("/invoices", body), 201)["id"])


def a_payment(stage: Stage, customer_id: str, amount: str) -> str:
    """A completed payment; its id."""
    body = {"customer_id": customer_id, "amount": amount, "date": "2025-11-16"}
    made = stage.api.post("/payments", body, headers={"Idempotency-Key": f"pay-{customer_id}-{amount}"})
    return str(stage.story.done(made, 201)["id"])
