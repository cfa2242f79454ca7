"""Bank statements over HTTP: taken in once, matched, and booked only when somebody confirms, once."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.store import objects
from chalicelib.store.bank_statements import incoming_key
from tests.support.statements import LAYOUT, Row, camt_file, camt_request, csv_request
from tests.support.story import Story


@pytest.fixture
def story(story: Story) -> Story:
    """An operator with the customer `acme`, which owes 12.00 on each of two invoices."""
    story.customer(id="acme", name="Acme Ltd", schedule=None, external_id="K-4711")
    return story


def invoice(story: Story, customer_id: str = "acme", price: str = "10.00") -> dict[str, Any]:
    """An issued invoice over the price and 20 % VAT."""
    lines = [{"description": "Work", "unit_price": price}]
    body = {"customer_id": customer_id, "lines": lines, "issue": True, "invoice_date": "2026-11-15"}
    return story.done(story.api.post("/invoices", body), 201)


def take_in(story: Story, *rows: Row, **fields: Any) -> dict[str, Any]:
    """A statement as CSV."""
    return story.done(story.api.post("/bank-statements", csv_request(*rows, **fields)), 201)


def entries(story: Story, statement: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement's entries."""
    found: list[dict[str, Any]] = story.done(story.api.get(f"/bank-statements/{statement['id']}/entries"), 200)["items"]
    return found


def decide(story: Story, entry: dict[str, Any], how: str, body: dict[str, Any]) -> Any:
    """Confirm or dismiss an entry."""
    return story.api.post(f"/bank-statements/{entry['statement_id']}/entries/{entry['id']}/{how}", body)


def payments(story: Story) -> list[dict[str, Any]]:
    """All payments of the customer."""
    found: list[dict[str, Any]] = story.api.get("/customers/acme/payments").json["items"]
    return found


def test_nothing_is_booked_before_it_is_confirmed(story: Story) -> None:
    """Entries wait with customer, invoice and reasons; confirming with the proposal pays the invoice."""
    bill = invoice(story)
    statement = take_in(story, Row(text=f"Thanks {bill['number']}", name="ACME LTD", account="DE89", reference="R1"))
    (entry,) = entries(story, statement)
    assert (statement["status"], statement["states"]["pending"], entry["status"]) == ("done", 1, "pending")
    (proposal,) = entry["proposals"]
    assert (proposal["customer_id"], proposal["score"]) == ("acme", 100)
    assert proposal["reasons"] == ["invoice_number", "customer_name", "amount_of_invoice"]
    assert payments(story) == []
    lines = [{"invoice_id": line["invoice_id"], "amount": line["amount"]} for line in proposal["allocations"]]
    done = story.done(decide(story, entry, "confirm", {"customer_id": "acme", "allocations": lines}), 200)
    assert (done["entry"]["status"], done["entry"]["payment_id"]) == ("confirmed", done["payment"]["id"])
    shown = {name: done["payment"][name] for name in ("amount", "date", "method", "status", "allocated", "reference")}
    assert shown == {
        "amount": "12.00",
        "date": "2026-11-20",
        "method": "bank_transfer",
        "status": "completed",
        "allocated": "12.00",
        "reference": f"Thanks {bill['number']}",
    }
    assert story.api.get(f"/invoices/{bill['id']}").json["payment_status"] == "paid"
    assert story.api.get(f"/bank-statements/{statement['id']}").json["states"]["confirmed"] == 1


def test_confirming_twice_books_once(story: Story) -> None:
    """The same confirmation again answers with the same payment; another one is refused."""
    story.customer(id="other", name="Other", schedule=None)
    (entry,) = entries(story, take_in(story, Row()))
    first, again = (decide(story, entry, "confirm", {"customer_id": "acme"}) for _ in range(2))
    assert first.json["payment"]["id"] == again.json["payment"]["id"]
    for refused in (decide(story, entry, "confirm", {"customer_id": "other"}), decide(story, entry, "dismiss", {})):
        assert (refused.status, refused.json["code"]) == (409, "wrong_state")
    assert [payment["amount"] for payment in payments(story)] == ["12.00"]


