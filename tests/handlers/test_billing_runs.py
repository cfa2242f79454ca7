"""Billing runs and billing on demand over HTTP."""

from __future__ import annotations

from tests.support.http import ApiClient
from tests.support.story import Story

RUNS = "/billing-runs"


def test_a_run_is_started_watched_and_done(api: ApiClient, story: Story) -> None:
    """202 with the run; once the queue is worked off it tells due, done, issued and the invoices."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    started = api.post(RUNS, {"frequency": "monthly", "as_of": "2025-12-01T06:00:00Z"})
    assert (started.status, started.json["status"]) == (202, "queued")
    story.work_off()
    run = story.done(api.get(f"{RUNS}/{started.json['id']}"), 200)
    assert (run["status"], run["due"], run["done"], run["issued"], run["failed"]) == ("done", 1, 1, 1, 0)
    assert story.invoice(run["invoices"][0])["number"] == "INV-1001"
    assert [one["id"] for one in story.done(api.get(RUNS), 200)["items"]] == [run["id"]]


def test_asking_twice_for_a_run_that_goes_on_is_one_run(api: ApiClient, story: Story) -> None:
    """Frequency, instant and customer name the run."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    body = {"frequency": "monthly", "as_of": "2025-12-01T06:00:00Z", "customer_id": acme}
    ids = {api.post(RUNS, body).json["id"] for _ in range(2)}
    story.work_off(deliveries=2)
    assert len(ids) == 1
    assert len(story.invoices(acme)) == 1


def test_asking_again_bills_what_is_missing_by_now(api: ApiClient, story: Story) -> None:
    """After a void, and with one more customer, the same frequency and instant are another run, and it bills both."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    body = {"frequency": "monthly", "as_of": "2025-12-01T06:00:00Z"}
    first = api.post(RUNS, body).json["id"]
    story.work_off()
    (voided,) = story.invoices(acme)
    story.done(api.post(f"/invoices/{voided['id']}/void"), 200)
    other = story.customer(name="Other", billing_start="2025-11-01")
    story.calls(other, ("2025-11-10T12:00:00Z", "7.00"))
    second = api.post(RUNS, body).json["id"]
    story.work_off()
    assert second != first
    assert api.get(f"{RUNS}/{second}").json["issued"] == 2
    assert sorted(one["number"] for one in story.invoices(acme)) == ["INV-1001", "INV-1002"]
    assert [one["total"] for one in story.invoices(other)] == ["8.40"]


def test_a_preview_shows_what_the_run_then_makes(api: ApiClient, story: Story) -> None:
    """Same lines and totals; nothing is kept by the preview."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "5.00"))
    body = {"frequency": "monthly", "as_of": "2025-12-01T06:00:00Z"}
    shown = story.done(api.post(RUNS, {**body, "preview": True}), 200)
    assert story.invoices(acme) == []
    api.post(RUNS, body)
    story.work_off()
    (made,) = story.invoices(acme)
    assert (shown["due"], shown["invoices"][0]["lines"], shown["invoices"][0]["total"]) == (1, made["lines"], made["total"])


def test_what_a_run_is_asked_with_is_checked(api: ApiClient) -> None:
    """Unknown frequency, customer and field, an instant without offset: 422 with every issue."""
    bad = api.post(RUNS, {"frequency": "yearly", "as_of": "2025-12-01T06:00:00", "what": 1})
    assert (bad.status, set(bad.codes)) == (422, {"frequency", "as_of", "what"})
    assert api.post(RUNS, {"frequency": "daily", "customer_id": "nobody"}).codes == {"customer_id": "unknown_customer"}
    assert api.get(f"{RUNS}/nothing").status == 404


