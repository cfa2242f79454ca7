"""Money in over the API: payments, allocations, refunds, accounts and reports, as clients see them."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.support.http import ApiClient, Reply

PAYMENT_FIELDS = {
    "id",
    "customer_id",
    "amount",
    "currency",
    "date",
    "method",
    "reference",
    "description",
    "status",
    "allocated",
    "unallocated",
    "refunded",
    "version",
}
ALLOCATION_FIELDS = {
    "id",
    "payment_id",
    "invoice_id",
    "invoice_number",
    "amount",
    "date",
    "created_at",
    "reversed_at",
}
_keys = count(1)


@pytest.fixture(autouse=True)
def customers(api: ApiClient) -> None:
    """Two customers in EUR, untaxed."""
    for name in ("acme", "bolt"):
        api.post("/customers", {"id": name, "name": name.title(), "currency": "EUR", "tax": {"percent": "0"}})


def once(api: ApiClient, path: str, body: Any, **options: Any) -> Reply:
    """POST under an Idempotency-Key of its own."""
    return api.post(path, body, headers={"Idempotency-Key": f"key-{next(_keys)}"}, **options)


def an_invoice(api: ApiClient, price: str = "10.00", customer_id: str = "acme", **fields: Any) -> Any:
    """An issued invoice."""
    line = {"description": "Work", "unit_price": price}
    return api.post("/invoices", {"customer_id": customer_id, "lines": [line], "issue": True, **fields}).json


def a_payment(api: ApiClient, amount: str = "10.00", customer_id: str = "acme", **fields: Any) -> Any:
    """A recorded payment."""
    reply = once(api, "/payments", {"customer_id": customer_id, "amount": amount, **fields})
    assert reply.status == 201
    return reply.json


def test_a_payment_is_recorded_and_read_back(api: ApiClient) -> None:
    """With all the fields of the contract, amounts in the currency's digits, and the version as ETag."""
    made = a_payment(api, "10", date="2026-11-05", method="bank", reference="R-1", description="Thanks")
    assert made.keys() >= PAYMENT_FIELDS
    amounts = {name: made[name] for name in ("amount", "allocated", "unallocated", "refunded")}
    assert amounts == {"amount": "10.00", "allocated": "0.00", "unallocated": "10.00", "refunded": "0.00"}
    found = api.get(f"/payments/{made['id']}")
    assert (found.status, found.json, found.headers["etag"]) == (200, made, '"1"')
    listed = {name: value for name, value in made.items() if name not in {"allocations", "refunds"}}
    assert api.get("/payments").json == api.get("/customers/acme/payments").json == {"items": [listed], "next_cursor": None}


def test_money_needs_an_idempotency_key(api: ApiClient) -> None:
    """Recording and allocating without one is refused; with one, a repetition does nothing twice."""
    invoice, payment = an_invoice(api), a_payment(api)
    line = {"payment_id": payment["id"], "amount": "1.00"}
    for path, body in (
        ("/payments", {"customer_id": "acme", "amount": "1.00"}),
        (f"/payments/{payment['id']}/allocate", {"strategy": "oldest_first"}),
        (f"/invoices/{invoice['id']}/payments", line),
    ):
        assert (api.post(path, body).status, api.post(path, body).json["code"]) == (400, "missing_header")
    for _ in range(2):
        reply = api.post(f"/invoices/{invoice['id']}/payments", line, headers={"Idempotency-Key": "same"})
        assert reply.status == 201
    assert reply.headers["idempotency-replayed"] == "true"
    assert api.get(f"/invoices/{invoice['id']}").json["amount_paid"] == "1.00"


def test_everything_wrong_is_said_at_once(api: ApiClient) -> None:
    """Forms are refused by the edge, rules by the domain, each with every issue."""
    assert once(api, "/payments", {"customer_id": "acme", "amount": 1.5, "x": 1, "date": "soon"}).codes == {
        "amount": "invalid_amount",
        "x": "unknown_field",
        "date": "invalid_date",
    }
    wrong = {"customer_id": "acme", "amount": "-0.001", "currency": "USD", "status": "cancelled"}
    assert once(api, "/payments", wrong).codes == {
        "amount": "invalid_amount",
        "currency": "currency_mismatch",
        "status": "invalid_value",
    }
    assert once(api, "/payments", {"customer_id": "nobody", "amount": "1"}).codes == {"customer_id": "unknown_customer"}


