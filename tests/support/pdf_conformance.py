"""What other programs find wrong with a PDF, and what nobody else looks at: marks that no reader finds, order of reading."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import page
import pikepdf
from page import ValidationProfile

ARCHIVAL, ACCESSIBLE = ValidationProfile.PDF_A_3B, ValidationProfile.PDF_UA_1
STREAM = re.compile(rb"/Length (?P<length>\d+)[^>]*>>\s*stream\r?\n")
END = re.compile(rb"\r?\n?endstream")
PDFINFO = shutil.which("pdfinfo") or "pdfinfo"


def find_complaints(pdf: bytes, profile: ValidationProfile) -> list[str]:
    """What is against the norm, by a checker that agrees with veraPDF on the files of its corpus.

    It takes a stream whose last byte happens to be a carriage return for a byte shorter than it is; then lengths are judged here.
    """
    failures = page.validate_pdf_bytes(pdf, profile=profile).failures
    return [
        f"{failure.rule_id}: {failure.message}"
        for failure in failures
        if "STREAM-LENGTH" not in failure.rule_id or not _has_right_lengths(pdf)
    ]


def _has_right_lengths(pdf: bytes) -> bool:
    """Whether the end of each stream's data, by its declared length, is followed by a line end and `endstream`."""
    ends = [start.end() + int(start["length"]) for start in STREAM.finditer(pdf)]
    return len(ends) == pdf.count(b"endstream") and all(END.match(pdf, end) for end in ends)


def find_loose_marks(pdf: bytes) -> list[str]:
    """Marks of pages that the tags do not know, or know twice, or whose way back (`ParentTree`) leads elsewhere."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        tree = opened.Root.StructTreeRoot
        tagged = [(each.Pg.objgen, mark, each.objgen) for each in walk(tree.K) for mark in _marks_of(each)]
        back = dict(zip(*(list(tree.ParentTree.Nums)[start::2] for start in (0, 1)), strict=True))
        marked = [(each.obj.objgen, mark) for each in opened.pages for mark in _marks_on(each)]
        led = [
            (each.obj.objgen, mark, element.objgen)
            for each in opened.pages
            for mark, element in enumerate(back[int(each.obj.StructParents)])
            if element is not None
        ]
    differing = {*tagged} ^ {*led} | {(on, mark) for on, mark, _ in tagged} ^ {*marked}
    return [repr(each) for each in differing] + ["twice"] * (len(tagged) != len(set(tagged)))


def walk(kids: Any) -> Iterator[Any]:
    """All elements below, depth first: the order of reading."""
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid
            yield from walk(kid.K)


def read_aloud(pdf: bytes) -> list[str]:
    """The pieces of text that a screen reader gets, in the order of the tags, read by Poppler."""
    command = [PDFINFO, "-struct-text", "-"]
    told = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()  # noqa: S603 - a fixed argument list
    return re.findall(r'^ *"(.+)"$', told, re.MULTILINE)


def _marks_of(element: Any) -> list[int]:
    return [int(kid) for kid in element.K if isinstance(kid, int)]


def _marks_on(of: pikepdf.Page) -> list[int]:
    marks = (each.operands[1] for each in pikepdf.parse_content_stream(of) if str(each.operator) == "BDC")
    return [int(properties.MCID) for properties in marks if "/MCID" in properties]
