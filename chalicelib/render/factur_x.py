"""The e-invoice inside the PDF (Factur-X, ZUGFeRD): factur-x.xml attached, named in the metadata, related to the document.

A document that is no e-invoice, or lacks what the norm needs, goes without and without complaint. Dates are the document's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.render.einvoice.cii import write_cii
from chalicelib.render.einvoice.mapping import build_einvoice
from chalicelib.render.einvoice.requirements import find_gaps
from chalicelib.render.engine import Engine
from chalicelib.render.packed_file import PackedFile, pack_file

FILE_NAME = "factur-x.xml"
DATA_COUNTRIES = frozenset({"FR"})
"""Where the XML is the original and the page its picture; elsewhere they say the same (`Alternative`)."""

_RDF_END = b"</rdf:RDF>"
_NAMESPACE = b"urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTY = (
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>%s</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    b"<pdfaProperty:description>%s</pdfaProperty:description></rdf:li>"
)
_FIELDS = {
    b"DocumentFileName": b"factur-x.xml",
    b"DocumentType": b"INVOICE",
    b"Version": b"1.0",
    b"ConformanceLevel": b"EN 16931",
}
_SCHEMA = (
    b'<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    b'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" '
    b'rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension '
    b"Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>" + _NAMESPACE + b"</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx"
    b"</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + b"".join(_PROPERTY % (name, name) for name in _FIELDS)
    + b"</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
METADATA = (
    _SCHEMA
    + b'<rdf:Description xmlns:fx="'
    + _NAMESPACE
    + b'" rdf:about="">'
    + b"".join(b"<fx:%s>%s</fx:%s>" % (name, value, name) for name, value in _FIELDS.items())
    + b"</rdf:Description>"
)
"""What the metadata says of the attachment, with the schema that PDF/A wants for fields it does not know."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The XML of a document, how it relates to the page, and when it was frozen."""

    xml: PackedFile
    relationship: str
    moment: datetime


def find_enclosure(invoice: Invoice) -> Enclosure | None:
    """The e-invoice to enclose; None for drafts, void documents, and what lacks something that the norm needs."""
    if invoice.status is not InvoiceStatus.ISSUED or find_gaps(invoice):
        return None
    relationship = "Data" if invoice.operator.address.country in DATA_COUNTRIES else "Alternative"
    moment = (invoice.issued_at or invoice.created_at).astimezone(UTC)
    return Enclosure(pack_file(write_cii(build_einvoice(invoice))), relationship, moment)


def enclose(engine: Engine, document: Any, enclosure: Enclosure) -> Any:
    """Have the laid out document tell of the enclosure in its metadata; the attachment to write it with, which is empty yet."""
    told = document.metadata.generate_rdf_metadata

    def generate(*variant: Any) -> bytes:
        rdf: bytes = told(*variant)  # WeasyPrint's own option for more metadata begins a second rdf:RDF, which readers overlook
        return rdf.removesuffix(_RDF_END) + METADATA + _RDF_END

    document.metadata.generate_rdf_metadata = generate
    return engine.weasyprint.Attachment(
        string="",
        name=FILE_NAME,
        description="EN 16931",
        created=enclosure.moment,
        modified=enclosure.moment,
        relationship=enclosure.relationship,
        url_fetcher=document.url_fetcher,
    )


def put_in(pdf: Any, enclosure: Enclosure) -> None:
    """Put the packed XML in place of the empty file that was attached: the engine would hold the whole text, several times.

    And name it once in the catalogue's /AF: the engine names it twice.
    """
    (attached,) = (each for each in pdf.objects if getattr(each, "extra", {}).get("Type") == "/EmbeddedFile")
    attached.stream, attached.compress = [enclosure.xml.packed], False
    attached.extra["Filter"] = "/FlateDecode"
    attached.extra["Params"].update(CheckSum=f"<{enclosure.xml.md5}>", Size=enclosure.xml.size)
    pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
