"""What a PDF shows, read by Poppler: an eye that is not the one that drew it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree as ET

PDFTOTEXT = shutil.which("pdftotext") or "pdftotext"


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands on its page, in points from the left."""

    text: str
    left: float
    right: float


def read_pages(pdf: bytes) -> list[str]:
    """The text of each page, laid out as on paper."""
    return _pdftotext(pdf, "-layout").split("\f")[:-1]


def read_words(pdf: bytes) -> list[Word]:
    """Every word with its place."""
    html = re.sub(r"^<!DOCTYPE[^>]*>", "", _pdftotext(pdf, "-bbox"))
    words = ET.fromstring(html).iter("{http://www.w3.org/1999/xhtml}word")  # noqa: S314 - Poppler wrote it
    return [Word(word.text or "", float(word.attrib["xMin"]), float(word.attrib["xMax"])) for word in words]


def _pdftotext(pdf: bytes, layout: str) -> str:
    command = [PDFTOTEXT, layout, "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()  # noqa: S603 - a fixed argument list