def test_an_entry_may_be_dismissed(story: Story) -> None:
    """Dismissing again changes nothing; whoever dismissed too much confirms, and then it is final."""
    (entry,) = entries(story, take_in(story, Row()))
    for _ in range(2):
        dismissed = story.done(decide(story, entry, "dismiss", {"reason": "Interest"}), 200)
        assert (dismissed["status"], dismissed["note"]) == ("dismissed", "Interest")
    assert payments(story) == []
    done = story.done(decide(story, entry, "confirm", {"customer_id": "acme"}), 200)["entry"]
    assert (done["status"], done["note"], done["problem"]) == ("confirmed", None, None)
    assert decide(story, entry, "dismiss", {}).json["code"] == "wrong_state"
    assert [payment["amount"] for payment in payments(story)] == ["12.00"]


def test_after_its_payment_was_cancelled_an_entry_is_confirmed_again(story: Story) -> None:
    """As a new payment of the right customer, once; the account is then known for that one alone."""
    story.customer(id="other", name="Other", schedule=None)
    (entry,) = entries(story, take_in(story, Row(account="DE89")))
    wrong = story.done(decide(story, entry, "confirm", {"customer_id": "other"}), 200)["payment"]
    assert decide(story, entry, "confirm", {"customer_id": "acme"}).json["code"] == "wrong_state"
    story.done(story.api.patch(f"/payments/{wrong['id']}", {"status": "cancelled"}), 200)
    right, again = (story.done(decide(story, entry, "confirm", {"customer_id": "acme"}), 200) for _ in range(2))
    assert right["payment"]["id"] == again["payment"]["id"] == right["entry"]["payment_id"] != wrong["id"]
    assert [payment["status"] for payment in payments(story)] == ["completed"]
    (next_one,) = entries(story, take_in(story, Row(account="DE89", amount="5.00")))
    assert [one["customer_id"] for one in next_one["proposals"]] == ["acme"]


def test_the_same_customer_may_be_confirmed_again_too(story: Story) -> None:
    """A cancelled payment is for ever; each of the two is kept, and only the new one counts."""
    (entry,) = entries(story, take_in(story, Row()))
    first = story.done(decide(story, entry, "confirm", {"customer_id": "acme"}), 200)["payment"]
    story.done(story.api.patch(f"/payments/{first['id']}", {"status": "cancelled"}), 200)
    story.done(decide(story, entry, "confirm", {"customer_id": "acme"}), 200)
    assert sorted(payment["status"] for payment in payments(story)) == ["cancelled", "completed"]


def test_a_clerk_may_say_that_an_entry_is_no_duplicate(story: Story) -> None:
    """Then it is a payment of its own beside the first, once."""
    row = Row(reference="R1")
    (first,) = entries(story, take_in(story, row))
    second, _ = entries(story, take_in(story, row, Row(amount="1.00")))
    story.done(decide(story, first, "confirm", {"customer_id": "acme"}), 200)
    assert decide(story, second, "confirm", {"customer_id": "acme"}).json["code"] == "wrong_state"
    body = {"customer_id": "acme", "not_a_duplicate": True}
    for _ in range(2):
        booked = story.done(decide(story, second, "confirm", body), 200)["entry"]
        assert (booked["status"], booked["duplicate_of"]["statement_id"]) == ("confirmed", first["statement_id"])
    assert [payment["amount"] for payment in payments(story)] == ["12.00", "12.00"]


def test_an_entry_says_who_decided_and_when(story: Story) -> None:
    """Confirmed or dismissed; nobody did while it waits."""
    waiting, *_ = entries(story, take_in(story, Row(), Row(amount="2.00")))
    assert (waiting["decided_by"], waiting["decided_at"]) == (None, None)
    one, other = entries(story, {"id": waiting["statement_id"]})
    story.done(decide(story, one, "confirm", {"customer_id": "acme"}), 200)
    story.done(decide(story, other, "dismiss", {}), 200)
    for decided in entries(story, {"id": waiting["statement_id"]}):
        assert decided["decided_by"].startswith(("user:", "key:"))
        assert decided["decided_at"].endswith("Z")


