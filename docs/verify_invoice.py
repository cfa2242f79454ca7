"""Prove that a PDF of an invoice and its figures belong together: for whoever received them, with nothing but Python.

    python verify_invoice.py INVOICE.pdf FIGURES.json [VERIFY.json]

FIGURES.json is the answer of `GET /invoices/{id}/figures`, VERIFY.json that of `GET /invoices/{id}/verify`, asked for after the
PDF: it names the PDFs, the accessible one as well, as the issuer keeps them at that moment. Without it only what the PDF says of
itself is known: who forges one can forge that, too. Ends with 0 if whatever can be checked fits, with 1 if something does not,
with 2 if a file cannot be read or is something else. It opens no connection and needs no package; where `pdftotext` (Poppler)
is there, the printed figures are compared as well.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

FORMATS = frozenset({"invoice-figures/1"})
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
KEYWORDS = re.compile(rb"<pdf:Keywords>SHA-256 ([0-9a-f]{64})</pdf:Keywords>")
LARGEST_STREAM = 200 * 1024 * 1024
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
TOTALS = {"subtotal": "TaxBasisTotalAmount", "tax_total": "TaxTotalAmount", "total": "GrandTotalAmount"}
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
LONGEST_FIGURE = 5
"""Groups of digits, as in 1 234 567,89."""
USAGE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """`fits` None: it could not be checked."""

    what: str
    fits: bool | None

    def __str__(self) -> str:
        """A line of the report, and one only, whatever the files hold."""
        what = "".join(letter if letter.isprintable() else "?" for letter in self.what)
        return f"{ {True: 'fits', False: 'DIFFERS', None: 'not checked'}[self.fits]:<12} {what}"


def verify(pdf: bytes, figures: bytes, answer: bytes | None = None) -> list[Finding]:
    """Everything that can be said of the files. ValueError for figures or an answer that are no JSON."""
    told, digest = json.loads(figures), hashlib.sha256(figures).hexdigest()
    streams = list(_streams(pdf))
    return [
        Finding(f"the figures are in a known format ({told.get('format')})", told.get("format") in FORMATS),
        *_check_metadata(streams, digest),
        *_check_answer(pdf, digest, None if answer is None else json.loads(answer)),
        *_check_xml(streams, told, digest),
        *_check_pages(pdf, told, digest),
    ]


def _check_metadata(streams: list[bytes], digest: str) -> Iterator[Finding]:
    named = {name.decode() for stream in streams if b"<x:xmpmeta" in stream for name in KEYWORDS.findall(stream)}
    yield Finding(f"the PDF names the SHA-256 of the figures, {digest}", named == {digest})


def _check_answer(pdf: bytes, digest: str, answer: Mapping[str, Any] | None) -> Iterator[Finding]:
    if answer is None:
        yield Finding("the issuer says so (no answer of /verify was given)", None)
        return
    yield Finding("the issuer names the same SHA-256 of the figures", answer["sha256"] == digest)
    yield _check_file(hashlib.sha256(pdf).hexdigest(), answer["pdf_sha256"], answer.get("accessible_pdf_sha256"))
    agrees = answer["document_agrees"]
    yield Finding("the issuer's own records agree with each other", None if agrees is None else agrees is True)


def _check_file(held: str, archival: str | None, accessible: str | None) -> Finding:
    which = " (the accessible one)" if held == accessible else ""
    kept = {archival, accessible} - {None}
    return Finding(f"the PDF is the very file that the issuer keeps{which}", held in kept if kept else None)


def _check_xml(streams: list[bytes], told: Mapping[str, Any], digest: str) -> Iterator[Finding]:
    found = [stream for stream in streams if b":CrossIndustryInvoice " in stream[:1000]]
    if not found:
        yield Finding("the e-invoice in the PDF says the same (there is none)", None)
    for xml in found:
        yield Finding("the e-invoice in the PDF says the same", _is_told_by(xml, told, digest))


def _is_told_by(xml: bytes, told: Mapping[str, Any], digest: str) -> bool:
    if b"<!DOCTYPE" in xml:
        return False
    try:
        root = ET.fromstring(xml)  # noqa: S314  # without a document type there are no entities to expand
    except (ET.ParseError, ValueError, LookupError):  # the latter for encodings that nobody has
        return False
    texts = {name: _texts(root, tag) for name, tag in TOTALS.items()}
    totals = all(_are_equal(found, [told[name]]) for name, found in texts.items())
    nets = _texts(root, f"SpecifiedTradeSettlementLineMonetarySummation/{RAM}LineTotalAmount")
    lines = _are_equal(nets, [line["net"] for line in told["lines"]])
    numbered = told["number"] in (found.text for found in root.iter(f"{RAM}ID"))
    noted = any(digest in note for note in _texts(root, f"IncludedNote/{RAM}Content"))
    return totals and lines and numbered and noted


def _are_equal(found: list[str], told: list[str]) -> bool:
    """Whether both are the same amounts; what is no number equals nothing."""
    return all(map(AMOUNT.fullmatch, [*found, *told])) and list(map(Decimal, found)) == list(map(Decimal, told))


def _texts(root: ET.Element, path: str) -> list[str]:
    return [found.text or "" for found in root.iterfind(f".//{RAM}{path}")]


def _check_pages(pdf: bytes, told: Mapping[str, Any], digest: str) -> Iterator[Finding]:
    program = shutil.which("pdftotext")
    if program is None:
        yield Finding("the pages print the same (pdftotext is not installed)", None)
        return
    done = subprocess.run([program, "-layout", "-", "-"], input=pdf, capture_output=True, check=False)  # noqa: S603  # fixed words
    text = done.stdout.decode("utf-8", "replace")
    solid, figures = "".join(text.split()), set(_figures(text))
    yield Finding("the pages print the SHA-256", digest in solid)
    yield Finding(f"the pages print the number {told['number']}", "".join(told["number"].split()) in solid)
    amounts = {told[name] for name in TOTALS} | {line["net"] for line in told["lines"]}
    missing = sorted(amount for amount in amounts if _digits(amount) not in figures)
    yield Finding("the pages print every amount" + (f" (not {', '.join(missing[:5])})" if missing else ""), not missing)


def _figures(text: str) -> Iterator[str]:
    """The digits of whatever may be a figure, also of one that is grouped by spaces."""
    for line in text.splitlines():
        words = line.split(" ")
        for first in range(len(words)):
            for last in range(first + 1, min(first + LONGEST_FIGURE, len(words)) + 1):
                if not words[last - 1]:
                    break
                yield _digits("".join(words[first:last]))


def _digits(word: str) -> str:
    """The digits of a figure, however its locale groups them."""
    return "".join(re.findall("[0-9]", word))


def _streams(pdf: bytes) -> Iterator[bytes]:
    """What the streams of the file hold, unpacked where they are packed."""
    for found in STREAM.finditer(pdf):
        try:
            yield zlib.decompressobj().decompress(found[1], LARGEST_STREAM)
        except zlib.error:
            yield found[1]


def main(paths: list[str]) -> int:
    """Print the report; the exit code."""
    try:
        findings = verify(*(Path(path).read_bytes() for path in paths))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        sys.stderr.write(f"{__doc__}\n{type(error).__name__}: {error}\n")
        return USAGE
    sys.stdout.write("".join(f"{finding}\n" for finding in findings))
    return int(any(finding.fits is False for finding in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
