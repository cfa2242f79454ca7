"""Child processes that never outlive their parent.

Each child holds the read end of a pipe as its standard input; when the parent ends, however it ends, the pipe closes and the
child stops itself cleanly. Children get a session of their own, so that Ctrl-C reaches the parent alone and the order of
stopping stays in its hands.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Child:
    """A running child, and what is needed to start it again."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    sockets: tuple[int, ...]
    process: subprocess.Popen[bytes]
    told: bytes = b""

    def tell(self, line: bytes) -> None:
        """Write a line to the child's standard input; a child started again is told it again."""
        self.told = line
        if self.process.stdin:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()

    @property
    def is_alive(self) -> bool:
        """True while the process runs."""
        return self.process.poll() is None

    def stop(self, timeout: float) -> bool:
        """Ask to stop, wait at most `timeout` seconds, then kill. True when it stopped by itself."""
        self.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        finally:
            if self.process.stdin:
                self.process.stdin.close()
        return True

    def terminate(self) -> None:
        """Ask to stop, without waiting."""
        if self.is_alive:
            self.process.terminate()


def start_child(
    name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path, *, sockets: Sequence[int] = ()
) -> Child:
    """Start `python -m local.<module> …` with everything it prints going to its log file."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=tuple(sockets),
            start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent,
        )
    return Child(name, tuple(arguments), environment, log, tuple(sockets), process)


def restart(child: Child) -> None:
    """Start a child that has ended again, in place."""
    fresh = start_child(child.name, child.arguments, child.environment, child.log, sockets=child.sockets)
    child.process = fresh.process
    if child.told:
        child.tell(child.told)


def stop_with_parent() -> None:
    """In the child: send SIGTERM to itself as soon as the parent is gone."""
    threading.Thread(target=_await_end_of_input, name="parent-watch", daemon=True).start()


def _await_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
