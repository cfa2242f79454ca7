"""What a cold start of a function does not load: libraries that few calls need, and the doors of the other functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chalicelib.handlers import doors

ROOT = Path(__file__).parents[2]
LATER = (
    "PIL",
    "babel.dates",
    "babel.numbers",
    "chalicelib.render.html",
    "chalicelib.render.pdf",
    "defusedxml",
    "fontTools",
    "jinja2",
    "segno",
    "weasyprint",
    "xlsxwriter",
    "xsdata",
    *(f"chalicelib.handlers.{door}" for door in doors.__all__),
)
"""Modules and packages that whoever needs them loads."""


def test_a_cold_start_loads_no_library_that_draws() -> None:
    """The app is imported without what draws documents, reads statements and writes workbooks, and without any event's door."""
    code = f"import sys, app; print(*sorted(sys.modules.keys() & {LATER!r}))"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # fixed words
    assert loaded.stdout.split() == []


def test_every_door_opens() -> None:
    """Each name leads to its module; another one leads nowhere."""
    assert [getattr(doors, name).__name__ for name in doors.__all__] == [f"chalicelib.handlers.{name}" for name in doors.__all__]
    assert not hasattr(doors, "on_nothing")
