"""The official judges of e-invoices: XSD and Schematron of Factur-X 1.09 (CII) and of UBL 2.1 with the rules of CEN."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
RULES = {"cii": "facturx-en16931/FACTUR-X_EN16931.xslt", "ubl": "ubl-2.1/EN16931-UBL-validation.xslt"}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
COMPLAINTS = (f"{SVRL}failed-assert", f"{SVRL}successful-report")


def judge_cii(xml: bytes) -> list[str]:
    """What the Factur-X profile EN 16931 has against it, warnings too."""
    return _schema_errors(xml, "cii") + _broken_rules(xml, "cii")


def judge_ubl(xml: bytes) -> list[str]:
    """What UBL 2.1 and EN 16931 have against it, warnings too."""
    root = etree.QName(etree.fromstring(xml)).localname
    return _schema_errors(xml, root) + _broken_rules(xml, "ubl")


def _schema_errors(xml: bytes, name: str) -> list[str]:
    schema = _schema(name)
    return [] if schema.validate(etree.fromstring(xml)) else [str(error) for error in schema.error_log]


def _broken_rules(xml: bytes, name: str) -> list[str]:
    processor, stylesheets = _processor()
    report = stylesheets[name].transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    svrl = etree.fromstring(report.encode())
    assert len(svrl.findall(f".//{SVRL}fired-rule")) > 20, "rules that do not look find nothing"
    return [" ".join("".join(found.itertext()).split()) for found in svrl.iter(*COMPLAINTS)]


@cache
def _schema(name: str) -> Any:
    return etree.XMLSchema(etree.parse(str(_folder() / SCHEMAS[name])))


@cache
def _processor() -> tuple[Any, dict[str, Any]]:
    processor = PySaxonProcessor(license=False)
    xslt = processor.new_xslt30_processor()
    return processor, {name: xslt.compile_stylesheet(stylesheet_file=str(_folder() / path)) for name, path in RULES.items()}


def _folder() -> Path:
    """The files of the package factur-x; its code is not run."""
    spec = find_spec("facturx")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "xsd_and_schematron"
