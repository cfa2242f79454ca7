"""The ageing report: who owes how much for how long, now or on any past day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.ageing import Ageing, OpenItem, calculate_ageing
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.history import Position, calculate_position, check_known_at, restrict_to_known
from chalicelib.domain.money import exponent
from chalicelib.services.deps import Deps
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.customer_profiles import load_names
from chalicelib.store.customers import get_customer
from chalicelib.store.history import Party, list_parties, load_history

READERS = 8
"""Customers read at once; their answers are waited for, not worked on, so threads are enough."""
ALL_DAYS = date.max
"""A position on the last of all days counts everything that was entered, whatever its business date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingQuestion:
    """On which day, as known when, in which currency; of one customer, or of `limit` customers behind the cursor."""

    as_of: date | None = None
    known_at: datetime | None = None
    currency: str | None = None
    customer_id: str | None = None
    limit: int | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingReport:
    """The report, the day and the currency it is for, the customers' names by id, and the cursor of the next part."""

    as_of: date
    known_at: datetime | None
    currency: str
    ageing: Ageing
    names: Mapping[str, str]
    next_cursor: str | None


def build_ageing(deps: Deps, asked: AgeingQuestion) -> AgeingReport:
    """Open amounts by age on `as_of`, by business dates, of what was entered by `known_at`.

    Without both: all that is open now, as balances show it, aged on today in UTC. Without a currency the one in use; Invalid when
    that is not one, or when the instant is to come. NotFound for an unknown customer. Parts follow each other by customer id;
    totals are the part's.
    """
    check_known_at(asked.known_at, deps.clock())
    is_present = asked.as_of is None and asked.known_at is None
    on = asked.as_of or (asked.known_at or deps.clock()).date()
    parties = _find_parties(deps, asked)
    chosen = _choose_currency(asked.currency, parties)
    ids, following = _part(sorted(party.customer_id for party in parties if party.currency == chosen), asked)
    ageing = _calculate(_find_positions(ids, ALL_DAYS if is_present else on, asked.known_at), on, chosen)
    return AgeingReport(
        as_of=on,
        known_at=asked.known_at,
        currency=chosen,
        ageing=ageing,
        names=load_names([*ageing.customers]),
        next_cursor=following,
    )


def _find_parties(deps: Deps, asked: AgeingQuestion) -> Collection[Party]:
    """Who can owe or have something: now, or on the day. As known before, a document may have been dated otherwise."""
    if asked.customer_id is not None:
        return {Party(asked.customer_id, get_customer(asked.customer_id).currency)}
    is_present = asked.as_of is None and asked.known_at is None
    until = asked.as_of if asked.known_at is None else None
    return list_parties(deps.settings.list_shards, owing_only=is_present, until=until)


def _part(ids: Sequence[str], asked: AgeingQuestion) -> tuple[Sequence[str], str | None]:
    """The ids of this part, and the cursor of the next one."""
    after = decode_cursor(asked.cursor) or ""
    rest = ids[bisect_right(ids, after) :]
    part = rest[: asked.limit]
    return part, encode_cursor(part[-1]) if len(part) < len(rest) else None


def _find_positions(ids: Sequence[str], on: date, known_at: datetime | None) -> dict[str, Position]:
    """The position of each customer; read side by side, as each costs three queries."""
    with ThreadPoolExecutor(READERS) as readers:
        found = readers.map(lambda customer_id: _find_position(customer_id, on, known_at), ids)
        return dict(zip(ids, found, strict=True))


def _choose_currency(currency: str | None, parties: Collection[Party]) -> str:
    if currency is not None:
        exponent(currency)
        return currency
    used = sorted({party.currency for party in parties})
    if len(used) != 1:
        message = f"Name one of {', '.join(used)}." if used else "Name a currency; nothing tells it yet."
        raise Invalid.of(Issue("currency", "required", message))
    return used[0]


def _find_position(customer_id: str, on: date, known_at: datetime | None) -> Position:
    history = load_history(customer_id, known_at)
    return calculate_position(history if known_at is None else restrict_to_known(history, known_at), on)


def _calculate(positions: Mapping[str, Position], on: date, currency: str) -> Ageing:
    items: list[OpenItem] = [item for position in positions.values() for item in position.open_items]
    unallocated: dict[str, Decimal] = {customer_id: position.unallocated for customer_id, position in positions.items()}
    return calculate_ageing(items, unallocated, on, currency)
