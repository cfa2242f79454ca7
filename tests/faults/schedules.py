"""Playing a flow under faults, and judging it: the rules of the books hold, and the result is that of an undisturbed play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chalicelib.store.idempotency import LEASE as LEASED
from tests.faults import (
    bank_again_flows,
    bank_flows,
    billing_flows,
    credit_flows,
    export_flows,
    mail_flows,
    money_flows,
    paper_flows,
    payment_flows,
    stream_flows,
    template_flows,
    usage_flows,
    webhook_flows,
)
from tests.faults.delivery import Delivery, deliver, deliver_all_again, let_clerk_act
from tests.faults.faults import Fault, Kind, Plan, Seen
from tests.faults.flow import Flow, nothing
from tests.faults.outcome import difference, judge
from tests.faults.stage import Snapshot, Stage, attempt
from tests.faults.undisturbed import Overcome, Recording
from tests.support.aws_calls import watched

ALL_FLOWS = (
    *billing_flows.FLOWS,
    *paper_flows.FLOWS,
    *money_flows.FLOWS,
    *credit_flows.FLOWS,
    *usage_flows.FLOWS,
    *payment_flows.FLOWS,
    *stream_flows.FLOWS,
    *template_flows.FLOWS,
    *mail_flows.FLOWS,
    *bank_flows.FLOWS,
    *bank_again_flows.FLOWS,
    *webhook_flows.FLOWS,
    *export_flows.FLOWS,
)
FLOWS = {flow.name: flow for flow in ALL_FLOWS}
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
    _judged: dict[tuple[str, bool], list[str]] = field(default_factory=dict)
    _recording: Recording | None = None
    _undisturbed: list[str] = field(default_factory=list)

    def open(self) -> list[str]:
        """Make the world and play without faults; what is wrong already then."""
        self.stage.clear()
        self.flow.prepare(self.stage)
        if not self.flow.keeps_paper:
            self.stage.print_all()
        self._world = self.stage.save()
        self.stage.load(self._world)  # as before every play, so that the same calls are made
        self._recording = Recording(self.stage.fingerprint)
        plan = Plan(on_answer=self._recording.note)
        self._strike(plan)
        self._repeat(Delivery.ONCE)
        self.seen = plan.seen
        self._expected, self._undisturbed = self._judge()
        return self._undisturbed

    def play(self, faults: Sequence[Fault], delivery: Delivery = Delivery.ONCE) -> list[str]:
        """Play under faults, then let the platform repeat the event in that way; everything wrong afterwards."""
        assert self._world is not None
        self.stage.load(self._world)
        try:
            self._strike(self._plan(faults, delivery))
        except Overcome:
            return self._undisturbed
        has_result = self._has_result(faults, delivery)
        if delivery is not Delivery.ONCE:
            return self._finish(delivery, has_result=has_result)
        state = self.stage.fingerprint(), has_result
        if state not in self._judged:
            self._judged[state] = self._finish(delivery, has_result=has_result)
        return self._judged[state]

    def forget(self) -> None:
        """Judge everything anew, to the end: the code is not what it was."""
        self._judged.clear()
        self._recording = None

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

    def random_delivery(self, random: Random) -> Delivery:
        """Any way in which the platform may repeat itself."""
        return random.choice(list(Delivery))

    def _plan(self, faults: Sequence[Fault], delivery: Delivery) -> Plan:
        """With one fault, the play may end where it is back on its way."""
        plan = Plan(faults, rival=self._rival if self.flow.rival else None)
        if self._recording and len(faults) == 1 and delivery is Delivery.ONCE:
            plan.on_answer = self._recording.listener(faults[0])
        return plan

    def _judge(self) -> tuple[dict[str, Any], list[str]]:
        result, wrong = judge()
        return result, wrong + self.stage.refused + self.flow.check(self.stage)

    def _strike(self, plan: Plan) -> None:
        """The act under faults; whatever they left, a new process finds."""
        self.stage.plan = plan
        with watched(plan):
            attempt(self.flow.act, self.stage)
        self.stage.plan = Plan()
        self.stage.restart()

    def _repeat(self, delivery: Delivery) -> None:
        self.flow.between(self.stage)
        self.stage.pass_time(LEASED)
        deliver(self.stage, self.flow, delivery)

    def _finish(self, delivery: Delivery, *, has_result: bool) -> list[str]:
        self._repeat(delivery)
        if delivery is Delivery.LATE:
            return self._come_late()
        result, wrong = self._judge()
        return wrong + (_apart(self._expected, result) if has_result else [])

    def _come_late(self) -> list[str]:
        """What comes again when all is done, paid and voided changes nothing."""
        let_clerk_act(self.stage)
        before, wrong = self._judge()
        deliver_all_again(self.stage, self.flow)
        after, found = self._judge()
        return [*wrong, *found, *_apart(before, after)]

    def _has_result(self, faults: Sequence[Fault], delivery: Delivery) -> bool:
        """Whether the play must end as the undisturbed one does; not with others about, nor when the next run comes first."""
        others = any(fault.kind is Kind.RIVAL for fault in faults)
        overtaken = delivery is Delivery.REORDERED and self.flow.afterwards is not nothing
        return self.flow.has_own_result and not others and not overtaken

    def _suits(self, kind: Kind) -> bool:
        if kind is Kind.RIVAL:
            return self.flow.rival is not None
        return not self.flow.is_about_rival

    def _rival(self) -> None:
        assert self.flow.rival is not None
        self.flow.rival(self.stage)


def _apart(expected: dict[str, Any], result: dict[str, Any]) -> list[str]:
    apart = difference(expected, result)
    return [f"result: {apart}"] if apart else []
