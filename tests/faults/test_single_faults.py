"""Every flow under every single fault: at each AWS call in turn, then the event again, then the rules of the books.

Every kind of fault is played at every call that can suffer it; `make faults` combines them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

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
EVERYWHERE = frozenset({*GATE[0], Kind.DIE_BEFORE, Kind.DIE_AFTER, Kind.OUTAGE})
"""Kinds that some call of every flow can suffer."""
WORK = (
    "import a file",
    "bill a chunk",
    "issue a draft",
    "generate by days",
    "auto-generate",
    "render",
    "allocate",
    "reverse",
    "credit",
    "void",
    "revise",
    "sweep",
    "payments",
    "stream",
)
pytestmark = pytest.mark.no_cover
"""Every line that is played here is measured by tests of its own; measuring it some thousand times more takes minutes."""
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
ROW = re.compile(r"^\| ([a-z -]+|`[a-z]+`) \| ((?:`[a-z_]+`(?:, )?)+) \|$", re.MULTILINE)


def _suits(name: str, kinds: Sequence[Kind]) -> bool:
    """Whether the flow plays them: a rival where it has one, the others unless it is there for the rival alone."""
    return FLOWS[name].rival is not None if Kind.RIVAL in kinds else not FLOWS[name].is_about_rival


CASES = [pytest.param(name, kinds, id=f"{name}-{'+'.join(kinds)}") for name in FLOWS for kinds in GATE if _suits(name, kinds)]


@pytest.mark.parametrize("name, kinds", CASES)
def test_no_single_fault_breaks_the_books(stage: Stage, name: str, kinds: Sequence[Kind]) -> None:
    """Whatever one call suffers, the repeated event completes the work: same result, every rule of the books holds."""
    theatre = Theatre(stage, FLOWS[name])
    assert theatre.open() == []
    faults = list(theatre.single_faults(kinds))
    assert {fault.kind for fault in faults} >= _expected(name) & set(kinds)
    assert {str(fault): wrong for fault in faults if (wrong := theatre.play([fault]))} == {}


@pytest.mark.parametrize("name", FLOWS)
def test_events_may_come_doubled_out_of_order_by_wrong_clocks_and_late(stage: Stage, name: str) -> None:
    """Twice, the newest first, where clocks are slow or fast, once more after documents were paid and voided: the rules hold."""
    theatre = Theatre(stage, FLOWS[name])
    theatre.open()
    assert {delivery: wrong for delivery in Delivery if (wrong := theatre.play((), delivery))} == {}


def test_what_the_page_lists_is_played() -> None:
    """The page names flows for every piece of work that must be played, and every flow that it names is there."""
    rows = _rows()
    assert set(WORK) <= rows.keys()
    assert set().union(*rows.values()) <= set(FLOWS)


def _expected(name: str) -> set[Kind]:
    """Kinds of faults that a flow must not lack: what every flow plays, its rival, and what the page lists for it."""
    flow = FLOWS[name]
    kinds = {Kind.RIVAL} if flow.rival else set()
    if not flow.is_about_rival:
        kinds |= EVERYWHERE | {kind for kind in (Kind.UNPROCESSED, Kind.STALE) if name in _rows()[f"`{kind}`"]}
    return kinds


def _rows() -> dict[str, set[str]]:
    """First column → flows in the second, of the tables on the page that name flows."""
    return {first: set(re.findall("[a-z_]+", flows)) for first, flows in ROW.findall(PAGE.read_text(encoding="utf-8"))}
