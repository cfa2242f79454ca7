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


@pytest.mark.parametrize("status", BatchStatus)
@pytest.mark.parametrize("code", ["source_changed", "columns_missing"])
def test_only_a_batch_whose_object_went_away_may_come_again(status: BatchStatus, code: str) -> None:
    """Whatever else was wrong is wrong with the bytes, and stays so."""
    batch = Batch(id="b1", source="usage/incoming/x.csv", version="1", status=status, code=code, created_at=NOW)
    assert batch.may_come_again is ((status, code) == (BatchStatus.REFUSED, "source_changed"))


def test_counts_add_up() -> None:
    """Counts of the same customer add up field by field."""
    assert CustomerCount("acme", 1, 2, 3) + CustomerCount("acme", 10, 20, 30) == CustomerCount("acme", 11, 22, 33)
