"""Packages over the months, through the API and the schedule; every figure calculated by hand beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.story import Story


def sell(story: Story, customer_id: str, start: str, *, own: dict[str, Any] | None = None, **package: Any) -> dict[str, Any]:
    """A new package of 30.00 a month on the 1st, assigned from a day on; `own` are fields of the assignment."""
    fields = {"name": "Line", "unit_price": "30.00", "match_days": [1], **package}
    made = story.done(story.api.post("/packages", fields), 201)
    body = {"package_id": made["id"], "start_date": start, **(own or {})}
    return story.done(story.api.post(f"/customers/{customer_id}/packages", body), 201)


def change(story: Story, assignment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Change an assignment."""
    return story.done(story.api.patch(path_of(assignment), fields), 200)


def path_of(assignment: dict[str, Any]) -> str:
    """Where an assignment is."""
    return f"/customers/{assignment['customer_id']}/packages/{assignment['id']}"


def bill(story: Story, customer_id: str, as_of: str) -> list[dict[str, Any]]:
    """Every missing period is billed now; the customer's documents, oldest period first."""
    story.done(story.api.post(f"/customers/{customer_id}/auto-generate", {"as_of": as_of}), 201)
    return sorted(story.invoices(customer_id), key=lambda invoice: str(invoice["period"]["start_date"]))


def lines_of(invoice: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Kind, first and last day, net of each line."""
    return [(line["kind"], line["start_date"], line["end_date"], line["net"]) for line in invoice["lines"]]


def test_advance_and_arrears_fall_on_the_first_and_the_last_day(story: Story) -> None:
    """Billed from the 16th to the 15th, November's advance (on the 1st) and arrears (on the 30th) are on different invoices."""
    acme = story.customer(billing_start="2025-10-16", schedule={"frequency": "monthly", "anchor": 16})
    sell(story, acme, "2025-11-01", name="Advance", own={"end_date": "2025-11-30"})
    sell(story, acme, "2025-11-01", name="Arrears", charge="arrears", unit_price="12.00", own={"end_date": "2025-11-30"})
    first, second = bill(story, acme, "2025-12-17T00:00:00Z")
    assert lines_of(first) == [("package", "2025-11-01", "2025-11-30", "30.00")]
    assert lines_of(second) == [("package", "2025-11-01", "2025-11-30", "12.00")]


def test_several_match_days_charge_each_time(story: Story) -> None:
    """The 1st, the 15th and the 31st: December has three charges, November, whose 31st is its 30th, too."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-01", match_days=[1, 15, 31], unit_price="5.00")
    november, december = bill(story, acme, "2026-01-02T00:00:00Z")
    assert lines_of(november) == [
        ("package", "2025-11-01", "2025-11-14", "5.00"),
        ("package", "2025-11-15", "2025-11-29", "5.00"),
        ("package", "2025-11-30", "2025-11-30", "5.00"),
    ]
    assert [line["start_date"] for line in december["lines"]] == ["2025-12-01", "2025-12-15", "2025-12-31"]


def test_proration_charges_and_credits_by_whole_days(story: Story) -> None:
    """A first part, and what an early end leaves unused, on the first unbilled day.

    From 11 November: 20 of 30 days of 31.00 = 20.67. Ended on 10 December, after December was charged in advance: charged 31.00,
    earned 10 of 31 days = 10.00, so 21.00 come back.
    """
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-11", prorate=True, unit_price="31.00")
    november, december = bill(story, acme, "2026-01-01T02:00:00Z")
    assert lines_of(november) == [("package", "2025-11-11", "2025-11-30", "20.67")]
    assert lines_of(december) == [("package", "2025-12-01", "2025-12-31", "31.00")]
    assert change(story, assignment, end_date="2025-12-10")["settlement_day"] == "2026-01-01"
    *_, note = bill(story, acme, "2026-02-01T02:00:00Z")
    assert (note["kind"], note["subtotal"], note["total"]) == ("credit_note", "21.00", "25.20")
    assert lines_of(note) == [("credit", "2025-12-11", "2025-12-31", "21.00")]
    assert note["number"].startswith("CN-")


def test_ended_before_it_is_billed_charges_and_credits_on_one_invoice(story: Story) -> None:
    """Ends on 10 November while November is open: 30.00 charged on the 1st, 20 of 30 days credited on the 10th, 10.00 remain."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-01", prorate=True, own={"end_date": "2025-11-10"})
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    assert lines_of(november) == [
        ("package", "2025-11-01", "2025-11-30", "30.00"),
        ("credit", "2025-11-11", "2025-11-30", "-20.00"),
    ]
    assert november["subtotal"] == "10.00"


