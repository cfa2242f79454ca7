"""WeasyPrint comes in without what no document needs, and nobody else notices."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from chalicelib.render.engine import load_engine
from chalicelib.render.engine_import import CalledLater
from chalicelib.render.pdf import render_pdf
from tests.support import specimens

CHILD = """
import ctypes.util, ssl, sys
kept = ctypes.util.find_library, ssl.SSLContext.load_default_certs
from tests.support import specimens
from chalicelib.render.pdf import render_pdf
render_pdf(specimens.of_nothing())
assert (ctypes.util.find_library, ssl.SSLContext.load_default_certs) == kept
assert not {"fontTools.subset", "fontTools.varLib", "fontTools.varLib.instancer"} & set(sys.modules)
from weasyprint.pdf import fonts
print(fonts.subset.Options(retain_gids=True).retain_gids, fonts.instantiateVariableFont.__name__)
import fontTools.subset
print(fontTools.subset.__name__, "fontTools.varLib" in sys.modules, hasattr(fontTools.subset, "Subsetter"))
"""


def test_fonttools_comes_when_it_is_called() -> None:
    """A document is drawn without fontTools' subsetter; whoever calls it, or imports it later, gets the real one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert child.stdout.splitlines() == ["True call", "fontTools.subset True True"]


def test_stand_ins_have_no_inner_names() -> None:
    """Python's own questions to a module (its path, its file) are not answered with functions."""
    with pytest.raises(AttributeError):
        _ = CalledLater("fontTools.subset").__path__


def test_counts_of_glyphs_are_no_types() -> None:
    """Documents with other letters make no new types of C, which would be parsed and kept for ever."""
    ffi = load_engine().weasyprint.text.ffi.ffi
    render_pdf(specimens.of_nothing())
    known = set(ffi._parsed_types)
    render_pdf(replace(specimens.of_nothing(), notes="ĄĆĘŁŃÓŚŹŻ äöüß ÀÈÌÒÙ Ωμέγα"))
    assert set(ffi._parsed_types) == known
    assert not [name for name in known if name.startswith("hb_codepoint_t[") and name != "hb_codepoint_t[]"]
