"""Domain values to stored JSON and back: the one (de)serialiser of tables, pinned chunks and frozen documents.

JSON is canonical: fields in declaration order, no white space, decimals as strings, dates ISO 8601. Packed JSON is
zlib with a preset dictionary, so that an invoice of twenty lines fits one write unit.
"""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

DICTIONARY = (
    b'{"id":"1","kind":"manual","package_id":null,"assignment_id":null,"description":"United Kingdom France Germany '
    b'Spain Italy United States Mobile Fixed","start_date":"2026-","end_date":"2027-","quantity":"1","unit":"","unit'
    b'_price":"0.","discount_percent":"0","net":"0.","tax":{"category":"S","percent":"20","name":"VAT","reason":""},'
    b'"usage":{"calls":1,"attempts":2,"duration_seconds":30,"billed_seconds":60,"destination":""},"original_invoice_'
    b'id":null},{"id":"2","kind":"invoice","number":null,"series":null,"sequence":null,"status":"draft","revision":0'
    b',"customer_id":"","customer":{"id":"","name":"","email":"","address":{"line1":"","line2":"","city":"","region"'
    b':"","postcode":"","country":""},"tax_id":"","locale":"en","timezone":"Europe/","external_id":""},"operator":{"'
    b'name":"","address":{"line1":"","line2":"","city":"","region":"","postcode":"","country":""},"tax_id":"","email'
    b'":"","phone":"","website":"","registration":"","logo":"","accent_colour":"#2563eb","paper":"A4","payment_detai'
    b'ls":"","footer":""},"currency":"EUR","invoice_date":"2026-","due_date":"2026-","period":{"start_date":"2026-",'
    b'"end_date":"2026-"},"line_grouping":"destination","tax_rounding":"per_group","prices_include_tax":false,"lines'
    b'":[],"taxes":[{"category":"S","percent":"20","name":"VAT","net":"","tax":"","reason":""}],"subtotal":"","tax_t'
    b'otal":"","total":"","amount_paid":"0.00","amount_credited":"0.00","amount_refunded":"0.00","notes":"","buyer_r'
    b'eference":"","reason":"","original_invoice_id":null,"template":"stock","source":"schedule","days":["2026-11-01'
    b'","2026-11-02"],"pdf_status":"none","pdf_error":"","version":1,"created_at":"2026-11-01T00:00:00Z","issued_at"'
    b':null,"voided_at":null}'
)
"""Typical invoice JSON. Part of the stored format: never change it, add a second one under another first byte."""

PLAIN = b"\x01"


def dump(value: object) -> bytes:
    """The value's canonical JSON."""
    return _of(value).dump_json(value)


def load(kind: type[T], raw: bytes | str) -> T:
    """The value a canonical JSON stands for."""
    result: T = _adapter(kind).validate_json(raw)
    return result


def restore(kind: type[T], value: Any) -> T:
    """Inverse of `plain`."""
    result: T = _adapter(kind).validate_python(value)
    return result


def plain(value: object) -> Any:
    """The value as JSON-ready lists, dicts, strings and numbers (decimals and dates as strings)."""
    return _of(value).dump_python(value, mode="json")


def pack(value: object) -> bytes:
    """Canonical JSON, compressed; the first byte names the dictionary."""
    return pack_json(dump(value))


def unpack(kind: type[T], packed: bytes) -> T:
    """Inverse of `pack`."""
    return load(kind, unpack_json(packed))


def pack_json(raw: bytes) -> bytes:
    """Compress JSON with the preset dictionary."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)
    return PLAIN + squeezer.compress(raw) + squeezer.flush()


def unpack_json(packed: bytes) -> bytes:
    """Inverse of `pack_json`; an unknown first byte is a stored value of a newer version and raises ValueError."""
    if packed[:1] != PLAIN:
        raise ValueError("stored value of an unknown format")
    opener = zlib.decompressobj(-15, DICTIONARY)
    return opener.decompress(packed[1:]) + opener.flush()


def _of(value: object) -> TypeAdapter[Any]:
    return _adapter(type(value))


def _adapter(kind: Any) -> TypeAdapter[Any]:
    adapter = _adapters.get(kind)
    if adapter is None:
        adapter = _adapters[kind] = TypeAdapter(kind)
    return adapter


_adapters: dict[Any, TypeAdapter[Any]] = {}
