"""The archival file of every golden document, in every design: what PDF/A-3 and Factur-X ask of it, as far as a machine sees."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pikepdf
import pytest

from chalicelib.domain.designs import Design
from chalicelib.domain.fingerprint import fingerprint
from chalicelib.domain.invoice import Invoice
from chalicelib.render.pdf import render_pdf
from chalicelib.store import codec

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "einvoice").glob("*.json"))
CASES = [pytest.param(path, design, id=f"{path.stem}-{design}") for path, design in zip(GOLDEN, cycle(Design), strict=False)]
PDF = "{http://ns.adobe.com/pdf/1.3/}"


@pytest.mark.parametrize("path, design", CASES)
def test_the_file_is_in_order(path: Path, design: Design) -> None:
    """Sound, with one e-invoice, colour profile, embedded subsets of fonts and a fingerprint; nothing that runs or leads away."""
    invoice = replace(codec.load(Invoice, path.read_bytes()), template=design.value)
    with pikepdf.open(io.BytesIO(render_pdf(invoice))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.attachments["factur-x.xml"].get_file().read_bytes() == path.with_suffix(".cii.xml").read_bytes()
        assert (len(pdf.Root.AF), len(pdf.Root.Names.EmbeddedFiles.Names)) == (1, 2)
        (intent,) = pdf.Root.OutputIntents
        assert (intent.S, intent.DestOutputProfile.N) == ("/GTS_PDFA1", 3)
        assert pdf.Root.Metadata.read_bytes().count(b"<rdf:RDF") == 1
        with pdf.open_metadata() as told:
            assert told.pdfa_status == "3B"
            assert told[f"{PDF}Keywords"] == pdf.docinfo.Keywords == f"SHA-256 {fingerprint(invoice)}"
        check_objects(pdf)


def check_objects(pdf: pikepdf.Pdf) -> None:
    """Fonts are embedded subsets; no scripts, no actions, no encryption."""
    dictionaries = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)]
    fonts = [each for each in dictionaries if each.get("/Type") == "/FontDescriptor"]
    assert fonts
    for font in fonts:
        assert str(font.FontName)[7] == "+"
        assert "/FontFile2" in font or "/FontFile3" in font
    assert not any({"/JS", "/JavaScript", "/Launch", "/URI", "/AA", "/OpenAction"} & set(each.keys()) for each in dictionaries)
    assert not pdf.is_encrypted
