"""From a file to a pinned plan: read it whole, judge every row, write call records, hashes and refused rows, then pin.

Nothing is billed here. A file that is refused as a whole is refused before anything is pinned; a repetition before the pin starts
over, after it the pinned plan counts, whoever made it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from zlib import crc32

from chalicelib.domain.errors import Invalid
from chalicelib.domain.usage_batch import Batch
from chalicelib.domain.usage_calls import Calls, Judge, Judged, Refused, free_columns
from chalicelib.domain.usage_parts import calculate_sums, split_parts
from chalicelib.domain.usage_records import present_instant
from chalicelib.services.call_records import pack_records
from chalicelib.services.usage_partition import Partition
from chalicelib.services.usage_plan import Part, PlanHead, PlanWriter
from chalicelib.services.usage_reading import read_text
from chalicelib.services.usage_rejects import RejectWriter
from chalicelib.services.usage_rows import open_sheet
from chalicelib.store import usage_files as files
from chalicelib.store.customer_profiles import find_zones

CLOCK_SKEW = 300
"""Seconds that a switch's clock may be ahead of ours; later calls are in the future."""


@dataclass(frozen=True, slots=True)
class _Scratch:
    spool: IO[bytes]
    rows: IO[bytes]
    ids: IO[bytes]
    rejects: IO[bytes]


@contextmanager
def pinned_plan(batch: Batch, tag: str) -> Iterator[IO[bytes]]:
    """The batch's plan as a scratch file; made and pinned under `tag` if there is none yet.

    Raises Invalid (the file is refused as a whole), NotFound or Conflict (it is not there any more as it was).
    """
    with TemporaryFile() as plan:
        if not files.fetch_file(files.plan_key(batch.id), plan):
            _prepare(batch, tag, plan)
            if not files.put_file_once(files.plan_key(batch.id), plan, "application/gzip"):
                files.fetch_file(files.plan_key(batch.id), plan)
        yield plan


def hash_ids(ids: list[str]) -> array[int]:
    """64-bit hashes of call ids, in their order. They find candidates only: what looks the same is compared in full.

    One digest per call would be a tenth of an import's time; two checksums, of the id and of its mirror image, do as well here.
    """
    together = "\n".join(ids).encode()
    halves = array("I", bytes(files.HASH_BYTES * len(ids)))
    halves[1::2] = array("I", map(crc32, together.split(b"\n")))
    halves[0::2] = array("I", map(crc32, reversed(together[::-1].split(b"\n"))))
    return array("Q", halves.tobytes())


def _prepare(batch: Batch, tag: str, plan: IO[bytes]) -> None:
    with TemporaryFile() as spool, TemporaryFile() as rows, TemporaryFile() as ids, TemporaryFile() as rejects:
        scratch = _Scratch(spool, rows, ids, rejects)
        _work_out(batch, tag, plan, scratch)
        files.put_file(files.rows_key(batch.id, tag), rows, "application/gzip")
        files.put_file(files.ids_key(batch.id, tag), ids, "application/octet-stream")
        files.put_file(files.rejects_key(batch.id, tag), rejects, "text/csv; charset=utf-8")


def _work_out(batch: Batch, tag: str, plan: IO[bytes], scratch: _Scratch) -> None:
    rejects = RejectWriter(scratch.rejects, header=True)
    sheet = open_sheet(read_text(files.open_source(batch.source, batch.version).body))
    partition = Partition(sheet, scratch.spool, find_zones, rejects.add)
    partition.read()
    if not partition.rows:
        raise Invalid("empty_file")
    unknown = rejects.rows
    columns = tuple(sheet.columns)
    judge = Judge(columns, int(batch.created_at.timestamp()) + CLOCK_SKEW)
    writer = PlanWriter(plan, PlanHead(tag, free_columns(columns)))
    if unknown:
        writer.add_part(Part("", rejected=unknown))
    for customer_id in partition.customers():
        judged = partition.judge(customer_id, judge)
        _list_refused(customer_id, judged, rejects)
        for part in _parts(customer_id, partition.zones[customer_id], judged, scratch):
            writer.add_part(part)
    writer.close()


def _list_refused(customer_id: str, judged: Judged, rejects: RejectWriter) -> None:
    for one in sorted(judged.refused + judged.duplicates, key=_line):
        rejects.add(customer_id, one.line, one.rejection, ",".join(one.row))


def _line(refused: Refused) -> int:
    return refused.line


def _parts(customer_id: str, zone: str, judged: Judged, scratch: _Scratch) -> Iterator[Part]:
    """Write the files of each part; the first counts what was refused."""
    first = Part(customer_id, zone, rejected=len(judged.refused), duplicates=len(judged.duplicates))
    if not judged.calls:
        yield first
    for number, calls in enumerate(split_parts(judged.calls)):
        part = Part(customer_id, zone, number) if number else first
        _store(part, calls, scratch)
        yield part


def _store(part: Part, calls: Calls, scratch: _Scratch) -> None:
    """Write the files of a part, and note in it where they are and what they add up to."""
    part.calls = len(calls)
    part.span_from, part.span_to = present_instant(calls.starts[0]), present_instant(calls.starts[-1])
    part.offset, part.ids_offset = scratch.rows.tell(), scratch.ids.tell()
    part.length = scratch.rows.write(pack_records(calls))
    scratch.ids.write(hash_ids(calls.ids).tobytes())
    part.sums = calculate_sums(calls, part.zone)
