"""Who did what, when, with before and after: a story told over HTTP and read again from the histories of its objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from chalice.test import Client

from app import app
from tests.support.changes import Changes
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.statements import Row, csv_request
from tests.support.story import Story


class Office:
    """Clerks at their desks, and the log of what they do."""

    def __init__(self, cloud: Cloud) -> None:
        """An empty office."""
        client = Client(app)
        self.api = ApiClient(cloud, client)
        self.story = Story(self.api, client)
        self.changes = Changes(cloud, client)
        self.keys = 0

    def do(self, who: str, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """A request of a clerk that succeeds; what it answers."""
        self.keys += 1
        sent = {"Idempotency-Key": f"key-{self.keys}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        reply = self.api.request(method, path, body, token=self.api.token(sub=who), headers=sent)
        assert reply.status == status, reply.text
        return reply.json

    def history(self, path: str) -> list[dict[str, Any]]:
        """A history as it is after everything was written down, oldest first."""
        self.changes.drain()
        items: list[dict[str, Any]] = self.story.done(self.api.get(f"{path}/history"), 200)["items"]
        return items[::-1]

    def told(self, path: str) -> list[tuple[str, str, str]]:
        """(who, what, of what) in a history."""
        return [(entry["by"], entry["action"], entry["object"]) for entry in self.history(path)]


@pytest.fixture
def office(cloud: Cloud) -> Office:
    """An empty office."""
    return Office(cloud)


LINES = [{"description": "Work", "quantity": "1", "unit_price": "100.00"}]


def a_draft(office: Office, who: str = "anna") -> Any:
    """A customer's draft of 120.00."""
    customer = office.story.customer(id="acme")
    body = {"customer_id": customer, "invoice_date": "2026-11-15", "lines": LINES}
    return office.do(who, "POST", "/invoices", body, 201)


def a_payment(office: Office, who: str, amount: str, **fields: str) -> Any:
    """A payment of the customer."""
    body = {"customer_id": "acme", "amount": amount, "date": "2026-11-16", **fields}
    return office.do(who, "POST", "/payments", body, 201)


def test_the_life_of_an_invoice_is_told_with_names(office: Office) -> None:
    """Made, edited, issued, revised, partly paid, paid, taken back: each by who did it, in that order."""
    draft = a_draft(office)
    path = f"/invoices/{draft['id']}"
    edited = office.do("bert", "PATCH", path, {"notes": "Thank you"}, if_match='"1"')
    issued = office.do("carl", "POST", f"{path}/issue", None, if_match=f'"{edited["version"]}"')
    lines = [{**LINES[0], "unit_price": "90.00"}]
    office.do("dora", "PATCH", path, {"lines": lines}, if_match=f'"{issued["version"]}"')
    payment = a_payment(office, "emil", "108.00")
    pay = {"payment_id": payment["id"], "amount": "8.00"}
    office.do("emil", "POST", f"{path}/payments", pay, 201)
    last = office.do("fred", "POST", f"{path}/payments", {**pay, "amount": "100.00"}, 201)
    office.do("gerd", "DELETE", f"{path}/payments/{last['id']}", status=204)
    of_invoice = [one for one in office.told(path) if one[2] == "invoice"]
    of_allocations = [one for one in office.told(path) if one[2] == "allocation"]
    assert [(who, what) for who, what, _of in of_invoice] == [
        ("user:anna", "created"),
        ("user:bert", "edited"),
        ("user:carl", "issued"),
        ("user:dora", "revised"),
        ("user:emil", "allocated"),
        ("user:fred", "paid"),
        ("user:gerd", "reversed"),
    ]
    assert [(who, what) for who, what, _of in of_allocations] == [
        ("user:emil", "allocated"),
        ("user:fred", "allocated"),
        ("user:gerd", "reversed"),
    ]


def test_before_and_after_are_what_the_api_showed(office: Office) -> None:
    """Changed fields alone, by the names and in the digits of the API; of many lines only those that changed."""
    draft = a_draft(office)
    path = f"/invoices/{draft['id']}"
    more = [{**LINES[0], "id": draft["lines"][0]["id"]}, {"description": "Travel", "quantity": "2", "unit_price": "5.00"}]
    edited = office.do("bert", "PATCH", path, {"lines": more, "notes": "Hello"}, if_match='"1"')
    made, change = office.history(path)
    assert made["before"] == {}
    assert (made["after"]["total"], made["after"]["status"], made["after"]["currency"]) == ("120.00", "draft", "EUR")
    assert "lines" not in made["after"]
    assert {name: (change["before"].get(name), change["after"][name]) for name in ("notes", "total", "amount_due")} == {
        "notes": (None, "Hello"),
        "total": (draft["total"], edited["total"]),
        "amount_due": (draft["amount_due"], edited["amount_due"]),
    }
    assert [line["description"] for line in change["after"]["lines"]] == ["Travel"]
    assert not {"version", "updated_at", "operator", "change_id"} & {*made["after"], *change["after"]}