def test_a_payment_is_allocated_by_hand_and_taken_back(api: ApiClient) -> None:
    """The invoice shows its payments, also the one that was taken back; deleting twice is deleting once."""
    invoice, payment = an_invoice(api), a_payment(api, "15.00")
    path = f"/invoices/{invoice['id']}/payments"

    done = once(api, f"/payments/{payment['id']}/allocate", {"allocations": [{"invoice_id": invoice["id"], "amount": "10"}]})

    assert (done.status, done.json["unallocated"], done.json["payment"]["allocated"]) == (200, "5.00", "10.00")
    [row] = api.get(path).json["items"]
    assert row.keys() >= ALLOCATION_FIELDS
    assert done.json["allocations"] == [row]
    assert (row["amount"], row["invoice_number"], row["reversed_at"]) == ("10.00", "INV-1001", None)
    assert api.get(f"/invoices/{invoice['id']}").json["payment_status"] == "paid"
    assert [api.delete(f"{path}/{row['id']}").status for _ in range(2)] == [204, 204]
    assert api.get(path).json["items"][0]["reversed_at"] is not None
    assert api.get(f"/invoices/{invoice['id']}").json["payment_status"] == "unpaid"


def test_a_plan_is_shown_and_then_carried_out_or_refused(api: ApiClient) -> None:
    """A preview keeps nothing; its token is good for exactly that plan."""
    invoice, payment = an_invoice(api), a_payment(api, "15.00")
    path = f"/payments/{payment['id']}/allocate"
    plan = once(api, path, {"strategy": "oldest_due_first", "preview": True}).json
    assert (plan["preview"], plan["unallocated"], plan["payment"]["allocated"]) == (True, "5.00", "0.00")
    assert [(row["id"], row["invoice_id"], row["amount"]) for row in plan["allocations"]] == [(None, invoice["id"], "10.00")]
    an_invoice(api, "1.00", due_date="2026-01-01", invoice_date="2026-01-01")

    stale = once(api, path, {"strategy": "oldest_due_first", "plan_token": plan["plan_token"]})

    assert (stale.status, stale.json["code"]) == (409, "stale_plan")
    lines = [{"invoice_id": row["invoice_id"], "amount": row["amount"]} for row in plan["allocations"]]
    assert once(api, path, {"allocations": lines, "plan_token": plan["plan_token"]}).status == 200


@pytest.mark.parametrize(
    "body", [{}, {"strategy": "oldest_first", "allocations": []}, {"strategy": "random"}, {"allocations": []}]
)
def test_one_way_of_allocating_has_to_be_named(api: ApiClient, body: dict[str, Any]) -> None:
    """Neither, both, an unknown strategy and an empty list are refused."""
    assert once(api, f"/payments/{a_payment(api)['id']}/allocate", body).status == 422


def test_conflicts_say_what_stands_in_the_way(api: ApiClient) -> None:
    """Over-allocation, the wrong state, allocated money, and stale versions."""
    invoice, payment = an_invoice(api), a_payment(api)
    path, line = f"/payments/{payment['id']}", {"invoice_id": invoice["id"], "amount": "10.01"}
    assert once(api, f"{path}/allocate", {"allocations": [line]}).json["code"] == "over_allocated"
    draft = api.post("/invoices", {"customer_id": "acme", "lines": [{"description": "x", "unit_price": "1"}]}).json
    reply = once(api, f"/invoices/{draft['id']}/payments", {"payment_id": payment["id"], "amount": "1"})
    assert (reply.status, reply.json["code"]) == (409, "wrong_state")
    once(api, f"{path}/allocate", {"strategy": "oldest_first"})
    assert api.patch(path, {"status": "cancelled"}).json["code"] == "payment_allocated"
    assert api.patch(path, {"amount": "11.00"}).json["code"] == "wrong_state"
    assert api.post(f"{path}/refund", {"amount": "1.00"}).json["code"] == "over_refunded"
    assert api.patch(path, {"reference": "x"}, headers={"If-Match": '"1"'}).status == 412
    assert api.patch(path, {"reference": "x"}, headers={"If-Match": '"2"'}).headers["etag"] == '"3"'


def test_a_refund_answers_with_the_payment(api: ApiClient) -> None:
    """What went back is counted apart from what is left."""
    payment = a_payment(api)
    reply = api.post(f"/payments/{payment['id']}/refund", {"amount": "4.00", "reference": "back"})
    assert (reply.status, reply.json["refunded"], reply.json["unallocated"]) == (200, "4.00", "6.00")


