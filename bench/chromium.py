"""Headless Chromium as a printer of HTML: a new one for each document, or one that stays and is told over the DevTools protocol.

What it costs is what all its processes cost: CPU seconds and proportional memory (shared pages are shared out) of the whole tree.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

PROGRAM = shutil.which("chromium")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
PRINT = {"printBackground": True, "preferCSSPageSize": True}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Chromium:
    """One that runs, with a page open."""

    process: subprocess.Popen[bytes]
    orders: BinaryIO
    answers: BinaryIO
    session: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def print_page(self, page: Path) -> bytes:
        """Load a file and print it."""
        self.tell("Page.navigate", {"url": page.as_uri()})
        self._wait_for("Page.loadEventFired")
        return base64.b64decode(self.tell("Page.printToPDF", PRINT)["data"])

    def tell(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """An order, and what it came to."""
        number = next(self.numbers)
        order = {"id": number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        self.orders.write(json.dumps(order).encode() + b"\0")
        self.orders.flush()
        while (answer := self._read()).get("id") != number:
            pass
        result: dict[str, Any] = answer["result"]
        return result

    def seconds(self) -> float:
        """CPU seconds of all its processes up to now."""
        return sum(_ticks(process) for process in self._tree()) / TICKS

    def memory_mib(self) -> float:
        """The memory of all its processes now."""
        return sum(_proportional_kib(process) for process in self._tree()) / 1024

    def _tree(self) -> list[int]:
        found, ahead = [], [self.process.pid]
        while ahead:
            found.append(ahead.pop())
            with suppress(OSError):
                children = [path.read_text().split() for path in Path(f"/proc/{found[-1]}/task").glob("*/children")]
                ahead.extend(int(child) for some in children for child in some)
        return found

    def _wait_for(self, event: str) -> None:
        while self._read().get("method") != event:
            pass

    def _read(self) -> dict[str, Any]:
        parts = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            parts += byte
        answer: dict[str, Any] = json.loads(parts)
        return answer


@contextmanager
def running(environment: Mapping[str, str], profile: Path) -> Iterator[Chromium]:
    """A Chromium for a while; its DevTools speak over file descriptors 3 and 4."""
    (ours_in, theirs_out), (theirs_in, ours_out) = os.pipe(), os.pipe()
    line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
    command = ["bash", "-c", line, str(PROGRAM), *OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
    process = subprocess.Popen(  # noqa: S603  # a fixed argument list
        command, env=dict(environment), pass_fds=(theirs_in, theirs_out), stderr=subprocess.DEVNULL
    )
    os.close(theirs_in)
    os.close(theirs_out)
    with open(ours_out, "wb") as orders, open(ours_in, "rb") as answers:  # noqa: PTH123  # descriptors have no path
        browser = Chromium(process, orders, answers)
        target = browser.tell("Target.createTarget", {"url": "about:blank"})["targetId"]
        browser.session = browser.tell("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        browser.tell("Page.enable", {})
        try:
            yield browser
        finally:
            process.terminate()
            process.wait()


def _ticks(process: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15])  # its own and those of children that have ended
    return 0


def _proportional_kib(process: int) -> int:
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0
