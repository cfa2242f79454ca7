"""Pass one of an import: the rows of a file put together by customer, on disk, with their line numbers.

Memory stays flat: rows leave it every so often, and only known customers are kept track of. Values are not looked at.
"""

from __future__ import annotations

import json
import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import IO, Any

from chalicelib.domain.usage_calls import Judge, Judged
from chalicelib.domain.usage_records import Rejection
from chalicelib.services.usage_rows import Broken, Piece, PlainLines, Sheet

BUFFERED_ROWS = 250_000
BUFFERED_CHARACTERS = 24 << 20
UNKNOWN = Rejection("unknown_customer", "There is no customer with this id.")
NOBODY = Rejection("required", "customer_id is missing.")

FindZones = Callable[[Collection[str]], dict[str, str]]
"""Time zones of those customers that exist."""
Refuse = Callable[[str, int, Rejection, str], None]
"""Takes customer id, line, reason and text of a row that is not taken."""
Buckets = defaultdict[str, list[Any]]
"""By customer, texts of rows and line numbers by turns: one list is filled faster than two."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """Rows of one customer on disk: line numbers, then texts; each text is a plain CSV line, or a JSON array of fields."""

    offset: int
    rows: int
    length: int
    is_plain: bool


class Partition:
    """Rows by customer. `read` the whole file, then `judge` customer by customer."""

    def __init__(self, sheet: Sheet, spool: IO[bytes], find_zones: FindZones, refuse: Refuse) -> None:
        """`spool` is a scratch file of our own."""
        self.rows = 0
        self.zones: dict[str, str] = {}
        self._sheet, self._spool, self._find_zones, self._refuse = sheet, spool, find_zones, refuse
        self._at = list(sheet.columns).index("customer_id")
        self._plain: Buckets = defaultdict(list)
        self._parsed: Buckets = defaultdict(list)
        self._buffered = self._characters = 0
        self._extents: dict[str, list[_Extent]] = {}

    def read(self) -> None:
        """Take in the whole file."""
        for piece in self._sheet.pieces:
            self._add(piece)
            if self._buffered >= BUFFERED_ROWS or self._characters >= BUFFERED_CHARACTERS:
                self._flush()
        self._flush()
        self._spool.flush()

    def customers(self) -> list[str]:
        """Known customers that have rows, in order."""
        return sorted(self._extents)

    def judge(self, customer_id: str, judge: Judge) -> Judged:
        """Have a customer's rows judged, in order of lines."""
        extents = self._extents[customer_id]
        numbers: list[int] = []
        texts: list[str] = []
        for extent in extents:
            lines, text = self._read_extent(extent)
            numbers += lines
            texts.append(text)
        if all(extent.is_plain for extent in extents):
            return judge.judge_text(numbers, "\n".join(texts))
        rows = [row for extent, text in zip(extents, texts, strict=True) for row in self._take_apart(text, extent)]
        order = sorted(range(len(rows)), key=numbers.__getitem__)
        return judge.judge([numbers[i] for i in order], [rows[i] for i in order])

    def _add(self, piece: Piece) -> None:
        if isinstance(piece, PlainLines):
            self._add_plain(piece)
        elif isinstance(piece, Broken):
            self.rows += 1
            self._refuse("", piece.line, piece.rejection, piece.text)
        else:
            text = json.dumps(piece.fields, ensure_ascii=False, separators=(",", ":"))
            self._characters += len(text)
            self._buffered += 1
            self._parsed[_field(piece.fields, self._at)] += (text, piece.line)

    def _add_plain(self, piece: PlainLines) -> None:
        """The hot loop of pass one."""
        buckets = self._plain
        for customer_id, line, number in zip(self._owners(piece), piece.lines, count(piece.first)):  # count has no end
            bucket = buckets[customer_id]
            bucket.append(line)
            bucket.append(number)
        self._buffered += len(piece.lines)
        self._characters += piece.characters

    def _owners(self, piece: PlainLines) -> list[str]:
        """Each line is cut just far enough to see whose it is; spaces around are cut off later, once a customer."""
        at = self._at
        try:
            return [line.split(",", at + 1)[at] for line in piece.lines]
        except IndexError:
            return [_field(line.split(",", at + 1), at) for line in piece.lines]

    def _flush(self) -> None:
        plain = _by_clean_name(self._plain)
        new = (plain.keys() | self._parsed.keys()) - self.zones.keys()
        self.zones |= self._find_zones(sorted(new)) if new else {}
        for buckets, is_plain in ((plain, True), (self._parsed, False)):
            for customer_id in sorted(buckets):
                self._store(customer_id, buckets[customer_id], is_plain=is_plain)
            buckets.clear()
        self._plain.clear()
        self._buffered = self._characters = 0

    def _store(self, customer_id: str, bucket: list[Any], *, is_plain: bool) -> None:
        texts, lines = bucket[::2], bucket[1::2]
        if customer_id not in self.zones:
            for line, text in zip(lines, texts, strict=True):
                self._refuse_unknown(customer_id, line, text)
            return
        self.rows += len(lines)
        body = array("I", lines).tobytes() + "\n".join(texts).encode()
        extent = _Extent(self._spool.tell(), len(lines), len(body), is_plain)
        self._spool.write(body)
        self._extents.setdefault(customer_id, []).append(extent)

    def _refuse_unknown(self, customer_id: str, line: int, text: str) -> None:
        """Blank lines are no rows."""
        if text and not text.isspace():
            self.rows += 1
            self._refuse(customer_id, line, UNKNOWN if customer_id else NOBODY, text)

    def _read_extent(self, extent: _Extent) -> tuple[Sequence[int], str]:
        body = os.pread(self._spool.fileno(), extent.length, extent.offset)
        numbers = array("I")
        size = extent.rows * numbers.itemsize
        numbers.frombytes(body[:size])
        return numbers, body[size:].decode()

    def _take_apart(self, text: str, extent: _Extent) -> Iterator[Sequence[str]]:
        """Rows of fields; those of JSON Lines are filled up to all columns that the file turned out to have."""
        width = len(self._sheet.columns) if self._sheet.is_ragged else 0
        for line in text.split("\n"):
            fields = line.split(",") if extent.is_plain else json.loads(line)
            yield fields + [""] * (width - len(fields))


def _field(fields: Sequence[str], at: int) -> str:
    return fields[at].strip() if len(fields) > at else ""


def _by_clean_name(buckets: Buckets) -> Buckets:
    """Buckets under names without spaces around; what falls together is put in order of lines again."""
    clean: Buckets = defaultdict(list)
    for name, bucket in buckets.items():
        clean[name.strip()] += bucket
    if len(clean) < len(buckets):
        for bucket in clean.values():
            pairs = sorted(zip(bucket[1::2], bucket[::2], strict=True))
            bucket[1::2], bucket[::2] = [line for line, _ in pairs], [text for _, text in pairs]
    return clean
