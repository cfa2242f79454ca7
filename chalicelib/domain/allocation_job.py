"""Allocating a payment to more invoices than one transaction holds: what was asked for, and how far it got. Values only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFailure:
    """An invoice that got nothing, and why."""

    invoice_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationJob:
    """`lines` are (invoice id, amount) in order; the first `done` of them were carried out or failed."""

    id: str
    payment_id: str
    date: dt.date
    lines: tuple[tuple[str, Decimal], ...]
    created_at: dt.datetime
    done: int = 0
    failures: tuple[AllocationFailure, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= len(self.lines)
