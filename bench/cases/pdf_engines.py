"""The same page by other engines in the same run: headless Chromium over the same HTML, and Typst over the same words.

What is not installed is said and not measured: Chromium is Debian's package, Typst comes with `make bench-peer`.
docs/performance.md says what each of them leaves out.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import chromium
from bench.cases.peer import PYTHON, ROOT
from bench.figures import Figure, Size
from bench.paper import a_page, describe, whole_html
from bench.stopwatch import child_seconds, cpu_seconds, fastest, peak_mib
from chalicelib.render.fonts import FONTS_CONF
from chalicelib.render.pdf import build_assets, render_pdf
from chalicelib.render.view import build_view

LONG = (1_000, 10_000)
"""Rows; Chromium takes 3 GB for the longer list, so fifty thousand are left to us."""
FONTS = ROOT / "templates" / "fonts"
PRINTER = ROOT / "bench" / "peer" / "print_typst.py"


def run(size: Size) -> list[Figure]:
    """CPU and memory of each engine; long lists by those that print them."""
    rows = LONG if size.is_full else (LONG[0],)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return [
            *_ours(size.repeats, rows),
            *_chromium(Path(folder), size.repeats, rows),
            *_typst(Path(folder), size.repeats, rows),
        ]


def _ours(repeats: int, rows: tuple[int, ...]) -> Iterator[Figure]:
    page = a_page()
    render_pdf(page)
    spent = fastest(lambda: render_pdf(page), repeats)
    yield Figure(name="ours: one page, warm", value=spent * 1000, unit="ms CPU", note="PDF/A-3b with XML")
    for count in rows:
        invoice, drawn = a_page(count), []
        spent = cpu_seconds(lambda: drawn.append(render_pdf(invoice)))  # noqa: B023  # called at once
        yield Figure(
            name=f"ours: {count:,} lines", value=spent, unit="CPU s", note=f"{describe(drawn[0])}, {peak_mib():,.0f} MiB"
        )


def _chromium(folder: Path, repeats: int, rows: tuple[int, ...]) -> Iterator[Figure]:
    if chromium.PROGRAM is None:
        yield Figure(name="Chromium", value=None, unit="ms CPU", note="not installed: apt-get install chromium")
        return
    page = folder / "page.html"
    page.write_text(whole_html(a_page()), encoding="utf-8")
    with chromium.running(_with_our_fonts(folder), folder / "profile") as browser:
        pdf = browser.print_page(page)
        yield Figure(name="Chromium: one page, new process", value=browser.seconds(), unit="CPU s", note=describe(pdf))
        spent = min(_chromium_seconds(browser, page)[0] for _ in range(repeats + 1))
        note = f"{browser.memory_mib():,.0f} MiB in all its processes"
        yield Figure(name="Chromium: one page, warm", value=spent * 1000, unit="ms CPU", note=note)
        for count in rows:
            page.write_text(whole_html(a_page(LONG[0]), copies=count // LONG[0]), encoding="utf-8")
            spent, pdf = _chromium_seconds(browser, page)
            note = f"{describe(pdf)}, {browser.memory_mib():,.0f} MiB afterwards"
            yield Figure(name=f"Chromium: {count:,} lines", value=spent, unit="CPU s", note=note)


def _chromium_seconds(browser: chromium.Chromium, page: Path) -> tuple[float, bytes]:
    before = browser.seconds()
    pdf = browser.print_page(page)
    return browser.seconds() - before, pdf


def _with_our_fonts(folder: Path) -> dict[str, str]:
    configuration = folder / "fonts.conf"
    configuration.write_text(FONTS_CONF.format(fonts=FONTS, cache=folder / "cache"), encoding="utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(configuration)}


def _typst(folder: Path, repeats: int, rows: tuple[int, ...]) -> Iterator[Figure]:
    if not (PYTHON.parent.parent / "lib" / "python3.11" / "site-packages" / "typst").exists():
        yield Figure(name="Typst", value=None, unit="ms CPU", note="not installed: run make bench-peer")
        return
    for name, asset in build_assets(a_page()).items():
        (folder / f"{name.removeprefix('payment-')}.svg").write_bytes(asset.content)
    cold = child_seconds(lambda: _print_typst(folder, 6, 1))
    spent, note = _print_typst(folder, 6, repeats)
    yield Figure(name="Typst: one page, new process", value=cold, unit="CPU s", note="Python starts, too")
    yield Figure(name="Typst: one page, warm", value=spent * 1000, unit="ms CPU", note=note)
    for count in rows:
        spent, note = _print_typst(folder, count, 1)
        yield Figure(name=f"Typst: {count:,} lines", value=spent, unit="CPU s", note=note)


def _print_typst(folder: Path, lines: int, repeats: int) -> tuple[float, str]:
    (folder / "view.json").write_text(json.dumps(build_view(a_page(lines), whole=True)), encoding="utf-8")
    command = [str(PYTHON), str(PRINTER), str(folder), str(FONTS), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # a fixed argument list
    answer = json.loads(done.stdout)
    return answer["seconds"], f"{describe((folder / 'typst.pdf').read_bytes())}, {answer['peak_mib']:,.0f} MiB"
