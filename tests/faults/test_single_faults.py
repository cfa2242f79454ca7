"""Every flow under every single fault: at each AWS call in turn, then the event again, then the rules of the books.

Every kind of fault is played at every call that can suffer it; `make faults` combines them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.faults.delivery import Delivery
from tests.faults.faults import Kind
from tests.faults.schedules import FLOWS, Theatre
from tests.faults.stage import Stage

GATE = (
    (Kind.LOST_REPLY, Kind.THROTTLE_2, Kind.THROTTLE_9, Kind.REFUSED, Kind.CONFLICT),
    (Kind.DIE_BEFORE, Kind.DIE_AFTER, Kind.OUTAGE, Kind.STALE, Kind.UNPROCESSED),
    (Kind.RIVAL,),
)
"""Groups of kinds, each a case of its own, so that workers share the load."""


@pytest.mark.parametrize("kinds", GATE, ids="+".join)
@pytest.mark.parametrize("name", FLOWS)
def test_no_single_fault_breaks_the_books(stage: Stage, name: str, kinds: Sequence[Kind]) -> None:
    """Whatever one call suffers, the repeated event completes the work: same result, every rule of the books holds."""
    theatre = Theatre(stage, FLOWS[name])
    assert theatre.open() == []
    broken = {str(fault): wrong for fault in theatre.single_faults(kinds) if (wrong := theatre.play([fault]))}
    assert broken == {}


@pytest.mark.parametrize("name", FLOWS)
def test_events_may_come_doubled_out_of_order_and_late(stage: Stage, name: str) -> None:
    """Delivered twice, the newest first, or once more after documents were paid and voided: the rules of the books hold."""
    theatre = Theatre(stage, FLOWS[name])
    theatre.open()
    assert {delivery: wrong for delivery in Delivery if (wrong := theatre.play((), delivery))} == {}
