"""What the person sees while the demo runs: a bar per stage on a terminal, a line per stage elsewhere; and what each took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local.home import LocalError

Advance = Callable[[int], None]
"""Tells how much of the stage is done so far."""
POLL_SECONDS = 0.4


class Stages:
    """The stages of the demo in order, with what they took."""

    def __init__(self) -> None:
        """Show nothing yet. Standard output is left to results."""
        self.console = Console(stderr=True)
        self.seconds: dict[str, float] = {}
        columns = (SpinnerColumn(), TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=self.console, disable=not self.console.is_terminal)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """One stage of a known size."""
        task = self.progress.add_task(name, total=total)
        started = time.monotonic()
        yield lambda done: self.progress.update(task, completed=done)
        self.seconds[name] = time.monotonic() - started
        self.progress.update(task, completed=total)
        if not self.console.is_terminal:
            self.console.print(f"{name}: {total} in {self.seconds[name]:.1f} s", highlight=False)

    def wait(self, name: str, total: int, count: Callable[[], int], *, seconds: float) -> None:
        """A stage that others do: ask `count` until it reaches the total; LocalError when nothing moves for `seconds`."""
        with self.stage(name, total) as advance:
            done, moved = 0, time.monotonic()
            while (now := count()) < total:
                if now > done:
                    done, moved = now, time.monotonic()
                    advance(done)
                if time.monotonic() - moved > seconds:
                    raise LocalError(f"{name}: nothing has moved for {seconds:.0f} s ({now} of {total}); see the logs.")
                time.sleep(POLL_SECONDS)
