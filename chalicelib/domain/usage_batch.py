"""An import batch: one usage file, identified by the SHA-256 of its bytes, and what became of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SOURCE_CHANGED = "source_changed"
"""Why a batch was refused whose object was replaced or removed."""


class BatchStatus(StrEnum):
    """`pending`: known, not begun; `processing`: being taken in; `done`; `refused`: not one row was taken."""

    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`rows` counts calls and rows refused; at the end rows = accepted + duplicates + rejected. While it runs the counts grow.

    `source` is where the file lies, `version` its entity tag there; `code` and `reason` say why it was refused.
    Calls up to `created_at` are accepted.
    """

    id: str
    source: str
    version: str
    status: BatchStatus = BatchStatus.PENDING
    code: str = ""
    reason: str = ""
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    customers: int = 0
    created_at: datetime
    finished_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether work is left."""
        return self.status in (BatchStatus.PENDING, BatchStatus.PROCESSING)

    @property
    def may_come_again(self) -> bool:
        """Whether the same bytes may fare better: they were not refused, the object went away before they were read."""
        return self.status is BatchStatus.REFUSED and self.code == SOURCE_CHANGED


@dataclass(frozen=True, slots=True)
class CustomerCount:
    """What became of one customer's rows; an empty id stands for rows whose customer is unknown."""

    customer_id: str
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0

    def __add__(self, other: CustomerCount) -> CustomerCount:
        """Add counts of the same customer."""
        return CustomerCount(
            self.customer_id,
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
        )