def test_the_button_bills_every_missing_period(api: ApiClient, story: Story) -> None:
    """201 with the invoices, oldest first; 200 and none when nothing is missing; 422 without a schedule."""
    acme = story.customer()
    for month in ("09", "10"):
        story.calls(acme, (f"2025-{month}-10T12:00:00Z", "5.00"))
    pressed = api.post(f"/customers/{acme}/auto-generate", {"as_of": "2025-11-02T00:00:00Z"})
    assert (pressed.status, [invoice["number"] for invoice in pressed.json["invoices"]]) == (201, ["INV-1001", "INV-1002"])
    again = api.post(f"/customers/{acme}/auto-generate", {"as_of": "2025-11-02T00:00:00Z"})
    assert (again.status, again.json["invoices"]) in ((200, []), (201, pressed.json["invoices"]))
    none = story.customer(name="No schedule", schedule=None, billing_start=None)
    assert api.post(f"/customers/{none}/auto-generate", {}).codes == {"schedule": "no_schedule"}


def test_the_button_names_only_what_was_missing(api: ApiClient, story: Story) -> None:
    """After the void of an older month it makes that one anew, also as of the same instant, and leaves the later one out."""
    acme = story.customer()
    for month in ("09", "10"):
        story.calls(acme, (f"2025-{month}-10T12:00:00Z", "5.00"))
    path, body = f"/customers/{acme}/auto-generate", {"as_of": "2025-11-02T00:00:00Z"}
    september, _october = api.post(path, body).json["invoices"]
    story.done(api.post(f"/invoices/{september['id']}/void"), 200)
    again = api.post(path, body)
    assert (again.status, [invoice["number"] for invoice in again.json["invoices"]]) == (201, ["INV-1003"])
    assert again.json["invoices"][0]["period"] == september["period"]


def test_many_missing_periods_are_billed_by_the_queue(api: ApiClient, story: Story) -> None:
    """More than 40 daily invoices: 202 and the run to watch."""
    acme = story.customer(schedule={"frequency": "daily", "anchor": None}, billing_start="2025-09-01")
    story.calls(acme, *((f"2025-09-{day:02d}T12:00:00Z", "1.00") for day in range(1, 31)))
    pressed = api.post(f"/customers/{acme}/auto-generate", {"as_of": "2025-11-02T06:00:00Z"})
    assert (pressed.status, pressed.json["run"]["status"]) == (202, "queued")
    story.work_off()
    assert len(story.invoices(acme)) == 30


def test_ticked_days_are_checked_before_anything_is_claimed(api: ApiClient, story: Story) -> None:
    """No range, reversed range, too many days, days not over, nothing on the days."""
    acme = story.customer()
    path = f"/customers/{acme}/invoices"
    assert api.post(path, {"days": []}).codes == {"days": "required"}
    backwards = {"days": [{"start_date": "2025-11-05", "end_date": "2025-11-01"}]}
    assert api.post(path, backwards).codes == {"days.0.end_date": "invalid_date"}
    years = {"days": [{"start_date": "2023-01-01", "end_date": "2025-01-01"}]}
    assert api.post(path, years).codes == {"days": "too_many_days"}
    ahead = {"days": [{"start_date": "2190-01-01", "end_date": "2190-01-02"}]}
    assert api.post(path, ahead).codes == {"days": "day_not_closed"}
    empty = {"days": [{"start_date": "2025-11-01", "end_date": "2025-11-02"}]}
    assert api.post(path, empty).codes == {"days": "nothing_to_bill"}
    assert api.post("/customers/nobody/invoices", empty).status == 404


def test_ticked_days_become_one_invoice_once(api: ApiClient, story: Story) -> None:
    """Preview keeps nothing; the same Idempotency-Key twice is one invoice; `issue: false` leaves a draft."""
    acme = story.customer()
    story.calls(acme, ("2025-11-03T12:00:00Z", "1.00"), ("2025-11-20T12:00:00Z", "2.00"))
    days = {
        "days": [{"start_date": "2025-11-03", "end_date": "2025-11-03"}, {"start_date": "2025-11-20", "end_date": "2025-11-20"}]
    }
    path = f"/customers/{acme}/invoices"
    preview = api.post(path, {**days, "preview": True})
    assert (preview.status, preview.json["subtotal"], story.invoices(acme)) == (200, "3.00", [])
    made = [api.post(path, {**days, "issue": False}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [reply.status for reply in made] == [201, 201]
    assert (made[0].json["id"], made[0].json["status"]) == (made[1].json["id"], "draft")
    assert len(story.invoices(acme)) == 1
