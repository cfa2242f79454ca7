"""However calls are split into files, and in whatever order the files come, the sums are the same."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.usage import Tally
from chalicelib.store import ledger
from tests.support.cloud import Cloud
from tests.support.usage import Call, billed_days, csv_file, import_file, save_customer

FIRST = date(2026, 11, 1)


def the_calls(seed: int, count: int) -> list[Call]:
    """Calls of a week, to three destinations."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    return [
        Call(
            str(n),
            started_at=f"2026-11-0{chance.randint(1, 7)}T{chance.randint(0, 23):02d}:00:00Z",
            destination=chance.choice(["UK", "France", "Spain"]),
            charge=f"0.{chance.randint(0, 9999):04d}",
        )
        for n in range(count)
    ]


def sums_by_day() -> dict[tuple[date, str], Tally]:
    """What was taken in, by day of the call."""
    sums: dict[tuple[date, str], Tally] = {}
    for (_, day, destination), tally in billed_days().items():
        sums[day, destination] = sums.get((day, destination), Tally()) + tally
    return sums


def expected(calls: list[Call]) -> dict[tuple[date, str], Tally]:
    """The same, added up call by call."""
    sums: dict[tuple[date, str], Tally] = {}
    for call in calls:
        key = date.fromisoformat(call.started_at[:10]), call.destination
        sums[key] = sums.get(key, Tally()) + Tally(1, 1, 61, 120, Decimal(call.charge))
    return sums


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1000),
    files=st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=12), min_size=1, max_size=3),
    billed=st.sets(st.integers(0, 6), max_size=3),
)
def test_any_split_into_files_gives_the_same_sums(cloud: Cloud, seed: int, files: list[list[int]], billed: set[int]) -> None:
    """Calls that come in several files, overlapping or repeated, before or after days are billed, count once each."""
    cloud.clear()
    save_customer()
    calls = the_calls(seed, 12)
    for number, picked in enumerate(files):
        import_file(csv_file(calls[n] for n in picked), f"{number}.csv")
        days = [FIRST + timedelta(days=n) for n in sorted(billed)]
        if number == 0 and days:
            ledger.claim_days("acme", days, f"{days[0]:%Y%m%d}#R", "me", {})
    taken = {n for picked in files for n in picked}
    assert sums_by_day() == expected([calls[n] for n in sorted(taken)])
