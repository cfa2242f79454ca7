"""A render function stays warm for hours: its memory must not grow with the documents that it has drawn."""

from __future__ import annotations

import os
import subprocess
import sys

CHILD = """
import random, re
from pathlib import Path
from chalicelib.render.pdf import draw_pdf
from chalicelib.render.stamp import Stamp
chance = random.Random(3)
letters = [chr(code) for code in range(0x20, 0x24F) if chr(code).isprintable() and chr(code) not in "<>&"]
def draw(count):
    for _ in range(count):
        text = "".join(chance.choices(letters, k=40))
        draw_pdf(f"<h1>{text}</h1><p>{text}<b>{text}</b>", {}, Stamp(identifier=text.encode()[:16]))
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
draw(40)
before = resident()
draw(160)
print(resident() - before)
"""
KIB_A_DOCUMENT = 8
"""Less than any document would leave behind: the parsed HTML of a page alone takes ten times as much."""


def test_memory_does_not_grow_with_documents() -> None:
    """A hundred and sixty small documents of ever other letters, drawn warm, leave next to nothing behind."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert int(child.stdout) <= 160 * KIB_A_DOCUMENT
