"""Who the services are tried with: one customer, and a clerk who enters what comes in."""

from __future__ import annotations

import pytest

from tests.support.cloud import Cloud
from tests.support.money_in import Clerk
from tests.support.world import World


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A customer in EUR at 20 % VAT, at six in the morning of 1 December 2026."""
    assert cloud
    clerk = Clerk()
    clerk.world.customer()
    return clerk


@pytest.fixture
def world(clerk: Clerk) -> World:
    """The same customer, without the clerk."""
    return clerk.world
