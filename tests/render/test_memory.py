"""A render function stays warm for hours: its memory must not grow with the documents that it has drawn."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from types import SimpleNamespace

from chalicelib.render.engine import load_engine
from chalicelib.render.engine_memory import give_back_memory
from chalicelib.render.pdf import render_pdf
from tests.support.specimens import of_nothing

CHILD = """
import ctypes, gc, random, re
from pathlib import Path
from chalicelib.render.pdf import draw_pdf
from chalicelib.render.stamp import Stamp
chance = random.Random(3)
letters = [chr(code) for code in range(0x20, 0x24F) if chr(code).isprintable() and chr(code) not in "<>&"]
css = "b { font-variant-numeric: tabular-nums; letter-spacing: 1px } td { text-decoration: underline }"
class Allocated(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena a b c mapped d e in_use f g".split()]
count_allocated = ctypes.CDLL(None).mallinfo2
count_allocated.restype = Allocated
def draw(count):
    for _ in range(count):
        text = "".join(chance.choices(letters, k=40))
        body = f"<h1>{text}</h1><p>{text}<b>{text}</b><table><tr><td><b>1,23</b></table>"
        draw_pdf(body, {}, Stamp(identifier=text.encode()[:16]), css=css)
    gc.collect()
def measure():
    resident = re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    allocated = count_allocated()
    return int(resident) * 1024, allocated.in_use + allocated.mapped
draw(40)
before = measure()
draw(120)
print(*(now - then for now, then in zip(measure(), before)))
"""
DOCUMENTS = 120
BYTES_LEFT_IN_C = 400
"""Of a document, on the average: glyphs that were seen for the first time take half of it, one list of features the other."""
ROOM = 2 * 1024 * 1024
"""Of the process, between two steps of the allocators."""
OBJECTS_LEFT = 1_000
"""A tenth of those that a laid out page takes."""


def test_memory_does_not_grow_with_documents() -> None:
    """A hundred and twenty small documents of ever other letters, drawn warm, leave nothing behind in the C libraries."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    resident, in_c = (int(figure) for figure in child.stdout.split())
    assert in_c <= DOCUMENTS * BYTES_LEFT_IN_C
    assert resident <= ROOM


def test_a_document_is_cleared_away_at_once() -> None:
    """Nothing names it any more when the collector wakes: else its thousands of objects grow old and wait for the next look."""
    render_pdf(of_nothing())
    gc.collect()
    before = len(gc.get_objects())
    render_pdf(of_nothing())
    assert len(gc.get_objects()) - before < OBJECTS_LEFT


def test_another_release_is_left_as_it_is() -> None:
    """What is given back twice would end the process, so nothing is given back for a release that nobody looked through."""
    fonts = load_engine().weasyprint.pdf.fonts
    before = (fonts.ffi, fonts.pango)
    give_back_memory(SimpleNamespace(__version__="70.1"))
    assert (fonts.ffi, fonts.pango) == before
