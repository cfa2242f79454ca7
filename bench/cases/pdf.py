"""Rendering: the first document of a process (loads engine, fonts and style sheet), later ones, and one of 1,000 lines."""

from __future__ import annotations

import sys

from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds, fastest, peak_mib
from chalicelib.domain.invoice import Invoice
from chalicelib.render.pdf import render_pdf
from tests.support.pdf_reading import read_pages
from tests.support.specimens import an_issued, usage_lines


def run(size: Size) -> list[Figure]:
    """CPU, pages and peak memory; nothing has a target."""
    assert "weasyprint" not in sys.modules
    short, long = an_issued(lines=usage_lines(6)), an_issued(lines=usage_lines(size.lines))
    cold = cpu_seconds(lambda: render_pdf(short))
    warm = fastest(lambda: render_pdf(short), size.repeats)
    memory = peak_mib()
    much = cpu_seconds(lambda: render_pdf(long))
    return [
        Figure(name="one page, first of a process", value=cold * 1000, unit="ms CPU", note="loads WeasyPrint and fonts"),
        Figure(name="one page, warm", value=warm * 1000, unit="ms CPU", note=_describe(short)),
        Figure(name="one page, peak memory", value=memory, unit="MiB", note="whole process"),
        Figure(name=f"{size.lines:,} lines", value=much * 1000, unit="ms CPU", note=_describe(long)),
        Figure(name=f"{size.lines:,} lines, peak memory", value=peak_mib(), unit="MiB", note="whole process"),
    ]


def _describe(invoice: Invoice) -> str:
    pdf = render_pdf(invoice)
    return f"{len(read_pages(pdf))} pages, {len(pdf) / 1024:.0f} KiB"
