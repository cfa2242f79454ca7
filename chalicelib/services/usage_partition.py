"""Pass one of an import: the rows of a file put together by customer, on disk, with their line numbers.

Memory stays flat: rows leave it every so often, and only known customers are kept track of. Values are not looked at.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from chalicelib.domain.usage_records import Rejection
from chalicelib.services.usage_rows import Broken, Fields, Piece, PlainLines, Sheet

BUFFERED_ROWS = 100_000
BUFFERED_CHARACTERS = 16 << 20
UNKNOWN = Rejection("unknown_customer", "There is no customer with this id.")

FindZones = Callable[[Collection[str]], dict[str, str]]
"""Time zones of those customers that exist."""
Refuse = Callable[[str, int, Rejection, str], None]
"""Takes customer id, line, reason and text of a row that is not taken."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """Rows of one customer on disk: line numbers, then texts; each text is a plain CSV line, or a JSON array of fields."""

    offset: int
    rows: int
    length: int
    is_plain: bool


@dataclass(slots=True)
class _Bucket:
    lines: array[int]
    texts: list[str]


class Partition:
    """Rows by customer. `add` every piece, `close`, then `load` customer by customer."""

    def __init__(self, sheet: Sheet, spool: IO[bytes], find_zones: FindZones, refuse: Refuse) -> None:
        """`spool` is a scratch file of our own."""
        self.rows = 0
        self.zones: dict[str, str] = {}
        self._sheet, self._spool, self._find_zones, self._refuse = sheet, spool, find_zones, refuse
        self._at = list(sheet.columns).index("customer_id")
        self._plain: dict[str, _Bucket] = {}
        self._parsed: dict[str, _Bucket] = {}
        self._buffered = self._characters = 0
        self._extents: dict[str, list[_Extent]] = {}

    def read(self) -> None:
        """Take in the whole file."""
        for piece in self._sheet.pieces:
            self._add(piece)
            if self._buffered >= BUFFERED_ROWS or self._characters >= BUFFERED_CHARACTERS:
                self._flush()
        self._flush()

    def customers(self) -> list[str]:
        """Known customers that have rows, in order."""
        return sorted(self._extents)

    def load(self, customer_id: str) -> tuple[list[int], list[Sequence[str]]]:
        """Line numbers and rows of a customer, in order of lines."""
        extents = self._extents[customer_id]
        lines: list[int] = []
        rows: list[Sequence[str]] = []
        for extent in extents:
            numbers, texts = self._read_extent(extent)
            lines += numbers
            rows += [text.split(",") for text in texts] if extent.is_plain else self._parse(texts)
        if not all(extent.is_plain for extent in extents):
            order = sorted(range(len(lines)), key=lines.__getitem__)
            lines, rows = [lines[i] for i in order], [rows[i] for i in order]
        return lines, rows

    def _add(self, piece: Piece) -> None:
        if isinstance(piece, PlainLines):
            self._add_plain(piece)
            return
        self.rows += 1
        if isinstance(piece, Broken):
            self._refuse("", piece.line, piece.rejection, piece.text)
            return
        text = json.dumps(piece.fields, ensure_ascii=False, separators=(",", ":"))
        self._characters += len(text)
        self._buffered += 1
        _put(self._parsed, self._customer(piece), piece.line, text)

    def _customer(self, piece: Fields) -> str:
        return piece.fields[self._at].strip() if len(piece.fields) > self._at else ""

    def _add_plain(self, piece: PlainLines) -> None:
        """The hot loop of pass one: cut each line just far enough to see whose it is."""
        at, buckets, rows = self._at, self._plain, 0
        for number, line in enumerate(piece.lines, piece.first):
            if not line or line.isspace():
                continue
            rows += 1
            fields = line.split(",", at + 1)
            customer_id = fields[at].strip() if len(fields) > at else ""
            bucket = buckets.get(customer_id)
            if bucket is None:
                bucket = buckets[customer_id] = _Bucket(array("I"), [])
            bucket.lines.append(number)
            bucket.texts.append(line)
        self.rows += rows
        self._buffered += rows
        self._characters += sum(map(len, piece.lines))

    def _flush(self) -> None:
        new = (self._plain.keys() | self._parsed.keys()) - self.zones.keys()
        self.zones |= self._find_zones(sorted(new)) if new else {}
        for buckets, is_plain in ((self._plain, True), (self._parsed, False)):
            for customer_id in sorted(buckets):
                self._store(customer_id, buckets[customer_id], is_plain=is_plain)
            buckets.clear()
        self._buffered = self._characters = 0

    def _store(self, customer_id: str, bucket: _Bucket, *, is_plain: bool) -> None:
        if customer_id not in self.zones:
            for line, text in zip(bucket.lines, bucket.texts, strict=True):
                self._refuse(customer_id, line, UNKNOWN, text)
            return
        body = bucket.lines.tobytes() + "\n".join(bucket.texts).encode()
        extent = _Extent(self._spool.tell(), len(bucket.lines), len(body), is_plain)
        self._spool.write(body)
        self._extents.setdefault(customer_id, []).append(extent)

    def _read_extent(self, extent: _Extent) -> tuple[Sequence[int], list[str]]:
        self._spool.seek(extent.offset)
        body = self._spool.read(extent.length)
        numbers = array("I")
        size = extent.rows * numbers.itemsize
        numbers.frombytes(body[:size])
        return numbers, body[size:].decode().split("\n")

    def _parse(self, texts: Sequence[str]) -> Iterator[Sequence[str]]:
        """Rows of fields; those of JSON Lines are filled up to all columns that the file turned out to have."""
        width = len(self._sheet.columns) if self._sheet.is_ragged else 0
        for text in texts:
            fields = json.loads(text)
            yield fields + [""] * (width - len(fields))


def _put(buckets: dict[str, _Bucket], customer_id: str, line: int, text: str) -> None:
    bucket = buckets.setdefault(customer_id, _Bucket(array("I"), []))
    bucket.lines.append(line)
    bucket.texts.append(text)