def test_the_log_adds_up_to_what_is_there(office: Office) -> None:
    """One entry laid over the other, from nothing on, gives the document and the payment as the API shows them now."""
    draft = a_draft(office)
    path = f"/invoices/{draft['id']}"
    office.do("anna", "PATCH", path, {"notes": "x", "buyer_reference": "PO 7"}, if_match='"1"')
    office.do("anna", "PATCH", path, {"notes": ""}, if_match='"2"')
    issued = office.do("anna", "POST", f"{path}/issue")
    payment = a_payment(office, "anna", "150.00", reference="R 1")
    pay = {"payment_id": payment["id"], "amount": "20.00"}
    paid = office.do("anna", "POST", f"{path}/payments", pay, 201)
    office.do("anna", "DELETE", f"{path}/payments/{paid['id']}", status=204)
    lines = [{**LINES[0], "id": issued["lines"][0]["id"], "unit_price": "80.00"}]
    version = office.story.invoice(draft["id"])["version"]
    office.do("anna", "PATCH", path, {"lines": lines}, if_match=f'"{version}"')
    office.do("anna", "POST", f"{path}/credit-notes", {"reason": "Late", "amount": "6.00"}, 201)
    office.do("anna", "POST", f"/payments/{payment['id']}/allocate", {"strategy": "oldest_first"})
    office.do("anna", "POST", f"/payments/{payment['id']}/refund", {"amount": "9.00", "date": "2026-11-17"})
    for kind, of in (("invoice", path), ("payment", f"/payments/{payment['id']}")):
        shown = office.story.done(office.api.get(of), 200)
        told = added_up(entry for entry in office.history(of) if entry["object"] == kind)
        assert len(told) >= 12
        assert {name: told.get(name) for name in shown if name in told} == {name: shown[name] for name in shown if name in told}


