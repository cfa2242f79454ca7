"""Months of an operator: schedules, outages, doubled and overlapping events, late calls, days billed by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from tests.support.story import Story, raw_event, subtotal_of


def test_a_month_of_usage_from_calls_to_a_paid_pdf(story: Story) -> None:
    """Calls go in, the schedule fires, a numbered invoice and its PDF come out, a payment settles it."""
    acme = story.customer(name="Zażółć Sp. z o.o.")
    package = story.done(story.api.post("/packages", {"name": "Line", "unit_price": "10.00", "match_days": [1]}), 201)
    story.done(story.api.post(f"/customers/{acme}/packages", {"package_id": package["id"], "start_date": "2025-11-01"}), 201)
    story.calls(acme, ("2025-11-03T10:00:00Z", "1.10"), ("2025-11-03T11:00:00Z", "0.15"), ("2025-11-30T23:59:59Z", "0.005"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    *_, november = story.invoices(acme)
    assert [line["kind"] for line in november["lines"]] == ["package", "usage"]
    assert (november["subtotal"], november["tax_total"], november["total"]) == ("11.26", "2.25", "13.51")
    assert story.api.get(f"/invoices/{november['id']}/pdf").status == 202
    story.render()
    link = story.done(story.api.get(f"/invoices/{november['id']}/pdf"), 200)
    assert (link["status"], f"{november['number']}.pdf" in link["url"]) == ("ready", True)
    payment = {"customer_id": acme, "amount": "20.00", "date": "2025-12-05", "reference": "transfer"}
    paid = story.done(story.api.post("/payments", payment, headers={"Idempotency-Key": "p1"}), 201)
    allocation = {"payment_id": paid["id"], "amount": "13.51"}
    story.done(story.api.post(f"/invoices/{november['id']}/payments", allocation, headers={"Idempotency-Key": "a1"}), 201)
    settled = story.invoice(november["id"])
    assert (settled["payment_status"], settled["amount_due"]) == ("paid", "0.00")
    balance = story.done(story.api.get(f"/customers/{acme}/balance"), 200)
    assert (balance["due"], balance["unallocated"]) == ("0.00", "6.49")


def test_an_outage_of_three_periods_is_caught_up(story: Story) -> None:
    """Nothing fired for three months; the next event bills each month on its own, oldest first."""
    acme = story.customer()
    for month in ("09", "10", "11"):
        story.calls(acme, (f"2025-{month}-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    found = story.invoices(acme)
    assert [invoice["period"]["start_date"] for invoice in found] == ["2025-09-01", "2025-10-01", "2025-11-01"]
    assert [invoice["number"] for invoice in found] == ["INV-1001", "INV-1002", "INV-1003"]


def test_the_same_event_twice_bills_once(story: Story) -> None:
    """The schedule's event comes again, and every message of the queue is delivered twice."""
    acme = story.customer()
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    for _ in range(2):
        story.client.lambda_.invoke("generate_monthly", _event("2025-12-01T06:05:00Z"))
    story.work_off(deliveries=2)
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    found = story.invoices(acme)
    assert (len(found), subtotal_of(found)) == (1, Decimal("5.00"))


def test_a_repeated_event_leaves_a_paid_and_a_voided_invoice_alone(story: Story) -> None:
    """The message of a run comes back days later, when one invoice is paid and another is void."""
    paid, void = story.customer(name="Paid"), story.customer(name="Void")
    for customer in (paid, void):
        story.calls(customer, ("2025-11-10T12:00:00Z", "5.00"))
    story.client.lambda_.invoke("generate_monthly", _event("2025-12-01T06:05:00Z"))
    story.work_off()
    first = story.invoices(paid)[0]
    key, other_key = {"Idempotency-Key": "p"}, {"Idempotency-Key": "a"}
    money = story.done(
        story.api.post("/payments", {"customer_id": paid, "amount": "6.00", "date": "2025-12-02"}, headers=key), 201
    )
    allocate = {"payment_id": money["id"], "amount": "6.00"}
    story.done(story.api.post(f"/invoices/{first['id']}/payments", allocate, headers=other_key), 201)
    story.done(story.api.post(f"/invoices/{story.invoices(void)[0]['id']}/void"), 200)
    before = [story.invoices(customer) for customer in (paid, void)]
    story.client.lambda_.invoke("generate_monthly", _event("2025-12-01T06:05:00Z"))
    story.work_off(deliveries=2)
    assert [story.invoices(customer) for customer in (paid, void)] == before


def test_two_workers_and_the_button_at_once_make_one_invoice(story: Story) -> None:
    """The queue is worked off by two workers while somebody presses the button: one invoice, no hole in the numbers."""
    customers = [story.customer(name=f"Customer {number}") for number in range(6)]
    for customer in customers:
        story.calls(customer, ("2025-11-10T12:00:00Z", "5.00"))
    story.client.lambda_.invoke("generate_monthly", _event("2025-12-01T06:05:00Z"))
    with ThreadPoolExecutor(3) as pool:
        pool.submit(story.work_off, deliveries=2)
        pool.submit(story.work_off, deliveries=2)
        pressed = list(pool.map(lambda one: story.api.post(f"/customers/{one}/auto-generate", {}), customers))
    story.work_off()
    assert {reply.status for reply in pressed} <= {200, 201}
    found = [invoice for customer in customers for invoice in story.invoices(customer)]
    novembers = [invoice for invoice in found if invoice["period"]["start_date"] == "2025-11-01"]
    assert len(novembers) == len(customers)
    report = story.done(story.api.get("/reports/numbering?series=invoices"), 200)
    assert report["gaps"] == []
    assert sorted(invoice["number"] for invoice in found) == [f"INV-{1001 + n}" for n in range(len(found))]


