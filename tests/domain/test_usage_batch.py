"""Batches and counts of what became of rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.usage_batch import Batch, BatchStatus, CustomerCount
from tests.support.builders import NOW


@pytest.mark.parametrize("status, is_open", list(zip(BatchStatus, (True, True, False, False), strict=True)))
def test_only_batches_with_work_left_are_open(status: BatchStatus, is_open: bool) -> None:
    """Pending and processing batches are open, done and refused ones are not."""
    batch = Batch(id="b1", source="usage/incoming/x.csv", version="1", created_at=NOW)
    assert replace(batch, status=status).is_open is is_open


def test_counts_add_up() -> None:
    """Counts of the same customer add up field by field."""
    assert CustomerCount("acme", 1, 2, 3) + CustomerCount("acme", 10, 20, 30) == CustomerCount("acme", 11, 22, 33)
