"""Theatres for the flows: a world each, made once and put back before every schedule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.stage import Stage, on_stage
from tests.support.cloud import Cloud


@pytest.fixture
def stage(cloud: Cloud) -> Iterator[Stage]:
    """An empty stage."""
    with on_stage(cloud) as made:
        yield made
