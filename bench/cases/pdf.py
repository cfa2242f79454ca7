"""Rendering: the first document of a process (loads engine, fonts and style sheet), later ones, and long ones with an annex."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds, fastest, peak_mib
from chalicelib.domain.invoice import Invoice
from chalicelib.render.pdf import render_pdf
from tests.support.pdf_reading import read_pages
from tests.support.specimens import an_issued, usage_lines

LONG = ((1, 2, None), (10, 6, 200), (50, 25, 300))
"""Times the lines of the size, with the most CPU seconds and the most MiB of the process. Ascending: a peak never falls."""
DESTINATIONS = 5_000


def run(size: Size) -> list[Figure]:
    """CPU, pages and peak memory."""
    assert "weasyprint" not in sys.modules
    short = an_issued(lines=usage_lines(6))
    cold = cpu_seconds(lambda: render_pdf(short))
    warm = fastest(lambda: render_pdf(short), size.repeats)
    figures = [
        Figure(name="one page, first of a process", value=cold * 1000, unit="ms CPU", note="loads WeasyPrint and fonts"),
        Figure(name="one page, warm", value=warm * 1000, unit="ms CPU", note=_describe(render_pdf(short))),
        Figure(name="one page, peak memory", value=peak_mib(), unit="MiB", note="whole process"),
    ]
    for times, seconds, memory in LONG:
        figures.extend(_long(size.lines * times, seconds, memory))
    return figures


def _long(count: int, seconds: float, memory: float | None) -> Iterator[Figure]:
    invoice, drawn = _of_destinations(count), []
    spent = cpu_seconds(lambda: drawn.append(render_pdf(invoice)))
    peak = peak_mib()
    yield Figure(name=f"{count:,} lines", value=spent, unit="CPU s", at_most=seconds, note=_describe(drawn[0]))
    yield Figure(name=f"{count:,} lines, peak memory", value=peak, unit="MiB", at_most=memory, note="whole process")


def _of_destinations(count: int) -> Invoice:
    """So many lines of thousands of destinations: a list whose names do not repeat within any page."""
    lines = (
        replace(line, description=f"{line.description} {position % DESTINATIONS}")
        for position, line in enumerate(usage_lines(count))
    )
    return an_issued(lines=tuple(lines))


def _describe(pdf: bytes) -> str:
    return f"{len(read_pages(pdf))} pages, {len(pdf) / 1024:.0f} KiB"
