"""What a flow is: a world, an act that faults strike, what comes after, and what counts as its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.stage import Stage

Scene = Callable[[Stage], object]


def nothing(_stage: Stage) -> None:
    """Does nothing."""


def no_complaints(_stage: Stage) -> list[str]:
    """Finds nothing wrong."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """`prepare` makes the world without faults. `act` is what faults strike, and is done again afterwards: the event comes twice.

    `between` happens after the faults and before the repetition, `afterwards` when all is settled. `rival` is who may come in
    between any two calls; `is_about_rival`: other faults of the act are another flow's. Without `has_own_result`, and whenever a
    rival came, only the rules of the books are checked. `keeps_paper`: PDFs of the world are not made yet.
    `check` finds what is wrong that the books do not show.
    """

    name: str
    prepare: Scene
    act: Scene
    between: Scene = nothing
    afterwards: Scene = nothing
    rival: Scene | None = None
    is_about_rival: bool = False
    has_own_result: bool = True
    keeps_paper: bool = False
    check: Callable[[Stage], list[str]] = no_complaints
