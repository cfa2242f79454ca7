"""Usage row by row, as tests write and read it; the system keeps it by columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from chalicelib.domain.usage import Usage, from_units
from chalicelib.domain.usage_records import CHARGE_DIGITS


class UsageRow(NamedTuple):
    """What one destination brought on one local day."""

    day: date
    destination: str
    attempts: int = 0
    connected: int = 0
    duration_seconds: int = 0
    billed_seconds: int = 0
    charge: Decimal = Decimal(0)


def to_columns(rows: Iterable[UsageRow]) -> Usage:
    """Rows turned into columns."""
    units = (row._replace(charge=row.charge.scaleb(CHARGE_DIGITS)) for row in rows)
    columns: list[Any] = list(zip(*units, strict=True))
    return Usage._make([*columns[:-1], tuple(map(int, columns[-1]))]) if columns else Usage()


def to_rows(usage: Usage) -> list[UsageRow]:
    """Inverse of `to_columns`."""
    rows: Iterable[Any] = zip(*usage, strict=True)
    return [UsageRow._make([*values, from_units(charge)]) for *values, charge in rows]
