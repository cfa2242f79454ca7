"""Whatever a receiver answers and whenever the sweep comes: nothing lost, nothing twice, nothing before its time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.events import EventType
from chalicelib.domain.webhooks import DeliveryStatus
from tests.support.cloud import Cloud
from tests.support.notices import PostOffice, an_event
from tests.support.receiver import Receiver, receiving, status
from tests.support.world import World

SUBJECTS = ("acme.20261101.R", "acme.20261201.R")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from(SUBJECTS)),
        st.tuples(st.just("refuse"), st.sampled_from([301, 404, 429, 500, 503])),
        st.tuples(st.just("wait"), st.sampled_from([1, 400, 8000])),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """A receiver for all examples."""
    with receiving() as receiver:
        yield receiver


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(steps=STEPS)
def test_every_event_arrives_once_and_in_order(cloud: Cloud, receiver: Receiver, steps: list[tuple[str, object]]) -> None:
    """Each event is taken exactly once; of a subject, none is tried before all earlier ones were taken."""
    cloud.clear()
    receiver.clear()
    office = PostOffice(World(now=datetime.now(UTC)), receiver)
    endpoint = office.endpoint()
    versions: Counter[str] = Counter()
    for what, value in steps:
        if what == "tell":
            versions[str(value)] += 1
            office.tell(an_event(EventType.INVOICE_REVISED, str(value), versions[str(value)], version=str(versions[str(value)])))
        elif what == "refuse":
            receiver.answers.append(status(int(str(value))))
        else:
            office.sweep(seconds=int(str(value)))
    receiver.answers.clear()
    for _ in range(6):
        office.sweep(hours=8)
    assert office.deliveries(endpoint, DeliveryStatus.PENDING) == []
    assert len(office.deliveries(endpoint, DeliveryStatus.DELIVERED)) == sum(versions.values())
    for subject in SUBJECTS:
        assert_in_order(receiver, subject, versions[subject])


def assert_in_order(receiver: Receiver, subject: str, last: int) -> None:
    """Versions 1 to `last` came, never one after a later one."""
    data = [json.loads(one.body)["data"] for one in receiver.received]
    came = [int(each["version"]) for each in data if each["id"] == subject]
    assert came == sorted(came)
    assert set(came) == set(range(1, last + 1))