def test_the_same_file_twice_is_one_statement(story: Story) -> None:
    """And the same entry in an overlapping file, even of another format, is recognised with where it was first."""
    row = Row(reference="R1", name="Acme Ltd", account="DE89")
    first, again = take_in(story, row), take_in(story, row)
    assert first["id"] == again["id"]
    camt = story.done(story.api.post("/bank-statements", camt_request(row, Row(reference="R2"))), 201)
    assert (camt["account"], camt["duplicates"], camt["states"]["pending"]) == ("DE1", 1, 1)
    old, new = entries(story, camt)
    assert (old["status"], new["status"]) == ("duplicate", "pending")
    assert old["duplicate_of"] == {"statement_id": first["id"], "entry_id": "000002"}
    assert decide(story, old, "confirm", {"customer_id": "acme"}).json["code"] == "wrong_state"
    listed = story.api.get("/bank-statements?limit=1").json
    assert listed["next_cursor"]
    assert {listed["items"][0]["id"], *(one["id"] for one in story.api.get("/bank-statements").json["items"])} == {
        first["id"],
        camt["id"],
    }


def test_money_that_went_out_is_listed_and_ignored(story: Story) -> None:
    """Nothing is proposed, nothing can be booked."""
    statement = take_in(story, Row(amount="-12.00"), Row())
    out, _in = entries(story, statement)
    assert (out["side"], out["status"], out["proposals"]) == ("debit", "ignored", [])
    assert (statement["entries"], statement["credits"], statement["debits"]) == (2, 1, 1)
    assert decide(story, out, "confirm", {"customer_id": "acme"}).status == 409


def test_bad_rows_are_named_by_line(story: Story) -> None:
    """The others are taken."""
    statement = take_in(story, Row(amount="x"), Row(), Row(day="2026-13-01"))
    assert [(one["line"], one["code"]) for one in statement["rejects"]] == [(2, "invalid_amount"), (4, "invalid_date")]
    assert (statement["rejected"], statement["entries"]) == (2, 1)


def test_another_currency_is_shown_and_cannot_be_booked(story: Story) -> None:
    """The proposal says so, and confirming is refused with the path."""
    bill = invoice(story)
    layout = {**LAYOUT, "currency": "USD"}
    (entry,) = entries(story, take_in(story, Row(text=bill["number"]), csv=layout))
    assert [(one["currency_mismatch"], one["allocations"]) for one in entry["proposals"]] == [(True, [])]
    assert decide(story, entry, "confirm", {"customer_id": "acme"}).codes == {"currency": "currency_mismatch"}


def test_a_confirmation_tells_all_its_issues(story: Story) -> None:
    """An unknown customer; invoices that do not exist, or more than there is; nothing is booked."""
    bill = invoice(story)
    (entry,) = entries(story, take_in(story, Row()))
    assert decide(story, entry, "confirm", {"customer_id": "nobody"}).codes == {"customer_id": "unknown_customer"}
    unknown = {"customer_id": "acme", "allocations": [{"invoice_id": "acme.20261101.A.x", "amount": "0.001"}]}
    assert decide(story, entry, "confirm", unknown).codes == {
        "allocations.0.invoice_id": "unknown_invoice",
        "allocations.0.amount": "invalid_amount",
    }
    too_much = {"customer_id": "acme", "allocations": [{"invoice_id": bill["id"], "amount": "12.01"}]}
    assert decide(story, entry, "confirm", too_much).json["code"] == "over_allocated"
    assert (payments(story), entries(story, {"id": entry["statement_id"]})[0]["status"]) == ([], "pending")


def test_customers_whose_payments_bring_invoices(story: Story) -> None:
    """The confirmed payment creates the invoice it pays; naming another is refused."""
    story.customer(id="prepaid", name="Prepaid", schedule=None, create_invoice_on_payment=True)
    (entry,) = entries(story, take_in(story, Row()))
    named = {"customer_id": "prepaid", "allocations": [{"invoice_id": "prepaid.20261101.A.x", "amount": "1"}]}
    assert decide(story, entry, "confirm", named).codes == {"allocations": "invalid_value"}
    done = [story.done(decide(story, entry, "confirm", {"customer_id": "prepaid"}), 200) for _ in range(2)]
    assert [one["payment"]["allocated"] for one in done] == ["12.00", "12.00"]
    (made,) = story.api.get("/invoices?customer_id=prepaid").json["items"]
    assert (made["total"], made["payment_status"]) == ("12.00", "paid")


