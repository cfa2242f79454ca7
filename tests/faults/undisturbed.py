"""The undisturbed play call by call, and the moment when a disturbed one is back on its way.

A process knows of the world what its calls answer. When a call was throttled or refused, answers in the end what it always
answers, and left in the cloud what it always leaves, nothing that follows can differ: the play is known from here on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.faults import Fault, Kind, Plan

PASSING = frozenset({Kind.LOST_REPLY, Kind.THROTTLE_2, Kind.THROTTLE_9, Kind.REFUSED, Kind.CONFLICT})
"""Faults that a call may come through."""


class Overcome(BaseException):
    """The fault is over and changed nothing; no `except Exception` may survive it, like a killed process."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A call of the undisturbed play: what it was, what it answered, and what lay in the cloud then."""

    operation: str
    answer: str
    state: str


@dataclass(slots=True)
class Recording:
    """Listens to an undisturbed play, then to plays with one fault. `fingerprint` stands for what lies in the cloud."""

    fingerprint: Callable[[], str]
    moments: list[Moment] = field(default_factory=list)

    def note(self, plan: Plan, answer: Mapping[str, Any]) -> None:
        """Keep a call of the undisturbed play; reading leaves everything as it is."""
        seen = plan.seen[-1]
        state = self.moments[-1].state if seen.is_read and self.moments else self.fingerprint()
        self.moments.append(Moment(seen.operation, _told(answer), state))

    def listener(self, fault: Fault) -> Callable[[Plan, Mapping[str, Any]], None]:
        """Raises `Overcome` at the first answer after the fault, when it is the one that the struck call always gets."""
        is_open = fault.kind in PASSING

        def listen(plan: Plan, answer: Mapping[str, Any]) -> None:
            nonlocal is_open
            if is_open and plan.is_over:
                is_open = False
                if self._is_back(plan, answer, self.moments[fault.at - 1]):
                    raise Overcome

        return listen

    def _is_back(self, plan: Plan, answer: Mapping[str, Any], moment: Moment) -> bool:
        seen = plan.seen[-1]
        is_same = seen.operation == moment.operation and _told(answer) == moment.answer
        return is_same and (seen.is_read or self.fingerprint() == moment.state)


def _told(answer: Mapping[str, Any]) -> str:
    """What the caller can learn from an answer: of an object its tag stands for its bytes, of a refusal its code."""
    if "Error" in answer:
        return str(answer["Error"]["Code"])
    if "ETag" in answer:
        return str(answer["ETag"])
    return json.dumps({name: value for name, value in answer.items() if name != "ResponseMetadata"}, sort_keys=True, default=repr)
