"""A month of rated calls as a switch exports them: business hours of each zone, failed attempts, doubled and broken rows.

The same seed gives the same files. Charges are counted in millionths and printed as decimals, never rounded to a currency.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from math import log
from pathlib import Path
from zoneinfo import ZoneInfo

from local.demo.dialplan import Destination, build_destinations
from local.demo.world import PER_EURO, SEED, DemoCustomer, Month

CALLS = 220_000
FILES = 8
LATE_CALLS = 150
HEADER = (
    "call_id,customer_id,started_at,destination,connected,duration_seconds,billed_seconds,charge,cli,dialled_number,rate,"
    "direction"
)
HOURS = (1, 1, 1, 1, 1, 2, 5, 14, 42, 70, 78, 72, 52, 64, 76, 72, 62, 44, 24, 16, 11, 7, 4, 2)
WEEKDAYS = (100, 104, 102, 101, 92, 34, 22)
MILLION = 1_000_000
ANSWERED = 0.86
MEAN_SECONDS, LONGEST = 170, 7200
DOUBLED = 0.0008
BROKEN = (
    "{id}-x1,{customer},not a date,Germany Mobile,true,60,60,0.030000,,,,outbound",
    "{id}-x2,{customer},{at},Germany Mobile,true,60,60,-0.030000,,,,outbound",
    "{id}-x3,no-such-customer,{at},Germany Mobile,true,60,60,0.030000,,,,outbound",
    ",{customer},{at},Germany Mobile,true,60,60,0.030000,,,,outbound",
    "{id}-x5,{customer},{at},Germany Mobile,true,sixty,60,0.030000,,,,outbound",
    "{id}-x6,{customer},{at},Germany Mobile,true,60,60,twelve,,,,outbound",
)


@dataclass(frozen=True, slots=True)
class CallFiles:
    """What was written: files of the month in order of time, and the file that arrives after billing."""

    month: tuple[Path, ...]
    late: Path


def write_calls(folder: Path, customers: list[DemoCustomer], month: Month, count: int = CALLS) -> CallFiles:
    """Generate the calls and write them as CSV, every other file compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    days = (month.next_first - month.first).days
    rows = sorted(_calls(customers, month, count, prefix="c", days=days))
    size = -(-len(rows) // FILES)
    files = []
    for number in range(FILES):
        lines = [line for _, line in rows[number * size : (number + 1) * size]]
        lines += _doubles(rows, number * size, number) + _broken(rows[number * size], number)
        files.append(_write(folder / f"switch-{month.label}-{number + 1}.csv", lines, compressed=bool(number % 2)))
    daily = [customer for customer in customers if customer.frequency == "daily"]
    late = sorted(_calls(daily, month, LATE_CALLS, prefix="late", days=1))
    return CallFiles(tuple(files), _write(folder / f"late-{month.label}.csv", [line for _, line in late], compressed=False))


def _calls(customers: list[DemoCustomer], month: Month, count: int, *, prefix: str, days: int) -> Iterator[tuple[int, str]]:
    """Calls of the last `days` days of the month, as (seconds since 1970, CSV line), split among customers by weight."""
    destinations = build_destinations(SEED)
    weight = sum(customer.weight for customer in customers)
    for customer in customers:
        share = count * customer.weight // weight + 1
        yield from _Traffic(customer, destinations, month, days).calls(f"{prefix}-{customer.id}", share)


class _Traffic:
    """The habits of one customer."""

    def __init__(self, customer: DemoCustomer, destinations: list[Destination], month: Month, days: int) -> None:
        """Draw favourite destinations, and put the zone's days and hours on the clock of UTC."""
        self.chance = random.Random(f"{SEED}/{customer.id}/{days}")
        self.customer = customer
        home = [place for place in destinations if place.country == customer.country]
        abroad = self.chance.sample(destinations, k=12)
        self.places = home + [place for place in abroad if place.country != customer.country]
        popularity = [60 if place.country == customer.country else self.chance.randint(1, 12) for place in self.places]
        self.popularity = list(accumulate(popularity))
        self.rates = {place.name: _rate(place, customer.currency) for place in self.places}
        self.own_numbers = (home or self.places)[0].numbers[:6]
        self.slots, self.slot_weights = _slots(customer.timezone, month, days)

    def calls(self, prefix: str, count: int) -> Iterator[tuple[int, str]]:
        """As many calls, in no order."""
        places = self.chance.choices(self.places, cum_weights=self.popularity, k=count)
        hours = self.chance.choices(self.slots, cum_weights=self.slot_weights, k=count)
        for number, (place, hour) in enumerate(zip(places, hours, strict=True)):
            yield self._call(f"{prefix}-{number:05}", place, hour)

    def _call(self, call_id: str, place: Destination, hour: int) -> tuple[int, str]:
        chance = self.chance.random
        start = hour + int(chance() * 3600)
        connected = chance() < ANSWERED
        seconds = min(LONGEST, int(-MEAN_SECONDS * log(1 - chance())) + 1) if connected else 0
        rate = self.rates[place.name]
        caller, called = _pick(self.own_numbers, chance()), _pick(place.numbers, chance())
        return start, (
            f"{call_id},{self.customer.id},{_instant(start)},{place.name},{str(connected).lower()},{seconds},{seconds},"
            f"{_decimal(rate * seconds // 60)},{caller},{called},{_decimal(rate)},outbound"
        )


def _pick(numbers: tuple[str, ...], chance: float) -> str:
    return numbers[int(chance * len(numbers))]


def _slots(timezone: str, month: Month, days: int) -> tuple[list[int], list[int]]:
    """First seconds of the local hours of the days, with running weights."""
    zone, slots, weights = ZoneInfo(timezone), [], []
    for offset in range(days, 0, -1):
        day = month.next_first - timedelta(days=offset)
        for hour, weight in enumerate(HOURS):
            slots.append(int(datetime.combine(day, time(hour), zone).timestamp()))
            weights.append(weight * WEEKDAYS[day.weekday()])
    return slots, list(accumulate(weights))


def _instant(seconds: int) -> str:
    hour = _hour(seconds // 3600)
    return f"{hour}{seconds // 60 % 60:02}:{seconds % 60:02}Z"


@cache
def _hour(hours: int) -> str:
    return datetime.fromtimestamp(hours * 3600, UTC).strftime("%Y-%m-%dT%H:")


def _rate(place: Destination, currency: str) -> int:
    return int(place.price * Decimal(PER_EURO[currency]))


def _decimal(millionths: int) -> str:
    return f"{millionths // MILLION}.{millionths % MILLION:06}"


def _doubles(rows: list[tuple[int, str]], before: int, number: int) -> list[str]:
    """Some calls of the file before, once more: a switch that repeats itself."""
    chance = random.Random(f"{SEED}/doubles/{number}")
    return [line for _, line in chance.sample(rows[:before], k=int(before * DOUBLED))]


def _broken(row: tuple[int, str], number: int) -> list[str]:
    call_id, customer, at, _ = row[1].split(",", 3)
    return [text.format(id=f"{call_id}-{number}", customer=customer, at=at) for text in BROKEN]


def _write(path: Path, lines: list[str], *, compressed: bool) -> Path:
    text = "\n".join([HEADER, *lines, ""]).encode("utf-8")
    path = path.with_name(f"{path.name}.gz") if compressed else path
    path.write_bytes(gzip.compress(text, 6, mtime=0) if compressed else text)
    return path