def test_a_refund_is_taken_back_once(api: ApiClient) -> None:
    """It stays on the payment with its instant; a stale version or an unknown refund is refused, a repetition changes nothing."""
    path = f"/payments/{a_payment(api)['id']}"
    (refund,) = once(api, f"{path}/refund", {"amount": "4.00"}).json["refunds"]
    assert (refund["reversed_at"], refund["reversed_date"]) == (None, None)
    row = f"{path}/refunds/{refund['id']}"
    assert api.delete(row, headers={"If-Match": '"1"'}).status == 412
    assert api.delete(row, customer="acme").status == 403
    assert [api.delete(row, headers={"If-Match": '"2"'}).status for _ in range(2)] == [204, 204]
    shown = api.get(path).json
    assert (shown["refunded"], shown["unallocated"], shown["version"]) == ("0.00", "10.00", 3)
    assert shown["refunds"][0]["reversed_at"]
    moved = api.get("/customers/acme/statement").json["movements"]
    assert [(one["kind"], one["balance"]) for one in moved][1:] == [("refund", "-6.00"), ("refund_reversal", "-10.00")]
    for other in (f"{path}/refunds/nothing", f"{path}/refunds/R-1", f"/payments/acme.20261105.1/refunds/{refund['id']}"):
        assert api.delete(other).status == 404


def test_customers_see_their_own_money_without_internal_notes(api: ApiClient) -> None:
    """Payments, balance, statement and the payments of their invoices; never another customer's."""
    invoice, payment = an_invoice(api), a_payment(api, description="Thanks #called twice")
    foreign = a_payment(api, customer_id="bolt")
    own = {"customer": "acme"}
    assert api.get(f"/payments/{payment['id']}").json["description"] == "Thanks #called twice"
    seen = [api.get(f"/payments/{payment['id']}", **own).json, *api.get("/payments", **own).json["items"]]
    assert [one["description"] for one in seen] == ["Thanks", "Thanks"]
    assert "called" not in api.get("/customers/acme/payments", **own).text
    for path in ("/customers/acme/balance", "/customers/acme/statement", f"/invoices/{invoice['id']}/payments"):
        assert api.get(path, **own).status == 200
    for path in ("/customers/bolt/balance", "/payments?customer_id=bolt", f"/payments/{foreign['id']}"):
        assert api.get(path, **own).status == 404
    assert once(api, f"/payments/{payment['id']}/allocate", {"strategy": "oldest_first"}, **own).status == 403


def test_payments_are_filtered(api: ApiClient) -> None:
    """By what is left, method and reference; a question that makes no sense is refused."""
    made = a_payment(api, "10.00", method="bank", reference="R 1")
    a_payment(api, "12.00", status="pending")
    for query in ("unallocated=true", "method=bank", "reference=R%201", "unallocated=true&method=bank&status=completed"):
        for path in ("/payments", "/customers/acme/payments"):
            assert [one["id"] for one in api.get(f"{path}?{query}").json["items"]] == [made["id"]]
    assert api.get("/payments?unallocated=true&method=cash").json["items"] == []
    assert api.get("/payments?unallocated=perhaps").status == 422


def test_what_is_not_there_is_not_found(api: ApiClient) -> None:
    """Unknown and malformed ids in the path."""
    invoice = an_invoice(api)
    for path in (
        "/payments/nonsense",
        "/payments/acme.20261105.1",
        "/customers/nobody/balance",
        "/customers/nobody/payments",
        "/customers/nobody/statement",
        "/invoices/acme.20260101.R/payments",
    ):
        assert api.get(path).status == 404
    assert api.delete(f"/invoices/{invoice['id']}/payments/nonsense").status == 404


def test_balance_and_statement_say_the_same(api: ApiClient) -> None:
    """due − unallocated is what the statement closes at."""
    an_invoice(api, "10.00", invoice_date="2026-11-05", due_date="2026-11-10")
    a_payment(api, "4.00", date="2026-11-06", reference="R-1")
    balance = api.get("/customers/acme/balance").json
    assert (balance["due"], balance["unallocated"], balance["balance"]) == ("10.00", "4.00", "6.00")
    statement = api.get("/customers/acme/statement?from=2026-11-06&to=2026-11-30").json
    assert statement == {
        "currency": "EUR",
        "from": "2026-11-06",
        "to": "2026-11-30",
        "opening": "10.00",
        "closing": "6.00",
        "movements": [
            {
                "date": "2026-11-06",
                "kind": "payment",
                "number": None,
                "reference": "R-1",
                "debit": "0.00",
                "credit": "4.00",
                "balance": "6.00",
            }
        ],
    }
    assert api.get("/customers/acme/statement?from=2026-11-06&to=2026-11-05").status == 422


