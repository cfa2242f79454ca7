"""The harness catches what it is there for: every planted bug is found by some schedule of the gate."""

from __future__ import annotations

import pytest

from tests.faults.planted import BUGS, Bug, planted
from tests.faults.schedules import FLOWS, Theatre
from tests.faults.stage import Stage


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(stage: Stage, bug: Bug) -> None:
    """With the bug in, a schedule breaks the books, or the undisturbed play does so already."""
    theatre = Theatre(stage, FLOWS[bug.flow])
    theatre.open()
    with planted(bug):
        theatre.forget()
        faults = sorted(theatre.single_faults(bug.kinds), key=lambda fault: fault.at < bug.since)
        caught = any(theatre.play([fault]) for fault in faults)
    assert caught
