"""What a measurement says: a number with its unit, and the target it has to meet where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number. `at_most` or `at_least` is its target; without either it is recorded only. `note` says what is counted."""

    name: str
    value: float | None
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without target or without a value (not measured here)."""
        if self.value is None or (self.at_most is None and self.at_least is None):
            return None
        return (self.at_most is None or self.value <= self.at_most) and (self.at_least is None or self.value >= self.at_least)

    @property
    def target(self) -> str:
        """The target as people write it."""
        if self.at_most is not None:
            return f"≤ {self.at_most:,g}"
        return "" if self.at_least is None else f"≥ {self.at_least:,g}"

    def present(self) -> dict[str, Any]:
        """The figure as written to the results."""
        value = None if self.value is None else float(f"{self.value:.5g}")
        return {
            "name": self.name,
            "value": value,
            "unit": self.unit,
            "target": self.target,
            "is_met": self.is_met,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much a case works on. `repeats`: the best of so many counts, for others may use the processor too."""

    calls: int
    callers: int
    chunk: int
    plans: int
    lines: int
    requests: int
    repeats: int
    crowd: int
    is_full: bool = True


FULL = Size(calls=1_000_000, callers=2_000, chunk=100, plans=100, lines=1_000, requests=50, repeats=7, crowd=20_000)
SMALL = Size(calls=2_000, callers=20, chunk=2, plans=2, lines=30, requests=2, repeats=1, crowd=250, is_full=False)
"""Just enough to see that every case runs; its figures mean nothing."""
