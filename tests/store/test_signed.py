"""Who wrote an item: every write of the books names the actor, whichever way it is made, and it costs no write unit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bench.write_units import UNIT, item_size
from chalicelib.store.acting import LONGEST, NOBODY, acting, current_actor
from chalicelib.store.invoices import to_item
from tests.handlers.test_history import Office, a_draft, a_payment
from tests.store.test_invoice_packing import a_month_of_usage
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.cloud import Cloud


@dataclass(slots=True)
class Signatures(Watcher):
    """Collects who signed each write of a table; None for a write that nobody signed."""

    table: str
    found: list[str | None] = field(default_factory=list)

    def before(self, call: Call) -> None:
        """Look into a request."""
        if call.service != "dynamodb" or call.is_read:
            return
        body = json.loads(call.request["body"])
        actions = body.get("TransactItems") or [{call.operation: body}]
        writes = [write for action in actions for kind, write in action.items() if not kind.startswith(("Delete", "Condition"))]
        self.found += [_signer(write) for write in writes if write["TableName"] == self.table]


def _signer(write: dict[str, Any]) -> str | None:
    if "Item" in write:
        return str(write["Item"]["by"]["S"]) if "by" in write["Item"] else None
    (name,) = [short for short, name in write["ExpressionAttributeNames"].items() if name == "by"] or [""]
    if not name:
        return None
    value = write["UpdateExpression"].split(f"{name} = ")[1].split(",")[0].split(" ")[0]
    return str(write["ExpressionAttributeValues"][value]["S"])


def test_every_write_of_the_books_names_who_asked(cloud: Cloud) -> None:
    """A clerk's invoice from draft to void, with payment, allocation, reversal and deletion: all signed by the clerk alone."""
    office = Office(cloud)
    with watched(seen := Signatures(cloud.outputs["BillingTable"])):
        draft = a_draft(office)
        seen.found.clear()
        path = f"/invoices/{draft['id']}"
        office.do("anna", "PATCH", path, {"notes": "x"}, if_match='"1"')
        office.do("anna", "POST", f"{path}/issue")
        payment = a_payment(office, "anna", "120.00")
        pay = {"payment_id": payment["id"], "amount": "20.00"}
        paid = office.do("anna", "POST", f"{path}/payments", pay, 201)
        office.do("anna", "DELETE", f"{path}/payments/{paid['id']}", status=204)
        office.do("anna", "POST", f"{path}/void")
        package = office.do("anna", "POST", "/packages", {"name": "Line", "unit_price": "10.00"}, 201)
        office.do("anna", "DELETE", f"/packages/{package['id']}", status=204)
    assert len(seen.found) > 15
    assert set(seen.found) == {"user:anna"}


def test_a_schedule_signs_through_the_queue(cloud: Cloud) -> None:
    """What messages of a schedule do is the schedule's, up to the ledger and the number series."""
    office = Office(cloud)
    customer = office.story.customer(id="acme")
    office.story.calls(customer, ("2025-09-10T10:00:00Z", "1.00"))
    with watched(seen := Signatures(cloud.outputs["BillingTable"])):
        office.story.schedule("monthly", "2025-10-02T06:15:00Z")
    assert len(seen.found) > 5
    assert set(seen.found) == {"system:generate_monthly"}


def test_acting_ends_with_its_block() -> None:
    """One actor inside another, and nobody outside; a name longer than any subject is cut."""
    with acting("user:anna"):
        with acting("user:" + "x" * 999):
            assert len(current_actor()) == LONGEST
        assert current_actor() == "user:anna"
    assert current_actor() == NOBODY


def test_a_signed_invoice_of_twenty_one_lines_is_one_write_unit(cloud: Cloud) -> None:
    """The whole item, keys and indexes included, stays below a kibibyte when a schedule or a user with a UUID signs it."""
    assert cloud
    item = to_item(a_month_of_usage(), 1)
    for name in ("system:generate_monthly", "user:0b5d2f60-93a1-4f0c-a7be-8f1d1f6c1e55"):
        item.by = name
        assert item_size(item.serialize()) <= UNIT