def test_a_late_call_goes_on_the_next_invoice_with_its_day(story: Story) -> None:
    """A call of a billed day is neither lost nor billed twice; the line names its day and the earlier invoice."""
    acme = story.customer()
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    story.calls(acme, ("2025-11-20T12:00:00Z", "0.70"), ("2025-12-02T12:00:00Z", "2.00"))
    story.schedule("monthly", "2026-01-01T06:05:00Z")
    november, december = story.invoices(acme)
    late = [line for line in december["lines"] if line["kind"] == "late_usage"]
    assert [(line["start_date"], line["net"], line["original_invoice_id"]) for line in late] == [
        ("2025-11-20", "0.70", november["id"])
    ]
    assert subtotal_of([november, december]) == Decimal("7.70")


def test_an_earlier_billing_start_is_caught_up(story: Story) -> None:
    """November is billed when billing turns out to start in October: the next run bills October, and November no second time."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-10-10T12:00:00Z", "3.00"), ("2025-11-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    story.done(story.api.patch(f"/customers/{acme}", {"billing_start": "2025-10-01"}), 200)
    story.schedule("monthly", "2025-12-01T07:05:00Z")
    found = [(invoice["period"]["start_date"], invoice["subtotal"]) for invoice in story.invoices(acme)]
    assert found == [("2025-11-01", "5.00"), ("2025-10-01", "3.00")]


def test_days_billed_by_hand_before_the_schedule_are_left_out_by_it(story: Story) -> None:
    """The run bills the rest of the period; ticking a billed day again is refused and names the invoice."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-03T12:00:00Z", "1.00"), ("2025-11-20T12:00:00Z", "2.00"))
    by_hand = {"days": [{"start_date": "2025-11-01", "end_date": "2025-11-05"}]}
    first = story.done(story.api.post(f"/customers/{acme}/invoices", by_hand), 201)
    again = story.api.post(f"/customers/{acme}/invoices", by_hand)
    assert (again.status, again.json["code"], again.json["days"][0]["invoice_id"]) == (409, "day_already_billed", first["id"])
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    found = story.invoices(acme)
    assert [invoice["subtotal"] for invoice in found] == ["1.00", "2.00"]


def test_revising_an_issued_invoice_keeps_number_and_history(story: Story) -> None:
    """An edit makes revision 1 under the same number; revision 0 and its PDF stay readable."""
    acme = story.customer(schedule=None)
    draft = {"customer_id": acme, "lines": [{"description": "Set-up", "quantity": "1", "unit_price": "10.00"}], "issue": True}
    issued = story.done(story.api.post("/invoices", draft), 201)
    story.render()
    change = {"lines": [{"description": "Set-up and training", "quantity": "2", "unit_price": "10.00"}]}
    etag = {"If-Match": story.api.get(f"/invoices/{issued['id']}").headers["etag"]}
    revised = story.done(story.api.patch(f"/invoices/{issued['id']}", change, headers=etag), 200)
    story.render()
    assert (revised["number"], revised["revision"], revised["total"]) == (issued["number"], 1, "24.00")
    history = story.done(story.api.get(f"/invoices/{issued['id']}/revisions"), 200)["items"]
    assert [(one["revision"], one["total"]) for one in history] == [(1, "24.00"), (0, "12.00")]
    links = [story.api.get(f"/invoices/{issued['id']}/pdf?revision={n}") for n in (0, 1)]
    assert [(reply.status, f"/{n}.pdf" in reply.json["url"]) for n, reply in enumerate(links)] == [(200, True), (200, True)]


def test_a_void_frees_its_days_for_the_next_run(story: Story) -> None:
    """The void keeps its number; the next run bills the days again under a new one."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    story.schedule("monthly", "2025-12-01T06:05:00Z")
    (first,) = story.invoices(acme)
    story.done(story.api.post(f"/invoices/{first['id']}/void"), 200)
    story.schedule("monthly", "2025-12-01T07:05:00Z")
    found = story.invoices(acme)
    assert [(invoice["number"], invoice["status"], invoice["subtotal"]) for invoice in found] == [
        ("INV-1001", "void", "5.00"),
        ("INV-1002", "issued", "5.00"),
    ]
    summary = story.done(story.api.get(f"/customers/{acme}/summary?granularity=monthly&from=2025-11-01&to=2025-11-30"), 200)
    assert summary["items"][0]["invoice_id"] == found[1]["id"]


def _event(time: str) -> dict[str, object]:
    return {**raw_event("scheduled"), "time": time}
