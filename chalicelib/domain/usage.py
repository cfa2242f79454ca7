"""Rated usage, already added up per customer, day and destination. The switch priced every call; nothing here re-rates.

A customer's month is some six hundred rows, read and added up for every invoice, so it is kept by columns, and charges as whole
numbers of their smallest unit: columns of whole numbers add up exactly, and in a fraction of the time that rows take.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from chalicelib.domain.usage_records import CHARGE_DIGITS

_Key = TypeVar("_Key", date, str, tuple[date, str])

_EXACT = Context(prec=100, traps=[Inexact])
"""A charge has at most 32 digits, so a hundred are enough for any sum of them."""
_UNITS = Decimal(10**CHARGE_DIGITS)


def from_units(units: int) -> Decimal:
    """A charge of so many units of 10**-12, the finest that a call may cost, without zeros behind.

    >>> from_units(27_200_000_000)
    Decimal('0.0272')
    """
    return _EXACT.divide(units, _UNITS)


class Tally(NamedTuple):
    """The sums of some calls: attempts, connected calls, seconds of talk, billed seconds, exact charge."""

    attempts: int = 0
    connected: int = 0
    duration_seconds: int = 0
    billed_seconds: int = 0
    charge: Decimal = Decimal(0)

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]  # sums add up; a tally is never joined to a tuple
        """Add two tallies exactly."""
        return Tally(
            self.attempts + other.attempts,
            self.connected + other.connected,
            self.duration_seconds + other.duration_seconds,
            self.billed_seconds + other.billed_seconds,
            self.charge + other.charge,
        )


class Usage(NamedTuple):
    """Rows of usage by columns, all of one length: what a destination brought on a local day, whatever day bills it.

    `charges` are in units of 10**-12.
    """

    days: tuple[date, ...] = ()
    destinations: tuple[str, ...] = ()
    attempts: tuple[int, ...] = ()
    connected: tuple[int, ...] = ()
    durations: tuple[int, ...] = ()
    billed: tuple[int, ...] = ()
    charges: tuple[int, ...] = ()

    @property
    def tally(self) -> Tally:
        """The sums of all rows."""
        return _to_tally(map(sum, self[2:]))

    def tallies(self, keys: Sequence[_Key]) -> list[tuple[_Key, Tally]]:
        """The sums of the rows of each key, in order of the key; `keys` has one for every row."""
        positions: dict[_Key, list[int]] = defaultdict(list)
        for position, key in enumerate(keys):
            positions[key].append(position)
        return [(key, self._pick(some).tally) for key, some in sorted(positions.items())]

    def where(self, is_wanted: Callable[[date], bool]) -> Usage:
        """The rows of some days."""
        positions = [position for position, day in enumerate(self.days) if is_wanted(day)]
        return self._pick(positions)

    def _pick(self, positions: Sequence[int]) -> Usage:
        columns: tuple[Sequence[Any], ...] = self
        return Usage(*(tuple(column[position] for position in positions) for column in columns))


def join_usage(parts: Iterable[Usage]) -> Usage:
    """The rows of all parts behind each other."""
    return Usage(*(tuple(chain.from_iterable(column)) for column in zip(*parts, strict=True)))


def tally_destinations(parts: Iterable[Usage]) -> list[tuple[str, Tally]]:
    """The sums of each destination, in order of their names: `join_usage(parts).tallies(…)`, in a third of its time.

    Who calls much calls the same destinations every day: such days are added up as whole columns, the others row by row.
    """
    alike: dict[tuple[str, ...], list[Usage]] = defaultdict(list)
    for part in parts:
        alike[part.destinations].append(part)
    found: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for destinations, some in alike.items():
        columns = _add_columns(some) if len(some) > 1 else some[0][2:]
        for name, numbers in zip(destinations, zip(*columns, strict=True), strict=True):
            found[name].append(numbers)
    return [(name, _to_tally(map(sum, zip(*rows, strict=True)))) for name, rows in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class RollUp:
    """What one batch brought for one customer on one *billing* day: rows of that day, and late rows of earlier days."""

    billing_day: date
    batch_id: str
    usage: Usage


def _add_columns(parts: Sequence[Usage]) -> Iterable[Iterable[int]]:
    """The columns of numbers of parts that have the same destinations, added up place by place."""
    return (map(sum, zip(*column, strict=True)) for column in zip(*(part[2:] for part in parts), strict=True))


def _to_tally(numbers: Iterable[int]) -> Tally:
    attempts, connected, duration, billed, charge = numbers
    return Tally(attempts, connected, duration, billed, from_units(charge))
