"""Tables of values: what a cell may hold, and the sums that close a table, one row for each currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.domain.money import ZERO, quantise

Cell = str | int | date | Decimal | None
"""None is an empty cell."""
Row = Mapping[str, Cell]
"""Cells by column; a column that is not named stays empty."""


@dataclass(slots=True)
class Sums:
    """Sums of amounts, and how many documents, by currency. They can be noted down and gone on with."""

    names: tuple[str, ...]
    amounts: dict[str, list[Decimal]] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)

    def add(self, currency: str, amounts: Iterable[Decimal], documents: int) -> None:
        """Count some more."""
        before = self.amounts.get(currency, [ZERO] * len(self.names))
        self.amounts[currency] = [a + b for a, b in zip(before, amounts, strict=True)]
        self.documents[currency] = self.documents.get(currency, 0) + documents

    def rows(self, schema_version: int) -> Iterable[Row]:
        """A row for each currency, in order, under the names of the amounts."""
        for currency in sorted(self.amounts):
            named = zip(self.names, self.amounts[currency], strict=True)
            sums: dict[str, Cell] = {name: quantise(amount, currency) for name, amount in named}
            head: dict[str, Cell] = {"schema_version": schema_version, "record": "total", "currency": currency}
            yield {**head, "documents": self.documents[currency], **sums}

    def note(self) -> dict[str, Any]:
        """What was counted, as JSON."""
        amounts = {currency: [str(amount) for amount in some] for currency, some in self.amounts.items()}
        return {"amounts": amounts, "documents": dict(self.documents)}

    def restore(self, note: Mapping[str, Any]) -> None:
        """Go on from a note."""
        self.amounts = {currency: [Decimal(amount) for amount in some] for currency, some in note["amounts"].items()}
        self.documents = dict(note["documents"])
