"""Kills the code under test at a write to AWS: before it (nothing happened) or after it (it happened, nobody learnt of it).

Dying at a read is the same as dying after the write before it, so writes are all there is to try.
Importing it is enough: sessions made afterwards are armed, and test modules are imported before the first test runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import botocore
import botocore.session

Side = Literal["before", "after"]
READS = ("Get", "BatchGet", "Head", "List", "Query", "Describe")


class Killed(BaseException):
    """The end of a process; no `except Exception` may survive it."""


@dataclass(slots=True)
class Kill:
    """Where to die: at the `at`-th write (from 1), on one side of it. `writes` counts the writes made."""

    at: int
    side: Side
    writes: int = 0


_armed: list[Kill] = []


@contextmanager
def killed_at(at: int, side: Side) -> Iterator[Kill]:
    """Die at that write while the block runs; 0 only counts."""
    kill = Kill(at, side)
    _armed.append(kill)
    try:
        yield kill
    finally:
        _armed.remove(kill)


def _arm(session: botocore.session.Session) -> None:
    session.register("before-call.*.*", _before)
    session.register("after-call.*.*", _after)


def _before(model: Any, **_event: Any) -> None:
    if not model.name.startswith(READS):
        for kill in _armed:
            kill.writes += 1
            _die(kill, "before")


def _after(model: Any, **_event: Any) -> None:
    if not model.name.startswith(READS):
        for kill in _armed:
            _die(kill, "after")


def _die(kill: Kill, side: Side) -> None:
    if kill.side == side and kill.writes == kill.at:
        raise Killed


botocore.register_initializer(_arm)
