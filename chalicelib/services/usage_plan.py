"""The plan of an import: what goes in for whom, worked out once and pinned, so that a repetition continues the same work.

One JSON line for the file, then one per part. Spelling only: parts are made in `usage_prepare`, carried out in `usage_commit`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import IO

from chalicelib.domain.usage_parts import Sums

LEVEL = 1
GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class PlanHead:
    """`tag` names the files of call records and hashes; `columns` are the free columns of the records."""

    tag: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Part:
    """What one transaction takes in for one customer: `calls` records, each once in the file, in a byte range, and their sums.

    The first part of a customer also counts the rows that the file itself disqualified. No calls: only those. An empty customer
    id: rows of unknown customers.
    """

    customer_id: str
    zone: str = ""
    number: int = 0
    calls: int = 0
    span_from: str = ""
    span_to: str = ""
    offset: int = 0
    length: int = 0
    ids_offset: int = 0
    rejected: int = 0
    duplicates: int = 0
    sums: Sums = field(default_factory=dict)


FIELDS = tuple(Part.__dataclass_fields__)
_as_fields = attrgetter(*FIELDS)
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class PlanWriter:
    """Writes a plan to a scratch file. The same plan is always the same bytes."""

    def __init__(self, file: IO[bytes], head: PlanHead) -> None:
        """Begin a plan."""
        self._packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0)
        self._write([head.tag, *head.columns])

    def add_part(self, part: Part) -> None:
        """Add a part."""
        self._write(_as_fields(part))

    def close(self) -> None:
        """Finish the plan; the scratch file stays open."""
        self._packed.close()

    def _write(self, value: object) -> None:
        self._packed.write(_as_json(value).encode() + b"\n")


def read_plan(file: IO[bytes]) -> tuple[PlanHead, Iterator[Part]]:
    """The head of a plan, and its parts one by one, from the beginning of the file."""
    file.seek(0)
    lines = gzip.GzipFile(fileobj=file, mode="rb")
    tag, *columns = json.loads(lines.readline())
    return PlanHead(tag, tuple(columns)), (Part(*json.loads(line)) for line in lines)


def read_head(beginning: bytes) -> PlanHead:
    """The head of a plan from the first bytes of its file."""
    line = zlib.decompressobj(GZIP_WINDOW).decompress(beginning).partition(b"\n")[0]
    tag, *columns = json.loads(line)
    return PlanHead(tag, tuple(columns))