def test_entries_may_be_listed_by_status(story: Story) -> None:
    """Page by page, with nothing of other statuses between and nothing left out."""
    rows = [Row(amount="1.00"), Row(amount="-9.00"), Row(amount="2.00"), Row(amount="3.00"), Row(amount="-8.00")]
    path = f"/bank-statements/{take_in(story, *rows)['id']}/entries?limit=2&status="
    first = story.done(story.api.get(f"{path}pending"), 200)
    rest = story.done(story.api.get(f"{path}pending&cursor={first['next_cursor']}"), 200)
    assert [[one["amount"] for one in page["items"]] for page in (first, rest)] == [["1.00", "2.00"], ["3.00"]]
    assert rest["next_cursor"] is None
    assert [one["amount"] for one in story.api.get(f"{path}ignored").json["items"]] == ["9.00", "8.00"]
    assert story.api.get(f"{path}lost").status == 422


def test_an_account_is_remembered(story: Story) -> None:
    """Who was confirmed for it once is proposed the next time, whatever the text says."""
    (entry,) = entries(story, take_in(story, Row(account="DE89 0001")))
    assert entry["proposals"] == []
    story.done(decide(story, entry, "confirm", {"customer_id": "acme"}), 200)
    (next_one,) = entries(story, take_in(story, Row(account="de890001", amount="5.00")))
    assert [(one["customer_id"], one["reasons"]) for one in next_one["proposals"]] == [("acme", ["account_known"])]


def test_an_upload_is_read_in_its_own_encoding(story: Story) -> None:
    """The form takes one file; the statement is made of what arrived."""
    opened = story.done(story.api.post("/bank-statements/uploads", {}), 201)
    asked = {"format": "camt053", "upload": opened["upload"]}
    assert story.api.post("/bank-statements", asked).codes == {"upload": "invalid_value"}
    text = camt_file([Row(name="Müller")]).replace('"UTF-8"', '"ISO-8859-1"')
    objects.put_object(incoming_key(opened["upload"]), text.encode("latin-1"))
    statement = story.done(story.api.post("/bank-statements", asked), 201)
    assert [entry["name"] for entry in entries(story, statement)] == ["Müller"]


def test_a_large_file_is_read_by_the_queue(story: Story) -> None:
    """202 while it waits; the message reads it, twice without harm."""
    rows = [Row(text=f"{place} {'x' * 500}") for place in range(200)]
    reply = story.api.post("/bank-statements", csv_request(*rows))
    assert (reply.status, reply.json["status"], reply.json["entries"]) == (202, "processing", 0)
    story.work_off()
    done = story.done(story.api.get(f"/bank-statements/{reply.json['id']}"), 200)
    assert (done["status"], done["entries"], done["states"]["pending"]) == ("done", len(rows), len(rows))
    page = story.api.get(f"/bank-statements/{reply.json['id']}/entries?limit=150").json
    rest = story.api.get(f"/bank-statements/{reply.json['id']}/entries?limit=150&cursor={page['next_cursor']}").json
    assert len({entry["id"] for entry in page["items"] + rest["items"]}) == len(rows)


def test_a_file_that_is_something_else_is_refused_with_the_reason(story: Story) -> None:
    """The statement stays, so that the clerk sees what went wrong."""
    refused = story.done(story.api.post("/bank-statements", {"format": "camt053", "text": "Date;Amount"}), 201)
    assert (refused["status"], refused["code"]) == ("refused", "wrong_format")


def test_a_request_tells_all_its_issues(story: Story) -> None:
    """Both ways or none, a layout where none belongs, unknown marks and currencies."""
    both = {"format": "camt053", "text": "x", "upload": "y", "encoding": "ebcdic", "csv": {"columns": {"date": "d"}}}
    assert set(story.api.post("/bank-statements", both).codes) == {
        "text",
        "encoding",
        "csv",
        "csv.columns",
        "csv.currency",
    }
    assert story.api.post("/bank-statements", {"format": "csv", "text": "x"}).codes == {"csv": "invalid_value"}
    wrong = csv_request(csv={**LAYOUT, "currency": "EURO", "debit_marks": ["S"]})
    assert story.api.post("/bank-statements", wrong).codes == {"csv.currency": "unknown_currency"}
    assert story.api.get("/bank-statements/none").status == story.api.get("/bank-statements/none/entries").status == 404