def test_minimum_spend_counts_usage_of_all_invoices(story: Story) -> None:
    """50.00 a month: 12.40 were billed by hand on 1-10 November, 7.60 with the rest, so 50.00 - 20.00 = 30.00 are topped up."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-01", minimum_spend=True, unit_price="50.00")
    story.calls(acme, ("2025-11-05T12:00:00Z", "12.40"), ("2025-11-20T12:00:00Z", "7.60"))
    ticked = {"days": [{"start_date": "2025-11-01", "end_date": "2025-11-10"}]}
    by_hand = story.done(story.api.post(f"/customers/{acme}/invoices", ticked), 201)
    assert [(line["kind"], line["net"]) for line in by_hand["lines"]] == [("usage", "12.40")]
    _, rest = bill(story, acme, "2025-12-01T02:00:00Z")
    assert [(line["kind"], line["net"]) for line in rest["lines"]] == [("usage", "7.60"), ("minimum_spend", "30.00")]


def test_minimum_spend_stands_beside_a_package_in_arrears(story: Story) -> None:
    """Both fall on 30 November: 12.00 in arrears, and 50.00 less 20.00 of calls; the other package counts as no usage."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-01", minimum_spend=True, charge="arrears", unit_price="50.00")
    sell(story, acme, "2025-11-01", name="Arrears", charge="arrears", unit_price="12.00")
    story.calls(acme, ("2025-11-05T12:00:00Z", "20.00"))
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    assert sorted((line["kind"], line["start_date"], line["end_date"], line["net"]) for line in november["lines"]) == [
        ("minimum_spend", "2025-11-01", "2025-11-30", "30.00"),
        ("package", "2025-11-01", "2025-11-30", "12.00"),
        ("usage", "2025-11-01", "2025-11-30", "20.00"),
    ]


def test_minimum_spend_that_was_reached_charges_nothing(story: Story) -> None:
    """50.01 of calls on a minimum of 50.00: the calls, and no line of nothing."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-01", minimum_spend=True, unit_price="50.00")
    story.calls(acme, ("2025-11-05T12:00:00Z", "50.01"))
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    assert [(line["kind"], line["net"]) for line in november["lines"]] == [("usage", "50.01")]


def test_quantity_counts_from_the_next_charge_on(story: Story) -> None:
    """3 × 30.00 = 90.00 in November, five from then on: 150.00 in December; November's invoice stays as it is."""
    acme = story.customer(billing_start="2025-11-01")
    assignment = sell(story, acme, "2025-11-01", own={"quantity": "3"})
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    change(story, assignment, quantity="5")
    after = bill(story, acme, "2026-01-01T02:00:00Z")
    assert [(one["lines"][0]["quantity"], one["subtotal"]) for one in after] == [("3", "90.00"), ("5", "150.00")]
    assert after[0] == november


def test_own_price_and_words_replace_the_packages(story: Story) -> None:
    """2 × 24.995 = 49.99, setup 5.00 instead of 20.00, under the customer's own name for it."""
    acme = story.customer(billing_start="2025-11-01")
    own = {"quantity": "2", "unit_price": "24.995", "setup_price": "5.00", "description": "Trunk Vienna"}
    sell(story, acme, "2025-11-01", setup_price="20.00", own=own)
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    assert [(line["description"], line["net"]) for line in november["lines"]] == [
        ("Trunk Vienna", "49.99"),
        ("Setup: Trunk Vienna", "5.00"),
    ]


