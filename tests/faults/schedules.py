"""Playing a flow under faults, and judging it: the rules of the books hold, and the result is that of an undisturbed play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chalicelib.store.idempotency import LEASE as LEASED
from tests.faults import billing_flows, money_flows, paper_flows, usage_flows
from tests.faults.faults import Fault, Kind, Plan, Seen
from tests.faults.flow import Flow, nothing
from tests.faults.outcome import difference, judge
from tests.faults.stage import Snapshot, Stage, attempt
from tests.support.aws_calls import watched

FLOWS = {flow.name: flow for flow in (*billing_flows.FLOWS, *paper_flows.FLOWS, *money_flows.FLOWS, *usage_flows.FLOWS)}
FEWEST, MOST = 2, 4
"""Faults of a random schedule."""


def repeatable(seed: object) -> Random:
    """Randomness that a seed brings back."""
    return Random(str(seed))  # noqa: S311  # nothing secret about it


@dataclass(slots=True)
class Theatre:
    """Plays one flow as often as asked: the world is made once, the undisturbed result is known."""

    stage: Stage
    flow: Flow
    seen: list[Seen] = field(default_factory=list)
    _world: Snapshot | None = None
    _expected: dict[str, Any] = field(default_factory=dict)

    def open(self) -> list[str]:
        """Make the world and play without faults; what is wrong already then."""
        self.stage.clear()
        self.flow.prepare(self.stage)
        if not self.flow.keeps_paper:
            self.stage.print_all()
        self._world = self.stage.save()
        self.stage.load(self._world)  # as before every play, so that the same calls are made
        plan = Plan()
        self._play(plan, repeatable(0), shuffled=False)
        self.seen = plan.seen
        self._expected, wrong = judge()
        return wrong

    def play(self, faults: Sequence[Fault], seed: int | None = None) -> list[str]:
        """Play under faults; everything wrong afterwards. With a seed events come doubled and out of order, too."""
        assert self._world is not None
        self.stage.load(self._world)
        plan = Plan(faults, rival=self._rival if self.flow.rival else None)
        self._play(plan, repeatable(seed), shuffled=seed is not None)
        result, wrong = judge()
        if self.flow.has_own_result and not any(fault.kind is Kind.RIVAL for fault in faults):
            apart = difference(self._expected, result)
            wrong += [f"result: {apart}"] if apart else []
        return wrong

    def single_faults(self, kinds: Sequence[Kind]) -> Iterator[Fault]:
        """Every call under every kind of fault that makes sense for it; dying before a write is dying after the one before."""
        wanted = [kind for kind in kinds if self._suits(kind)]
        first = next((at for at, seen in enumerate(self.seen, 1) if not seen.is_read), 0)
        for at, seen in enumerate(self.seen, 1):
            yield from (Fault(at, kind) for kind in wanted if seen.suits(kind) and (kind is not Kind.DIE_BEFORE or at == first))

    def random_faults(self, random: Random) -> list[Fault]:
        """A few faults at random calls; the first changes what calls follow, so any may strike anywhere."""
        kinds = [kind for kind in Kind if kind is not Kind.RIVAL or self.flow.rival is not None]
        count = random.randint(FEWEST, MOST)
        return [Fault(random.randint(1, len(self.seen) + FEWEST), random.choice(kinds)) for _ in range(count)]

    def _play(self, plan: Plan, random: Random, *, shuffled: bool) -> None:
        stage = self.stage
        stage.plan = plan
        with watched(plan):
            attempt(self.flow.act, stage)
        stage.plan = Plan()
        stage.restart()
        self.flow.between(stage)
        stage.pass_time(LEASED)
        for _ in range(random.randint(1, 2) if shuffled else 1):
            self.flow.act(stage)
        if shuffled:
            random.shuffle(stage.messages())
        stage.settle()
        if self.flow.afterwards is not nothing:
            self.flow.afterwards(stage)
            stage.settle()

    def _suits(self, kind: Kind) -> bool:
        if kind is Kind.RIVAL:
            return self.flow.rival is not None
        return not self.flow.is_about_rival

    def _rival(self) -> None:
        assert self.flow.rival is not None
        self.flow.rival(self.stage)
