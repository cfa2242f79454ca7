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
    b'{"number":"INV-1001","series":"invoices","sequence":1001,"status":"issued","kind":"credit_note","revision":1,"customer'
    b'":{"name":"Telecom Communications Limited GmbH S.A. Inc.","email":"billing@accounts@finance@example.com","address":{"l'
    b'ine1":"1 High Street","line2":"","city":"London","region":"","postcode":"10115","country":"DE"},"tax_id":"DE","locale"'
    b':"en-GB","timezone":"America/Asia/Europe/","external_id":""},"operator":{"name":"","address":{}},"currency":"USD","inv'
    b'oice_date":"2027-01-01","due_date":"2026-12-15","period":{"start_date":"2026-11-01","end_date":"2026-11-30"},"line_gro'
    b'uping":"destination","tax_rounding":"per_line","prices_include_tax":true,"taxes":[{"category":"S","percent":"20","name'
    b'":"VAT","net":"1000.00","tax":"200.00","reason":"Reverse charge"}],"subtotal":"1000.00","tax_total":"200.00","total":"'
    b'1200.00","notes":"","buyer_reference":"","template":"stock","source":"schedule","days":["2026-11-01",30],"pdf_status":'
    b'"rendering","version":1,"created_at":"2026-12-01T02:05:00Z","issued_at":"2026-12-01T02:05:10.123456Z","lines":[[1,{"id'
    b'":{"=":"1"},"kind":{"=":"package"},"package_id":{"=":"01k"},"assignment_id":{"=":"01k"},"description":{"=":"Monthly li'
    b'ne rental"},"start_date":{"=":"2026-11-01"},"end_date":{"=":"2026-11-30"},"quantity":"2","unit_price":{"=":"10.00"},"n'
    b'et":{"=":"20.00"},"tax":{"=":{"percent":"19"}}}],[20,{"id":"1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|2'
    b'3|24|25|26|27|28|29|30","kind":{"=":"usage"},"description":"Austria Mobile|Belgium|Brazil Mobile|China|Denmark|France|'
    b"France Mobile|Germany|Germany Mobile|India|Italy|Mexico|Netherlands|Norway|Poland Mobile|Spain|Sweden|Switzerland|Turk"
    b'ey|United Kingdom|United Kingdom Mobile|United States Fixed or Mobile","start_date":{"=":"2026-11-01"},"end_date":{"="'
    b':"2026-11-30"},"unit_price":"12.3456|","net":"12.35|","tax":{"=":{"percent":"20"}},"usage.calls":{"#":"100|"},"usage.a'
    b'ttempts":{"#":"200|"},"usage.duration_seconds":{"#":"6000|"},"usage.billed_seconds":{"#":"6600|"},"usage.destination":'
    b'{"as":"description"}}]]}'
)
"""A typical invoice body. Part of the stored format: never change it, add a second one under another first byte."""

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


def plain(value: object, *, but_defaults: bool = False) -> Any:
    """The value as JSON-ready lists, dicts, strings and numbers (decimals and dates as strings)."""
    return _of(value).dump_python(value, mode="json", exclude_defaults=but_defaults)


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