def test_setup_is_charged_once_on_the_first_charge_date(story: Story) -> None:
    """Without proration a start on 11 November is first charged on 1 December, and so is the setup; January has none."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-11-11", setup_price="99.00")
    story.calls(acme, ("2025-11-05T12:00:00Z", "1.00"))
    found = bill(story, acme, "2026-02-01T02:00:00Z")
    assert [[(line["kind"], line["net"]) for line in invoice["lines"]] for invoice in found] == [
        [("usage", "1.00")],
        [("package", "30.00"), ("setup", "99.00")],
        [("package", "30.00")],
    ]


@pytest.mark.parametrize(
    "start, starts",
    [
        ("2026-01-29", ("2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29", "2026-05-29")),
        ("2026-01-30", ("2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30")),
        ("2026-01-31", ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31")),
        ("2028-01-29", ("2028-01-29", "2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29")),
        ("2028-01-31", ("2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31")),
    ],
)
def test_anniversaries_of_the_last_days_survive_february(story: Story, start: str, starts: tuple[str, ...]) -> None:
    """Anchor plus months: February has its last day, of leap years, too; March has the anchor again; each to the day before."""
    acme = story.customer(billing_start=f"{start[:4]}-01-01")
    sell(story, acme, start, match_days=[])
    story.api.post(f"/customers/{acme}/auto-generate", {"as_of": f"{start[:4]}-05-01T02:00:00Z"})
    found = sorted((line for invoice in story.invoices(acme) for line in invoice["lines"]), key=lambda line: line["start_date"])
    ends = [str(date.fromisoformat(day) - timedelta(days=1)) for day in starts[1:]]
    expected = [(first, last, "30.00") for first, last in zip(starts, ends, strict=False)]
    assert [(line["start_date"], line["end_date"], line["net"]) for line in found] == expected


def test_a_package_of_one_day_earns_one_day(story: Story) -> None:
    """Started and ended on 1 November, prorated: 30.00 charged, 29 of 30 days = 29.00 credited; unprorated: the full 30.00."""
    acme = story.customer(billing_start="2025-11-01")
    for prorate in (True, False):
        sell(story, acme, "2025-11-01", prorate=prorate, own={"end_date": "2025-11-01"})
    [november] = bill(story, acme, "2025-12-01T02:00:00Z")
    assert sorted(lines_of(november)) == [
        ("credit", "2025-11-02", "2025-11-30", "-29.00"),
        ("package", "2025-11-01", "2025-11-30", "30.00"),
        ("package", "2025-11-01", "2025-11-30", "30.00"),
    ]
    assert november["subtotal"] == "31.00"


def test_a_backdated_start_is_refused_with_the_first_free_day(story: Story) -> None:
    """November is billed: a start on the 10th is refused and 1 December offered, which is then accepted."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-05T12:00:00Z", "1.00"))
    bill(story, acme, "2025-12-01T02:00:00Z")
    package = story.done(story.api.post("/packages", {"name": "Line", "unit_price": "30.00"}), 201)
    body = {"package_id": package["id"], "start_date": "2025-11-10"}
    refused = story.api.post(f"/customers/{acme}/packages", body)
    assert (refused.status, refused.json["code"]) == (422, "start_already_billed")
    assert refused.json["first_free_day"] == "2025-12-01"
    story.done(story.api.post(f"/customers/{acme}/packages", {**body, "start_date": "2025-12-01"}), 201)


def test_no_charge_is_lost_on_a_day_that_was_billed_by_hand(story: Story) -> None:
    """10 November is billed: a package charged on the 10th cannot start on the 5th; from the 11th it is charged in December."""
    acme = story.customer(billing_start="2025-11-01")
    story.calls(acme, ("2025-11-10T12:00:00Z", "1.00"))
    ticked = {"days": [{"start_date": "2025-11-10", "end_date": "2025-11-10"}], "issue": True}
    story.done(story.api.post(f"/customers/{acme}/invoices", ticked), 201)
    package = story.done(story.api.post("/packages", {"name": "Line", "unit_price": "30.00", "match_days": [10]}), 201)
    body = {"package_id": package["id"], "start_date": "2025-11-05"}
    refused = story.api.post(f"/customers/{acme}/packages", body)
    assert (refused.status, refused.json["code"], refused.json["first_free_day"]) == (422, "start_already_billed", "2025-11-11")
    story.done(story.api.post(f"/customers/{acme}/packages", {**body, "start_date": "2025-11-11"}), 201)
    *_, december = bill(story, acme, "2026-01-01T02:00:00Z")
    assert lines_of(december) == [("package", "2025-12-10", "2026-01-09", "30.00")]


def test_a_one_off_is_charged_once(story: Story) -> None:
    """Two handsets at 79.50 on 20 November: 159.00 on November's invoice, nothing on December's."""
    acme = story.customer(billing_start="2025-11-01")
    own = {"quantity": "2"}
    sell(story, acme, "2025-11-20", name="Handset", frequency="none", match_days=[], unit_price="79.50", own=own)
    story.calls(acme, ("2025-12-05T12:00:00Z", "1.00"))
    found = bill(story, acme, "2026-01-01T02:00:00Z")
    assert [lines_of(invoice) for invoice in found] == [
        [("package", "2025-11-20", "2025-11-20", "159.00")],
        [("usage", "2025-12-01", "2025-12-31", "1.00")],
    ]


def test_a_void_frees_charges_setup_and_late_usage_alike(story: Story) -> None:
    """What the void carried is on the next invoice over its days: the same lines, another number."""
    acme = story.customer(billing_start="2025-11-01")
    sell(story, acme, "2025-12-01", setup_price="10.00", prorate=True, own={"end_date": "2025-12-15"})
    story.calls(acme, ("2025-11-05T12:00:00Z", "1.00"))
    bill(story, acme, "2025-12-01T02:00:00Z")
    story.calls(acme, ("2025-11-06T12:00:00Z", "0.25"))
    *_, december = bill(story, acme, "2026-01-01T02:00:00Z")
    # 30.00 + 10.00 setup + 0.25 late - 16 of 31 days of 30.00 (30.00 - 14.52 = 15.48)
    assert december["subtotal"] == "24.77"
    story.done(story.api.post(f"/invoices/{december['id']}/void"), 200)
    again = next(one for one in bill(story, acme, "2026-01-01T03:00:00Z") if one["number"] == "INV-1003")
    assert again["lines"] == december["lines"]
    assert Decimal(again["total"]) == Decimal(december["total"])
