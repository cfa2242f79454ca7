"""Kills the code under test at a write to AWS: before it (nothing happened) or after it (it happened, nobody learnt of it).

Dying at a read is the same as dying after the write before it, so writes are all there is to try. Other faults: `tests/faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.support.aws_calls import Call, Watcher, watched

Side = Literal["before", "after"]


class Killed(BaseException):
    """The end of a process; no `except Exception` may survive it."""


@dataclass(slots=True)
class Kill(Watcher):
    """Where to die: at the `at`-th write (from 1), on one side of it. `writes` counts the writes made."""

    at: int
    side: Side
    writes: int = 0

    def before(self, call: Call) -> None:
        """Count a write, and maybe die before it."""
        if not call.is_read:
            self.writes += 1
            self._die("before")

    def after(self, call: Call, parsed: dict[str, Any]) -> None:
        """Maybe die after a write."""
        del parsed
        if not call.is_read:
            self._die("after")

    def _die(self, side: Side) -> None:
        if self.side == side and self.writes == self.at:
            raise Killed


@contextmanager
def killed_at(at: int, side: Side) -> Iterator[Kill]:
    """Die at that write while the block runs; 0 only counts."""
    kill = Kill(at, side)
    with watched(kill):
        yield kill