def added_up(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The plain fields that entries lead to, the oldest first."""
    state: dict[str, Any] = {}
    for entry in entries:
        state = {name: value for name, value in state.items() if name not in entry["before"]} | entry["after"]
    return {name: value for name, value in state.items() if not isinstance(value, list | dict)}


def test_the_history_of_a_payment_names_its_invoices_and_refunds(office: Office) -> None:
    """Recorded pending, completed, allocated, refunded and that taken back; the allocation tells which invoice."""
    draft = a_draft(office)
    office.do("anna", "POST", f"/invoices/{draft['id']}/issue")
    payment = a_payment(office, "anna", "150.00", status="pending")
    path = f"/payments/{payment['id']}"
    office.do("bert", "PATCH", path, {"status": "completed"})
    office.do("carl", "POST", f"{path}/allocate", {"strategy": "oldest_first"})
    office.do("dora", "POST", f"{path}/refund", {"amount": "30.00", "date": "2026-11-17"})
    [made] = office.story.done(office.api.get(path), 200)["refunds"]
    office.do("emil", "DELETE", f"{path}/refunds/{made['id']}", status=204)
    entries = office.history(path)
    assert [(entry["by"], entry["action"]) for entry in entries if entry["object"] == "payment"] == [
        ("user:anna", "created"),
        ("user:bert", "completed"),
        ("user:carl", "allocated"),
        ("user:dora", "refunded"),
        ("user:emil", "refund_reversed"),
    ]
    (row,) = [entry for entry in entries if entry["object"] == "allocation"]
    assert (row["after"]["invoice_id"], row["after"]["amount"], row["by"]) == (draft["id"], "120.00", "user:carl")
    refund, back = [entry for entry in entries if entry["object"] == "refund"]
    assert (refund["action"], refund["after"]["amount"]) == ("refunded", "30.00")
    assert (back["action"], back["by"], "reversed_at" in back["after"]) == ("refund_reversed", "user:emil", True)


def test_deletions_name_who_deleted_what(office: Office) -> None:
    """A deleted draft, customer, assignment or package is gone, its history with name and last state is not."""
    draft = a_draft(office)
    office.do("bert", "DELETE", f"/invoices/{draft['id']}", status=204, if_match='"1"')
    package = office.do("anna", "POST", "/packages", {"name": "Line", "unit_price": "10.00"}, 201)
    office.do("carl", "DELETE", f"/packages/{package['id']}", status=204)
    office.do("dora", "DELETE", "/customers/acme", status=204)
    last = office.history(f"/invoices/{draft['id']}")[-1]
    assert (last["by"], last["action"], last["after"], last["before"]["total"]) == ("user:bert", "deleted", {}, "120.00")
    assert last["before"]["lines"][0]["description"] == "Work"
    assert office.told(f"/packages/{package['id']}")[-1] == ("user:carl", "deleted", "package")
    assert office.told("/customers/acme")[-1] == ("user:dora", "deleted", "customer")


def test_packages_of_a_customer_are_in_its_history(office: Office) -> None:
    """Assigning, changing and removing a package are told with the customer."""
    office.story.customer(id="acme")
    package = office.do("anna", "POST", "/packages", {"name": "Line", "unit_price": "10.00"}, 201)
    assigned = {"package_id": package["id"], "start_date": "2030-01-01"}
    made = office.do("bert", "POST", "/customers/acme/packages", assigned, 201)
    path = f"/customers/acme/packages/{made['id']}"
    office.do("carl", "PATCH", path, {"quantity": "3"})
    office.do("dora", "DELETE", path, status=204)
    told = [one for one in office.told("/customers/acme") if one[2] == "assignment"]
    assert [(who, what) for who, what, _of in told] == [
        ("user:bert", "created"),
        ("user:carl", "edited"),
        ("user:dora", "deleted"),
    ]
    assert office.told(f"/packages/{package['id']}") == [("user:anna", "created", "package")]


def test_settings_and_keys_are_told_without_secrets(office: Office) -> None:
    """Changes of settings and keys by name; neither a key's secret nor its hash is anywhere in the log."""
    office.do("anna", "PUT", "/settings", {"name": "Telecom", "logo": ""})
    key = office.do("bert", "POST", "/api-keys", {"name": "import", "permissions": ["billing:read", "settings:write"]}, 201)
    reply = office.api.put("/settings", {"footer": "Bye"}, token=key["secret"])
    assert reply.status == 200, reply.text
    office.do("carl", "DELETE", f"/api-keys/{key['id']}", status=204)
    entries = office.history("/settings")
    assert [(entry["by"], entry["action"], entry["object"], entry["object_id"]) for entry in entries] == [
        ("user:anna", "settings_changed", "settings", "settings"),
        ("user:bert", "created", "api_key", "import"),
        ("key:import", "settings_changed", "settings", "settings"),
        ("user:carl", "deleted", "api_key", "import"),
    ]
    assert (entries[2]["before"], entries[2]["after"]) == ({}, {"footer": "Bye"})
    text = str(entries)
    assert key["secret"] not in text
    assert key["id"] not in text


def test_a_run_is_told_by_who_started_it(office: Office) -> None:
    """Invoices of the schedule are the schedule's; of a run that a clerk asked for they are the clerk's."""
    for name in ("acme", "bolt"):
        office.story.customer(id=name)
    office.story.calls("acme", ("2025-09-10T10:00:00Z", "1.00"))
    office.story.calls("bolt", ("2025-09-10T10:00:00Z", "1.00"))
    office.do(
        "anna", "POST", "/billing-runs", {"frequency": "monthly", "as_of": "2025-10-02T00:00:00Z", "customer_id": "acme"}, 202
    )
    office.story.work_off()
    office.story.schedule("monthly", "2025-10-02T06:15:00Z")
    assert office.told("/invoices/acme.20250901.R") == [("user:anna", "issued", "invoice")]
    assert office.told("/invoices/bolt.20250901.R") == [("system:generate_monthly", "issued", "invoice")]
    office.story.render()
    assert office.told("/invoices/acme.20250901.R") == [("user:anna", "issued", "invoice")]


def test_histories_come_in_pages_newest_first(office: Office) -> None:
    """Every entry is on one page of it; a cursor goes on behind the last."""
    office.story.customer(id="acme")
    for number in range(5):
        office.do("anna", "PATCH", "/customers/acme", {"name": f"Acme {number}"})
    office.changes.drain()
    names, cursor = [], ""
    while True:
        page = office.story.done(office.api.get(f"/customers/acme/history?limit=2{cursor}"), 200)
        names += [entry["after"]["name"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == ["Acme 4", "Acme 3", "Acme 2", "Acme 1", "Acme 0", "Acme Ltd"]


@pytest.mark.parametrize("path", ["/invoices/acme.20261101.R", "/payments/acme.20261101.1", "/customers/acme", "/packages/x"])
def test_what_never_was_has_no_history(office: Office, path: str) -> None:
    """404 for an unknown object; one that was just made has an empty history until the log has followed."""
    reply = office.api.get(f"{path}/history")
    assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_the_log_follows_the_books(office: Office) -> None:
    """Before the stream was read, what there is has an empty history, and settings have one always."""
    draft = a_draft(office)
    for path in (f"/invoices/{draft['id']}", "/customers/acme", "/settings"):
        assert office.story.done(office.api.get(f"{path}/history"), 200) == {"items": [], "next_cursor": None}


def test_decisions_about_bank_entries_are_told_of(office: Office) -> None:
    """Who dismissed, who booked after all, and as whose payment; entries that wait are no news."""
    office.story.customer(id="acme")
    made = office.do("anna", "POST", "/bank-statements", csv_request(Row(), Row(amount="5.00")), status=201)
    path = f"/bank-statements/{made['id']}"
    assert office.history(path) == []
    office.do("bert", "POST", f"{path}/entries/000002/dismiss", {"reason": "Interest"})
    booked = office.do("anna", "POST", f"{path}/entries/000002/confirm", {"customer_id": "acme"})
    dismissed, confirmed, *_, settled = office.history(path)
    assert (dismissed["by"], dismissed["action"], dismissed["after"]["note"]) == ("user:bert", "dismissed", "Interest")
    assert (confirmed["by"], confirmed["action"], confirmed["after"]["customer_id"]) == ("user:anna", "confirmed", "acme")
    assert (confirmed["object"], confirmed["object_id"]) == ("bank_entry", "000002")
    assert settled["after"]["payment_id"] == booked["payment"]["id"]
