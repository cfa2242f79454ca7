"""The e-invoice inside the PDF: attached once, named in the metadata, valid, and never a reason not to draw the page."""

from __future__ import annotations

import io
from dataclasses import replace
from hashlib import md5

import pikepdf
import pytest

from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.render.einvoice.cii import write_cii
from chalicelib.render.einvoice.mapping import build_einvoice
from chalicelib.render.factur_x import find_enclosure
from chalicelib.render.pdf import render_pdf
from tests.support import specimens
from tests.support.einvoice_rules import judge_cii

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


@pytest.mark.parametrize("count", [1, 310])
def test_the_pdf_carries_its_e_invoice(count: int) -> None:
    """The very XML of the API, once, in a file that is still PDF/A-3b; also where an annex follows."""
    invoice = specimens.an_issued(lines=specimens.usage_lines(count))
    with pikepdf.open(io.BytesIO(render_pdf(invoice))) as pdf:
        assert list(pdf.attachments) == ["factur-x.xml"]
        xml = pdf.attachments["factur-x.xml"].get_file().read_bytes()
        assert xml == "".join(write_cii(build_einvoice(invoice))).encode()
        assert judge_cii(xml) == []
        (related,) = pdf.Root.AF
        assert (str(related.UF), related.AFRelationship) == ("factur-x.xml", "/Alternative")
        assert related.EF.F.Subtype == "/text/xml"
        file, digest = related.EF.F.Params, md5(xml, usedforsecurity=False).digest()
        assert (str(file.ModDate), int(file.Size), bytes(file.CheckSum)) == ("D:20261203061000Z", len(xml), digest)
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert pdf.Root.Metadata.read_bytes().count(b"<rdf:RDF") == 1
        with pdf.open_metadata() as told:
            assert told.pdfa_status == "3B"
            fields = ("DocumentType", "DocumentFileName", "Version", "ConformanceLevel")
            assert [told[FX + field] for field in fields] == ["INVOICE", "factur-x.xml", "1.0", "EN 16931"]


def test_in_france_the_xml_is_the_data() -> None:
    """The relationship follows the operator's country."""
    operator = specimens.an_operator(address=Address(line1="1 rue de la Paix", city="Paris", country="FR"))
    with pikepdf.open(io.BytesIO(render_pdf(specimens.an_issued(operator=operator)))) as pdf:
        assert pdf.Root.AF[0].AFRelationship == "/Data"


@pytest.mark.parametrize(
    "invoice",
    [
        specimens.an_issued(customer=specimens.a_buyer(address=Address())),
        specimens.a_draft(),
        replace(specimens.an_issued(), status=InvoiceStatus.VOID),
    ],
    ids=["gap", "draft", "void"],
)
def test_what_is_no_e_invoice_is_a_page_all_the_same(invoice: Invoice) -> None:
    """Without attachment, without a word of one, without an error."""
    with pikepdf.open(io.BytesIO(render_pdf(invoice))) as pdf:
        assert list(pdf.attachments) == []
        assert "/AF" not in pdf.Root
        assert b"factur-x" not in pdf.Root.Metadata.read_bytes()
        with pdf.open_metadata() as told:
            assert told.pdfa_status == "3B"


def test_very_long_documents_carry_theirs_packed() -> None:
    """The megabytes of thousands of lines are packed as they are written, to a fraction that a PDF can carry."""
    found = find_enclosure(specimens.an_issued(lines=specimens.usage_lines(6_000)))
    assert found
    assert (found.xml.size > 10_000_000, len(found.xml.packed) < found.xml.size / 20) == (True, True)


def test_a_preview_of_an_edit_carries_none() -> None:
    """The draft mark on an issued document means that the figures are not final."""
    with pikepdf.open(io.BytesIO(render_pdf(specimens.an_issued(), draft=True))) as pdf:
        assert list(pdf.attachments) == []
