"""Real writers at once, in processes and threads, over HTTP to an emulator: whoever is faster, the books come out the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.e2e.conftest import Crew

CUSTOMERS = [f"w{number:03d}" for number in range(200)]
WORKERS = 8
OCTOBER = ["2025-10-05", "2025-10-20"]
"""Days of the calls that were there before, and of those that come in while the days are being claimed."""
PERIODS = ["2025-10-01", "2025-11-01"]


def test_workers_buttons_and_imports_at_once_bill_everything_once(crew: Crew, record_property: Any) -> None:
    """Two overlapping schedules, each fired twice; eight workers with all of their messages; the button; an import into the days.

    Every customer gets one invoice a period, every call is on one invoice, numbers have no hole, and nothing is left over.
    """
    crew.one("open_books", customers=CUSTOMERS, days=OCTOBER)
    schedules = ["2025-11-01T06:15:00+00:00", "2025-11-01T07:15:00+00:00"]
    crew.each([{"do": "dispatch", "at": at} for at in schedules * 2])
    messages = sorted(set(crew.one("receive")))
    assert len([body for body in messages if '"bill_chunk"' in body]) >= len(schedules) * len(CUSTOMERS) // 50
    turns = [{"do": "work", "messages": turned(messages, place // 2)} for place in range(WORKERS)]
    button = {"do": "press", "customers": CUSTOMERS[::10], "at": "2025-11-01T07:30:00+00:00"}
    late = {"do": "bring_in", "customers": CUSTOMERS, "days": OCTOBER, "mark": "late"}
    crew.each([*turns, button, late])
    bill_rest(crew, "2025-12-01T06:15:00+00:00")
    seen = look(crew, CUSTOMERS)
    assert seen["findings"] == []
    check_customers(seen)
    report(crew, record_property)


def test_clerks_at_once_spend_a_payment_once(crew: Crew, record_property: Any) -> None:
    """Eight clerks want 320.00 of a payment of 100.00: five requests of 20.00 go through, the others are told why not."""
    made = crew.one("prepare_money", customer="debtor", price="30.00", count=8, amount="100.00")
    invoices = made["invoices"]
    wishes = [[[[invoices[(clerk + turn) % 8], "20.00"]] for turn in range(4)] for clerk in range(4)]
    orders = [{"do": "allocate", "payment": made["payment"], "requests": wish} for wish in wishes]
    ended = sum((Counter(codes) for codes in crew.each(orders)), Counter())
    seen = look(crew, ["debtor"])
    (debtor,) = seen["customers"]
    assert seen["findings"] == []
    assert (ended["done"], ended.total()) == (5, 16), ended
    assert set(ended) <= {"done", "over_allocated"}, ended
    assert (debtor["allocated"], debtor["left"], sum(one["paid"] for one in debtor["invoices"])) == (10_000, [0], 10_000)
    report(crew, record_property)


def turned(messages: Sequence[str], by: int) -> list[str]:
    """The messages from another one on: two workers begin with the same, others elsewhere."""
    begin = by * len(messages) // (WORKERS // 2)
    return [*messages[begin:], *messages[:begin]]


def bill_rest(crew: Crew, at: str) -> None:
    """The next month's schedule, which bills what came late; two workers."""
    run = crew.one("dispatch", at=at)
    messages = crew.one("receive")
    crew.each([{"do": "work", "messages": turned(messages, place)} for place in range(2)])
    assert crew.one("progress", run=run) == "done"


def look(crew: Crew, customers: Sequence[str]) -> dict[str, Any]:
    """What auditors see, each of a part of the customers."""
    parts = [part for part in (customers[place::WORKERS] for place in range(WORKERS)) if part]
    seen = crew.each([{"do": "look", "customers": part} for part in parts])
    rows = [row for one in seen for row in one["customers"]]
    return {**seen[0], "findings": sorted({finding for one in seen for finding in one["findings"]}), "customers": rows}


def check_customers(seen: dict[str, Any]) -> None:
    """Looks at the plain rows, without the arithmetic of the product."""
    numbers = sorted(int(one["number"].removeprefix("INV-")) for row in seen["customers"] for one in row["invoices"])
    assert numbers == list(range(1001, 1001 + len(numbers)))
    assert seen["last"][0] == numbers[-1]
    for row in seen["customers"]:
        periods = Counter(one["period"] for one in row["invoices"])
        assert set(periods) <= set(PERIODS), row
        assert set(periods.values()) == {1}, row
        assert (sum(one["calls"] for one in row["invoices"]), row["unbilled"]) == (2 * len(OCTOBER), 0), row
    assert seen["accepted"] == len(CUSTOMERS) * 2 * len(OCTOBER)


def report(crew: Crew, record_property: Any) -> None:
    """How much they met: refusals there must be, or nobody was in anybody's way; and not more than every fourth call."""
    refused = sum(times for code, times in crew.met.items() if code not in {"calls", "NoSuchKey"})
    record_property("met", crew.met)
    print(crew.met)  # noqa: T201  # shown with -rP
    assert 0 < refused < crew.met["calls"] / 4
