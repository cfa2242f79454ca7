"""What a document's e-invoice says of its amounts, in both syntaxes; the official rules judge it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

SYNTAXES: Mapping[str, Mapping[str, str]] = {
    "cii": {
        "subtotal": "TaxBasisTotalAmount",
        "tax_total": "TaxTotalAmount",
        "total": "GrandTotalAmount",
        "line": "IncludedSupplyChainTradeLineItem",
        "line net": "LineTotalAmount",
        "tax": "ApplicableTradeTax",
        "base": "BasisAmount",
        "taxed": "CalculatedAmount",
    },
    "ubl": {
        "subtotal": "TaxExclusiveAmount",
        "tax_total": "TaxTotal/TaxAmount",
        "total": "TaxInclusiveAmount",
        "line": "InvoiceLine|CreditNoteLine",
        "line net": "LineExtensionAmount",
        "tax": "TaxSubtotal",
        "base": "TaxableAmount",
        "taxed": "TaxAmount",
    },
}


def read_xml(text: str, syntax: str, like: str) -> dict[str, dict[str, str]]:
    """Part of the document → amount → figure, with as many digits as the amount `like` has."""
    names, root = SYNTAXES[syntax], fromstring(text.encode())
    totals = {name: _figure(next(_find(root, names[name])), like) for name in ("subtotal", "tax_total", "total")}
    lines = [{"net": _figure(next(_find(line, names["line net"])), like)} for line in _find(root, names["line"])]
    groups = [
        {"net": _figure(next(_find(tax, names["base"])), like), "tax": _figure(next(_find(tax, names["taxed"])), like)}
        for tax in _find(root, names["tax"])
        if next(_find(tax, names["base"]), None) is not None
    ]
    parts = {f"line {n}": line for n, line in enumerate(lines, 1)} | {f"tax {n}": group for n, group in enumerate(groups)}
    return parts | {"totals": totals}


def told_by_xml(reply: Any, syntax: str, shown: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The parts that the answer tells; none where the norm cannot say the document's amounts, and the answer says so."""
    if reply.status == 200:
        return read_xml(reply.text, syntax, shown["total"])
    assert {one["code"] for one in reply.json["issues"]} == {"invalid_amount"}, reply.json
    return {}


def _find(root: Element, name: str) -> Iterator[Element]:
    """Elements of a local name (or one of several), or of a child in a parent."""
    parent, _, child = name.rpartition("/")
    wanted = set(child.split("|"))
    places = [one for one in root.iter() if _local(one) == parent] if parent else [root]
    for place in places:
        yield from (one for one in (place if parent else place.iter()) if _local(one) in wanted)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _figure(element: Element, like: str) -> str:
    exact = Decimal(str(element.text))
    return str(exact.quantize(Decimal(like))) if exact == exact.quantize(Decimal(like)) else str(exact)
