"""Rendering: one page in a new process and in a warm one, what the archival variant adds, and long documents with an annex."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure, Size
from bench.paper import a_page, describe, draw_plain
from bench.stopwatch import child_seconds, cpu_seconds, peak_mib
from chalicelib.domain.invoice import Invoice
from chalicelib.render.pdf import render_pdf
from tests.support.specimens import an_issued, usage_lines

LONG = ((1, 2, None), (10, 6, 200), (50, 25, 200))
"""Times the lines of the size, with the most CPU seconds and the most MiB of the process. Ascending: a peak never falls."""
DESTINATIONS = 5_000
COLD = """
import pickle, sys
from pathlib import Path
invoice = pickle.loads(Path(sys.argv[1]).read_bytes())
from chalicelib.render.pdf import render_pdf
Path(sys.argv[2]).write_bytes(render_pdf(invoice))
"""


def run(size: Size) -> list[Figure]:
    """CPU, pages and peak memory."""
    figures = [_cold(min(size.repeats, 4)), *_warm(size.repeats)]
    for times, seconds, memory in LONG:
        figures.extend(_long(size.lines * times, seconds, memory))
    return figures


def _cold(repeats: int) -> Figure:
    """Python starts, loads everything, draws. The modules are compiled, as in the package; the first start may compile them."""
    with tempfile.TemporaryDirectory() as folder:
        frozen, drawn = Path(folder, "invoice"), Path(folder, "invoice.pdf")
        frozen.write_bytes(pickle.dumps(a_page()))
        command = [sys.executable, "-c", COLD, str(frozen), str(drawn)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        spent = min(
            child_seconds(lambda: subprocess.run(command, env=environment, check=True))  # noqa: S603  # a fixed argument list
            for _ in range(repeats)
        )
        note = f"start of Python to file, {describe(drawn.read_bytes())}"
    return Figure(name="one page, whole cold process", value=spent, unit="CPU s", at_most=1.4, note=note)


def _warm(repeats: int) -> Iterator[Figure]:
    """By turns, so that neighbours disturb both alike."""
    page = a_page()
    pairs = [(cpu_seconds(lambda: render_pdf(page)), cpu_seconds(lambda: draw_plain(page))) for _ in range(repeats + 1)]
    archival, plain = (min(column) for column in zip(*pairs, strict=True))
    yield Figure(
        name="one page, warm", value=archival * 1000, unit="ms CPU", at_most=350, note="PDF/A-3b with XML and payment code"
    )
    yield Figure(name="one page, warm, plain PDF", value=plain * 1000, unit="ms CPU", note="no PDF/A, no XML")
    yield Figure(name="PDF/A-3b with XML / plain PDF", value=archival / plain, unit="times the CPU", at_most=1.15)
    yield Figure(name="one page, peak memory", value=peak_mib(), unit="MiB", at_most=120, note="whole process")


def _long(count: int, seconds: float, memory: float | None) -> Iterator[Figure]:
    invoice, drawn = of_destinations(count), []
    spent = cpu_seconds(lambda: drawn.append(render_pdf(invoice)))
    peak = peak_mib()
    yield Figure(name=f"{count:,} lines", value=spent, unit="CPU s", at_most=seconds, note=describe(drawn[0]))
    yield Figure(name=f"{count:,} lines, peak memory", value=peak, unit="MiB", at_most=memory, note="whole process")


def of_destinations(count: int) -> Invoice:
    """So many lines of thousands of destinations: a list whose names do not repeat within any page."""
    lines = (
        replace(line, description=f"{line.description} {position % DESTINATIONS}")
        for position, line in enumerate(usage_lines(count))
    )
    return an_issued(lines=tuple(lines))
