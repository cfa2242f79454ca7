"""A thousand documents by one warm process, of ever other letters: what they leave behind in its memory."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds
from chalicelib.render.pdf import render_pdf
from tests.support.specimens import a_buyer, of_nothing

RENDERS, WARM_UP = 1_000, 200
LETTERS = [chr(code) for code in range(0x20, 0x24F) if chr(code).isprintable()]


def run(size: Size) -> list[Figure]:
    """Growth of the resident memory after a warm-up, and CPU a document."""
    count = RENDERS if size.is_full else 5
    chance = random.Random(3)  # repeatable, not secret
    _draw(WARM_UP if size.is_full else 2, chance)
    before = _resident_mib()
    spent = cpu_seconds(lambda: _draw(count, chance))
    grown = _resident_mib() - before
    return [
        Figure(name=f"{count:,} documents, memory growth", value=grown, unit="MiB", at_most=1, note=f"from {before:.0f} MiB"),
        Figure(name=f"{count:,} documents", value=spent / count * 1000, unit="ms CPU each", note="one line each, other letters"),
    ]


def _draw(count: int, chance: random.Random) -> None:
    for _ in range(count):
        render_pdf(of_nothing(customer=a_buyer(name="".join(chance.choices(LETTERS, k=40)))))


def _resident_mib() -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024
