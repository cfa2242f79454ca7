"""What every test shares: no network, a cloud in memory, and how hard Hypothesis looks.

The cloud is imported by its fixture: tests of the domain need none of it and start at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.network import refuse_network

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

refuse_network()

# A busy machine must not fail a test, so there is no deadline.
settings.register_profile("gate", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")


@pytest.fixture(scope="session")
def deployment() -> Iterator[Cloud]:
    """The stack of infra/resources.yaml in moto, made once per process, with the environment that the functions see."""
    from tests.support.cloud import running_cloud  # noqa: PLC0415  # see above

    with pytest.MonkeyPatch.context() as monkeypatch, running_cloud(monkeypatch) as cloud:
        yield cloud


@pytest.fixture
def cloud(deployment: Cloud) -> Cloud:
    """The deployment with empty tables, bucket and queues, and the store pointed at it."""
    from chalicelib import wiring  # noqa: PLC0415  # see above
    from chalicelib.store import list_months, operators, shards  # noqa: PLC0415  # see above

    deployment.clear()
    operators.forget()
    list_months.forget()
    shards.forget()
    wiring.get_deps()
    return deployment
