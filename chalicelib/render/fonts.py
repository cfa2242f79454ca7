"""Shows fontconfig the fonts of the project and no others: a document has the same letters on every machine.

Full static files, one per family and weight: per-script pieces of a family share one embedded font and garble glyphs.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from chalicelib.render.templates_folder import templates_folder

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def point_fontconfig_to_project_fonts() -> None:
    """Write a fonts.conf to a private temporary folder and name it to fontconfig, which reads it once, at its first use."""
    folder = Path(tempfile.mkdtemp(prefix="billing-fonts-"))  # the one place that Lambda lets us write to
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fonts, cache = (escape(str(path)) for path in (templates_folder() / "fonts", folder / "cache"))
    configuration = folder / "fonts.conf"
    configuration.write_text(FONTS_CONF.format(fonts=fonts, cache=cache), "utf-8")
    os.putenv("FONTCONFIG_FILE", str(configuration))  # told to the C library itself: os.environ may be another dictionary