def test_reports_add_up(api: ApiClient) -> None:
    """Ageing by customer and in total; every number accounted for."""
    an_invoice(api, "10.00", invoice_date="2026-09-01", due_date="2026-09-15")
    void = an_invoice(api, "1.00", invoice_date="2026-09-01")
    api.post(f"/invoices/{void['id']}/void")
    a_payment(api, "3.00", "bolt", date="2026-09-20")
    ageing = api.get("/reports/ageing?as_of=2026-09-30&currency=EUR").json
    assert [(row["customer_id"], row["name"], row["total"], row["unallocated"]) for row in ageing["customers"]] == [
        ("acme", "Acme", "11.00", "0.00"),
        ("bolt", "Bolt", "0.00", "3.00"),
    ]
    assert (ageing["as_of"], ageing["known_at"], ageing["total"]["days_1_30"]) == ("2026-09-30", None, "11.00")
    known = api.get("/reports/ageing?as_of=2026-09-30&currency=EUR&known_at=2026-09-30T00:00:00Z").json
    assert (known["customers"], known["known_at"]) == ([], "2026-09-30T00:00:00Z")
    assert api.get("/reports/numbering").json == {
        "series": "invoices",
        "first": 1001,
        "last": 1002,
        "issued": 1,
        "void": 1,
        "gaps": [],
    }
    assert api.get("/reports/numbering?series=nonsense").status == 422
    assert api.get("/reports/ageing?currency=XYZ").status == 422


def test_a_payment_may_bring_its_own_invoice(api: ApiClient) -> None:
    """Customers billed by payment get an issued and paid invoice, once."""
    api.patch("/customers/acme", {"create_invoice_on_payment": True})
    payment = a_payment(api, "12.00", status="pending")
    for _ in range(2):
        assert api.patch(f"/payments/{payment['id']}", {"status": "completed"}).json["allocated"] == "12.00"
    [invoice] = api.get("/customers/acme/invoices").json["items"]
    assert (invoice["total"], invoice["payment_status"], invoice["number"]) == ("12.00", "paid", "INV-1001")


def test_a_payment_shows_what_was_done_with_it(api: ApiClient) -> None:
    """Allocations, those taken back too, and refunds, in their order; a customer sees its own."""
    invoice, payment = an_invoice(api), a_payment(api)
    line = {"payment_id": payment["id"], "amount": "4.00"}
    row = once(api, f"/invoices/{invoice['id']}/payments", line).json
    api.delete(f"/invoices/{invoice['id']}/payments/{row['id']}")
    once(api, f"/payments/{payment['id']}/allocate", {"strategy": "oldest_first"})
    shown = api.get(f"/payments/{payment['id']}", customer="acme").json
    assert [(one["amount"], one["reversed_at"] is None) for one in shown["allocations"]] == [("4.00", False), ("10.00", True)]
    assert shown["refunds"] == []
    other = a_payment(api, "3.00")
    once(api, f"/payments/{other['id']}/refund", {"amount": "1.50", "reference": "back"})
    (refund,) = api.get(f"/payments/{other['id']}").json["refunds"]
    assert (refund["amount"], refund["reference"]) == ("1.50", "back")


def test_several_payments_pay_an_invoice_in_one_call(api: ApiClient) -> None:
    """The answer lists what each put on it; one way of asking at a time."""
    invoice = an_invoice(api)
    parts = [{"payment_id": a_payment(api, amount)["id"], "amount": amount} for amount in ("4.00", "6.00")]
    path = f"/invoices/{invoice['id']}/payments"
    done = once(api, path, {"payments": parts})
    assert (done.status, [one["amount"] for one in done.json["allocations"]]) == (201, ["4.00", "6.00"])
    assert api.get(f"/invoices/{invoice['id']}").json["payment_status"] == "paid"
    for wrong in ({}, {**parts[0], "payments": parts}, {"amount": "1", "payments": parts}, {"payment_id": "x"}):
        assert once(api, path, wrong).json["code"] == "invalid_value"
