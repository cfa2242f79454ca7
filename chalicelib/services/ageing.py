"""The ageing report: who owes how much for how long, now or on any past day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.ageing import Ageing, OpenItem, calculate_ageing
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.history import Position, calculate_position, restrict_to_known
from chalicelib.domain.money import exponent
from chalicelib.services.deps import Deps
from chalicelib.store.customer_names import load_names
from chalicelib.store.history import Party, list_parties, load_history

ALL_DAYS = date.max
"""A position on the last of all days counts everything that was entered, whatever its business date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingReport:
    """The report, the day and the currency it is for, and the customers' names by id."""

    as_of: date
    known_at: datetime | None
    currency: str
    ageing: Ageing
    names: Mapping[str, str]


def build_ageing(deps: Deps, as_of: date | None, currency: str | None, known_at: datetime | None) -> AgeingReport:
    """Open amounts by age on `as_of`, by business dates, of what was entered by `known_at`.

    Without both: all that is open now, as balances show it, aged on today in UTC. Without a currency the one in use;
    Invalid when that is not one.
    """
    is_present = as_of is None and known_at is None
    parties = list_parties(deps.settings.list_shards, owing_only=is_present)
    chosen = _choose_currency(currency, parties)
    on = as_of or (known_at or deps.clock()).date()
    positions = {
        party.customer_id: _find_position(party.customer_id, ALL_DAYS if is_present else on, known_at)
        for party in parties
        if party.currency == chosen
    }
    ageing = _calculate(positions, on, chosen)
    return AgeingReport(as_of=on, known_at=known_at, currency=chosen, ageing=ageing, names=load_names([*ageing.customers]))


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
